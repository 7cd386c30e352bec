import type { IncomingHttpHeaders } from "node:http";
import type { EmulatedAzure } from "../emulated-azure.js";
import type { GroupAddress } from "../groups/group.js";
import type { Answer } from "./answer.js";

/** One request, read and routed. */
export interface Call {
  readonly azure: EmulatedAzure;
  readonly method: string;
  readonly path: string;
  /** The parts of the path that the route names. */
  readonly parts: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly apiVersion: string;
  readonly headers: IncomingHttpHeaders;
  /** JSON, or the text of a form on a route that takes one. */
  readonly body: unknown;
}

/** What answers one kind of request. */
export type Handler = (call: Call) => Answer | Promise<Answer>;

/** The location that a request is about: that of its path or body, or of the group that it names. */
export function locationOf(call: Call): string | undefined {
  const { location } = (call.body ?? {}) as { readonly location?: unknown };
  const said = call.parts["location"] ?? location;
  return typeof said === "string" ? said : call.azure.groups.find(addressOf(call))?.body.location;
}

/** The group that a path names. */
export function addressOf({ parts }: Call): GroupAddress {
  return { subscriptionId: parts["subscription"] ?? "", resourceGroup: parts["resourceGroup"] ?? "", name: parts["group"] ?? "" };
}
