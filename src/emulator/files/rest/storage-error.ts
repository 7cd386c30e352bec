import { hasFailedWith } from "../held-folder.js";

/** A refusal in the shape in which storage services give them. */
export class StorageError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** What was wrong with the authentication, as it is told back. */
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** The service's own refusals, with its codes and words. */
export const refusals = {
  shareNotFound: (): StorageError => new StorageError(404, "ShareNotFound", "The specified share does not exist."),
  shareAlreadyExists: (): StorageError => new StorageError(409, "ShareAlreadyExists", "The specified share already exists."),
  parentNotFound: (): StorageError => new StorageError(404, "ParentNotFound", "The specified parent path does not exist."),
  resourceNotFound: (): StorageError => new StorageError(404, "ResourceNotFound", "The specified resource does not exist."),
  resourceAlreadyExists: (): StorageError => new StorageError(409, "ResourceAlreadyExists", "The specified resource already exists."),
  resourceTypeMismatch: (): StorageError => new StorageError(409, "ResourceTypeMismatch", "The specified resource type does not match the type of the existing resource."),
  directoryNotEmpty: (): StorageError => new StorageError(409, "DirectoryNotEmpty", "The specified directory is not empty."),
  invalidName: (): StorageError => new StorageError(400, "InvalidResourceName", "The specified resource name contains invalid characters."),
  invalidUri: (): StorageError => new StorageError(400, "InvalidUri", "The requested URI does not represent any resource on the server."),
  invalidRange: (): StorageError => new StorageError(416, "InvalidRange", "The range specified is invalid for the current size of the resource."),
  invalidHeader: (name: string): StorageError => new StorageError(400, "InvalidHeaderValue", `The value for one of the HTTP headers is not in the correct format: ${name}.`),
  invalidQuery: (name: string): StorageError => new StorageError(400, "InvalidQueryParameterValue", `Value for one of the query parameters specified in the request URI is invalid: ${name}.`),
  outOfRange: (name: string): StorageError => new StorageError(400, "OutOfRangeQueryParameterValue", `One of the query parameters specified in the request URI is outside the permissible range: ${name}.`),
  bodyTooLarge: (): StorageError => new StorageError(413, "RequestBodyTooLarge", "The request body is too large and exceeds the maximum permissible limit."),
  notImplemented: (): StorageError => new StorageError(501, "NotImplemented", "The emulator does not have this operation."),
  notAuthenticated: (detail: string): StorageError =>
    new StorageError(403, "AuthenticationFailed", "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.", detail),
  notAuthorized: (code: "" | "Permission" | "ResourceType" | "Service" | "Protocol" | "SourceIP"): StorageError =>
    new StorageError(403, code === "" ? "AuthorizationFailure" : `Authorization${code}Mismatch`, "This request is not authorized to perform this operation."),
} as const;

const byCode: readonly (readonly [readonly string[], () => StorageError])[] = [
  [["ENOENT"], refusals.resourceNotFound],
  [["EEXIST"], refusals.resourceAlreadyExists],
  [["ENOTEMPTY"], refusals.directoryNotEmpty],
  [["ELOOP", "ENOTDIR", "EISDIR", "ENXIO"], refusals.resourceTypeMismatch],
  // A folder cannot be moved into itself.
  [["EINVAL"], () => new StorageError(400, "InvalidInput", "One of the request inputs is not valid.")],
  [["ENAMETOOLONG"], refusals.invalidName],
  // Containers often run as another user than the emulator.
  [["EACCES", "EPERM"], () => new StorageError(403, "AuthorizationFailure", "The emulator's user may not do this to the file or folder.")],
];

/** What a failure is told as: a refusal as it is, a failed system call as what the service would say of it. */
export function toStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const known = byCode.find(([codes]) => hasFailedWith(error, ...codes))?.[1];
  return known?.() ?? new StorageError(500, "InternalError", `The emulator failed: ${error instanceof Error ? error.message : String(error)}`);
}
