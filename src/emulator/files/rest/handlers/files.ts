import { constants, type BigIntStats } from "node:fs";
import { hasFailedWith } from "../../held-folder.js";
import { metadataHeaders, readContentHeaders, readMetadata, readNumber, systemHeaders, versionHeaders } from "../entity-headers.js";
import type { FileAnswer } from "../file-answer.js";
import type { KeptProperties, PropertyBook } from "../property-book.js";
import { refusals } from "../storage-error.js";
import { nameOf, openParent, type FileCall } from "./call.js";

const LARGEST_FILE_IN_BYTES = 4 * 1024 ** 4;
const { O_RDWR, O_CREAT, O_EXCL } = constants;

/** Create File: an empty one of the size, in the place of the one that was there. */
export async function createFile(call: FileCall): Promise<FileAnswer> {
  const hasContent = (call.request.header("content-length") ?? "0") !== "0";
  if (call.request.header("x-ms-type") !== "file" || hasContent) throw refusals.notImplemented();
  const size = readNumber(call.request, "x-ms-content-length", LARGEST_FILE_IN_BYTES);
  const change = { metadata: readMetadata(call.request), headers: readContentHeaders(call.request) };
  await using parent = await openParent(call);
  await using file = await parent.openFile(nameOf(call), O_RDWR | O_CREAT | (call.grant.canOverwrite ? 0 : O_EXCL)).catch((error: unknown) => {
    throw hasFailedWith(error, "EEXIST") ? refusals.notAuthorized("Permission") : error;
  });
  await file.truncate();
  await file.truncate(size);
  const stats = await file.stat({ bigint: true });
  call.book.forget(stats);
  if (Object.keys({ ...change.metadata, ...change.headers }).length > 0) call.book.change(stats, change);
  const headers = { ...versionHeaders(stats, call.book.read(stats)), ...systemHeaders(stats, await parent.stat()), "x-ms-request-server-encrypted": "true" };
  return { status: 201, headers };
}

/** Get File Properties, and Get File Metadata. */
export async function getFileProperties(call: FileCall): Promise<FileAnswer> {
  await using parent = await openParent(call);
  const stats = await parent.look(nameOf(call));
  if (!stats.isFile()) throw refusals.resourceTypeMismatch();
  const headers = { ...fileHeaders(stats, call.book.read(stats)), ...systemHeaders(stats, await parent.stat()), ...call.grant.headers };
  return { status: 200, headers: { ...headers, "Content-Length": String(stats.size) } };
}

/** Set File Properties: the content headers, and the size if it is given. */
export async function setFileProperties(call: FileCall): Promise<FileAnswer> {
  const { request } = call;
  const size = request.header("x-ms-content-length") === undefined ? undefined : readNumber(request, "x-ms-content-length", LARGEST_FILE_IN_BYTES);
  return changeFile(call, { headers: readContentHeaders(request) }, size);
}

/** Set File Metadata. */
export async function setFileMetadata(call: FileCall): Promise<FileAnswer> {
  return changeFile(call, { metadata: readMetadata(call.request) });
}

/** Delete File. A link is deleted itself, not what it leads to. */
export async function deleteFile(call: FileCall): Promise<FileAnswer> {
  await using parent = await openParent(call);
  const stats = await parent.look(nameOf(call));
  await parent.removeFile(nameOf(call));
  call.book.forget(stats);
  return { status: 202 };
}

/** The headers that every answer with a file has. */
export function fileHeaders(stats: BigIntStats, kept: KeptProperties): Record<string, string> {
  return {
    ...versionHeaders(stats, kept),
    "Content-Type": "application/octet-stream",
    ...kept.headers,
    ...metadataHeaders(kept),
    "x-ms-type": "File",
    "x-ms-server-encrypted": "true",
    "x-ms-lease-status": "unlocked",
    "x-ms-lease-state": "available",
  };
}

async function changeFile(call: FileCall, change: Parameters<PropertyBook["change"]>[1], size?: number): Promise<FileAnswer> {
  await using parent = await openParent(call);
  await using file = await parent.openFile(nameOf(call), O_RDWR);
  if (size !== undefined) await file.truncate(size);
  const stats = await file.stat({ bigint: true });
  call.book.change(stats, change);
  const headers = { ...versionHeaders(stats, call.book.read(stats)), ...systemHeaders(stats, await parent.stat()), "x-ms-request-server-encrypted": "true" };
  return { status: 200, headers };
}
