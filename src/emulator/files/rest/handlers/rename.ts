import { hasFailedWith } from "../../held-folder.js";
import { authorize } from "../auth/authorize.js";
import { systemHeaders, versionHeaders } from "../entity-headers.js";
import type { FileAnswer } from "../file-answer.js";
import { readPlace, readRenameSource, type FileRequest } from "../file-request.js";
import { refusals } from "../storage-error.js";
import { nameOf, openParent, type FileCall } from "./call.js";

/** Rename File. */
export async function renameFile(call: FileCall): Promise<FileAnswer> {
  return rename(call, "file");
}

/** Rename Directory, with all that is in it. */
export async function renameDirectory(call: FileCall): Promise<FileAnswer> {
  return rename(call, "directory");
}

async function rename(call: FileCall, level: "file" | "directory"): Promise<FileAnswer> {
  const from = { ...call, path: readSourcePath(call, level) };
  await using source = await openParent(from);
  await using target = await openParent(call);
  const stats = await source.look(nameOf(from));
  if (level === "file" ? !stats.isFile() : !stats.isDirectory()) throw refusals.resourceTypeMismatch();
  const taken = await target.look(nameOf(call)).catch((error: unknown) => {
    if (!hasFailedWith(error, "ENOENT")) throw error;
  });
  const mayReplace = level === "file" && taken?.isFile() === true && call.request.header("x-ms-file-rename-replace-if-exists")?.toLowerCase() === "true";
  if (taken !== undefined && !mayReplace) throw refusals.resourceAlreadyExists();
  await source.rename(nameOf(from), target, nameOf(call)).catch((error: unknown) => {
    // Somebody else was quicker.
    throw hasFailedWith(error, "ENOTEMPTY", "EEXIST") ? refusals.resourceAlreadyExists() : error;
  });
  const moved = await target.look(nameOf(call));
  return { status: 200, headers: { ...versionHeaders(moved, call.book.read(moved)), ...systemHeaders(moved, await target.stat()), "x-ms-request-server-encrypted": "true" } };
}

// The source is in the same share, and a signature that is good for the target has to be good for it, too.
function readSourcePath({ request, share, key }: FileCall, level: "file" | "directory"): readonly string[] {
  const source = readRenameSource(request);
  if (source === undefined) throw refusals.invalidHeader("x-ms-file-rename-source");
  const asked: FileRequest = { ...request, names: source.names, query: source.query, header: (name) => (name === "authorization" ? undefined : request.header(name)) };
  if (request.header("authorization") === undefined) authorize(asked, { level, resource: "o", anyOf: "dw" }, key);
  const place = readPlace(asked);
  if (place.share !== share || place.path.length === 0 || source.account !== request.account) throw refusals.invalidHeader("x-ms-file-rename-source");
  return place.path;
}
