import type { FileRequest } from "../file-request.js";
import { refusals } from "../storage-error.js";
import { checkSharedAccess } from "./shared-access.js";
import { checkSharedKey } from "./shared-key.js";

/** What a request has to be allowed. */
export interface Need {
  /** What the request is about. */
  readonly level: "service" | "share" | "directory" | "file";
  /** The resource type that an account's signature has to name: service, container or object. */
  readonly resource: "s" | "c" | "o";
  /** Permissions, one of which is enough. */
  readonly anyOf: string;
}

/** What a request may, beyond what it needs. */
export interface Grant {
  /** Whether it may replace a file, or only make new ones. */
  readonly canOverwrite: boolean;
  /** Headers that a shared access signature puts on the answer. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Refuses a request that does not come from someone who knows the account's key, or was given a signature for this. */
export function authorize(request: FileRequest, need: Need, key: string): Grant {
  const authorization = request.header("authorization");
  if (authorization !== undefined) {
    checkSharedKey(request, authorization, key);
    return { canOverwrite: true, headers: {} };
  }
  if (request.query.has("sig")) return checkSharedAccess(request, need, key);
  throw refusals.notAuthenticated("The request has neither an Authorization header nor a shared access signature.");
}
