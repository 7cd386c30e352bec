import { ArmError, refusals } from "../arm-error.js";
import type { GroupAddress } from "../groups/group.js";
import type { FaultAnswer, FaultRule, RequestKind } from "./fault-rule.js";

/** What a fault does to one request. */
export interface Fault {
  readonly delayInMs: number;
  readonly isAfterEffect: boolean;
  /** The answer; `reset` breaks the connection, `pass` changes nothing. */
  readonly outcome: "reset" | "pass" | ArmError;
}

/** The faults that are set, and how often each has struck. */
export class FaultTable {
  #rules: { readonly rule: FaultRule; seen: number }[] = [];

  constructor(private readonly location: string) {}

  add(rule: FaultRule): void {
    this.#rules.push({ rule, seen: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault that strikes this request: that of the first rule that matches and is not used up. */
  strike(kind: RequestKind, address: GroupAddress): Fault | undefined {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (!matches(rule, kind, address.name)) continue;
      const first = rule.after ?? 0;
      if (entry.seen >= first + (rule.times ?? 1)) continue;
      if (entry.seen++ < first) continue;
      return { delayInMs: rule.delayInMs ?? 0, ...outcome(rule.answer, address, this.location) };
    }
    return undefined;
  }
}

function matches(rule: FaultRule, kind: RequestKind, name: string): boolean {
  const isKind = rule.on === "any" || (typeof rule.on === "string" ? rule.on === kind : rule.on.includes(kind));
  return isKind && (rule.name === undefined || rule.name.toLowerCase() === name.toLowerCase());
}

function outcome(answer: FaultAnswer, address: GroupAddress, location: string): Omit<Fault, "delayInMs"> {
  if (answer === "reset" || answer === "resetAfter") return { outcome: "reset", isAfterEffect: answer === "resetAfter" };
  if (answer === "pass") return { outcome: "pass", isAfterEffect: false };
  if (typeof answer === "string") return { outcome: named[answer](address, location), isAfterEffect: false };
  return { outcome: new ArmError(answer.status, answer.code, answer.message, answer.headers), isAfterEffect: answer.isAfterEffect === true };
}

// The refusals that have a name of their own, in the service's words.
const named: Record<Exclude<FaultAnswer, object | "reset" | "resetAfter" | "pass">, (address: GroupAddress, location: string) => ArmError> = {
  notFound: ({ resourceGroup, name }) => refusals.groupNotFound(resourceGroup, name),
  transitioning: ({ name }) => refusals.transitioning(name),
  registry: () => refusals.registryError("index.docker.io"),
  throttled: () => new ArmError(429, "TooManyRequests", "The request is being throttled as the limit has been reached for operation type. Please retry later.", { "Retry-After": "1" }),
  internal: () => new ArmError(500, "InternalServerError", "Encountered an internal server error. The tracking activity id is '00000000-0000-0000-0000-000000000000'."),
  gatewayTimeout: () =>
    new ArmError(504, "GatewayTimeout", "The gateway did not receive a response from 'Microsoft.ContainerInstance' within the specified time period.", {
      "x-ms-failure-cause": "service",
    }),
  capacity: (_address, location) =>
    new ArmError(
      409,
      "ServiceUnavailable",
      `The requested resource is not available in the location '${location}' at this moment. Please retry with a different resource request or in another location. Resource requested: '1' CPU '1.5' GB memory 'Linux' OS`,
    ),
  quota: (_address, location) =>
    new ArmError(
      400,
      "ContainerGroupQuotaReached",
      `Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota 'StandardCores' exceeded in region '${location}'. Limit: '10', Usage: '10' Requested: '1'.`,
    ),
};
