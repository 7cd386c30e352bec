import type { Need } from "./auth/authorize.js";
import type { FileRequest } from "./file-request.js";
import type { FileHandler } from "./handlers/call.js";
import { createDirectory, deleteDirectory, getDirectory, listDirectory, setDirectoryMetadata } from "./handlers/directories.js";
import { createFile, deleteFile, getFileProperties, setFileMetadata, setFileProperties } from "./handlers/files.js";
import { getFile, listRanges, putRange } from "./handlers/ranges.js";
import { renameDirectory, renameFile } from "./handlers/rename.js";
import { createShare, deleteShare, getShare, listShares, setShareMetadata, setShareProperties } from "./handlers/shares.js";
import { refusals } from "./storage-error.js";

/** One route: what it takes to be allowed, and what answers it. */
export interface FileRoute extends Need {
  readonly handler: FileHandler;
}

// By level, method and `comp`; then the resource type and the permissions, one of which is enough.
const routes: Readonly<Record<string, readonly [Need["resource"], string, FileHandler]>> = {
  "service GET list": ["s", "l", listShares],
  "share PUT": ["c", "cw", createShare],
  "share GET": ["c", "r", getShare],
  "share GET metadata": ["c", "r", getShare],
  "share PUT metadata": ["c", "w", setShareMetadata],
  "share PUT properties": ["c", "w", setShareProperties],
  "share DELETE": ["c", "d", deleteShare],
  "directory PUT": ["o", "cw", createDirectory],
  "directory GET": ["o", "r", getDirectory],
  "directory GET metadata": ["o", "r", getDirectory],
  "directory GET list": ["c", "l", listDirectory],
  "directory PUT metadata": ["o", "w", setDirectoryMetadata],
  "directory PUT rename": ["o", "cw", renameDirectory],
  "directory DELETE": ["o", "d", deleteDirectory],
  "file PUT": ["o", "cw", createFile],
  "file GET": ["o", "r", getFile],
  "file HEAD": ["o", "r", getFileProperties],
  "file GET metadata": ["o", "r", getFileProperties],
  "file HEAD metadata": ["o", "r", getFileProperties],
  "file GET rangelist": ["o", "r", listRanges],
  "file PUT metadata": ["o", "w", setFileMetadata],
  "file PUT properties": ["o", "w", setFileProperties],
  "file PUT rename": ["o", "cw", renameFile],
  "file PUT range": ["o", "w", putRange],
  "file DELETE": ["o", "d", deleteFile],
};

/** The route of a request. */
export function findFileRoute(request: FileRequest): FileRoute {
  const level = levelOf(request);
  // Of everything but a file, HEAD asks for the same headers as GET.
  const method = request.method === "HEAD" && level !== "file" ? "GET" : request.method;
  const comp = request.query.get("comp")?.toLowerCase();
  const key = [level, method, ...(comp === undefined ? [] : [comp])].join(" ");
  const [resource, anyOf, handler] = (Object.hasOwn(routes, key) ? routes[key] : undefined) ?? [];
  if (resource === undefined || anyOf === undefined || handler === undefined) throw refusals.notImplemented();
  return { level, resource, anyOf, handler };
}

function levelOf({ names, query }: FileRequest): Need["level"] {
  const type = query.get("restype")?.toLowerCase();
  if (names.length === 0 && type === undefined) return "service";
  if (names.length === 1 && type === "share") return "share";
  if (names.length > 0 && type === "directory") return "directory";
  if (names.length > 1 && type === undefined) return "file";
  throw refusals.notImplemented();
}
