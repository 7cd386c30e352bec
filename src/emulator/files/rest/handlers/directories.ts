import type { BigIntStats } from "node:fs";
import { hasFailedWith, type HeldFolder } from "../../held-folder.js";
import { etag, lastModified, metadataHeaders, readMetadata, systemHeaders, versionHeaders, windowsTime } from "../entity-headers.js";
import type { FileAnswer } from "../file-answer.js";
import { StorageError } from "../storage-error.js";
import { element, nameElement, texts } from "../xml.js";
import { nameOf, openParent, openShare, type FileCall } from "./call.js";
import { enumeration, readPage } from "./page.js";

/** List Directories and Files. Links, pipes and the like are not listed. */
export async function listDirectory(call: FileCall): Promise<FileAnswer> {
  await using folder = await openDirectory(call);
  const entries = await folder.entries();
  const page = readPage(call, entries.filter((entry) => entry.isFile() || entry.isDirectory()).map(({ name }) => name));
  const listed: string[] = [];
  for (const name of page.names) listed.push(await entryOf(call, folder, name));
  const about = { ShareName: call.share, DirectoryPath: call.path.join("/") };
  const directoryId = texts({ DirectoryId: String((await folder.stat()).ino) });
  return { status: 200, xml: enumeration(call, about, page, element("Entries", listed.join("")) + directoryId) };
}

/** Create Directory. */
export async function createDirectory(call: FileCall): Promise<FileAnswer> {
  const metadata = readMetadata(call.request);
  await using parent = await openParent(call);
  await parent.make(nameOf(call));
  const stats = await parent.look(nameOf(call));
  call.book.forget(stats);
  if (Object.keys(metadata).length > 0) call.book.change(stats, { metadata });
  const headers = { ...versionHeaders(stats, call.book.read(stats)), ...systemHeaders(stats, await parent.stat()), "x-ms-request-server-encrypted": "true" };
  return { status: 201, headers };
}

/** Get Directory Properties, and Get Directory Metadata. */
export async function getDirectory(call: FileCall): Promise<FileAnswer> {
  await using folder = await openDirectory(call);
  const stats = await folder.stat();
  const kept = call.book.read(stats);
  const parent = await parentOf(call);
  return { status: 200, headers: { ...versionHeaders(stats, kept), ...metadataHeaders(kept), ...systemHeaders(stats, parent), "x-ms-server-encrypted": "true" } };
}

/** Set Directory Metadata. */
export async function setDirectoryMetadata(call: FileCall): Promise<FileAnswer> {
  await using folder = await openDirectory(call);
  const stats = await folder.stat();
  call.book.change(stats, { metadata: readMetadata(call.request) });
  return { status: 200, headers: { ...versionHeaders(stats, call.book.read(stats)), "x-ms-request-server-encrypted": "true" } };
}

/** Delete Directory. */
export async function deleteDirectory(call: FileCall): Promise<FileAnswer> {
  await using parent = await openParent(call);
  if (call.path.length === 0) throw new StorageError(409, "CannotDeleteFileOrDirectory", "The root of a share cannot be deleted.");
  const stats = await parent.look(nameOf(call));
  await parent.removeFolder(nameOf(call));
  call.book.forget(stats);
  return { status: 202 };
}

async function openDirectory(call: FileCall): Promise<HeldFolder> {
  if (call.path.length === 0) return openShare(call);
  await using parent = await openParent(call);
  return await parent.descend([nameOf(call)]);
}

async function parentOf(call: FileCall): Promise<BigIntStats | undefined> {
  if (call.path.length === 0) return undefined;
  await using parent = await openParent(call);
  return await parent.stat();
}

// What has gone since the names were read is left out.
async function entryOf(call: FileCall, folder: HeldFolder, name: string): Promise<string> {
  const stats = await folder.look(name).catch((error: unknown) => {
    if (!hasFailedWith(error, "ENOENT")) throw error;
  });
  if (stats === undefined) return "";
  const include = (call.request.query.get("include") ?? "").toLowerCase().split(",");
  const properties = texts({ "Content-Length": stats.isFile() ? Number(stats.size) : undefined, ...timesOf(call, stats, include) });
  const attributes = include.includes("attributes") ? texts({ Attributes: stats.isDirectory() ? "Directory" : "Archive" }) : "";
  const content = nameElement(name) + texts({ FileId: String(stats.ino) }) + element("Properties", properties) + attributes;
  return element(stats.isDirectory() ? "Directory" : "File", content);
}

function timesOf({ book }: FileCall, stats: BigIntStats, include: readonly string[]): Record<string, string | undefined> {
  const times = {
    CreationTime: windowsTime(stats.birthtimeNs),
    LastAccessTime: windowsTime(stats.atimeNs),
    LastWriteTime: windowsTime(stats.mtimeNs),
    ChangeTime: windowsTime(stats.ctimeNs),
    "Last-Modified": lastModified(stats),
  };
  const mark = include.includes("etag") ? { Etag: `"${etag(stats, book.read(stats).revision)}"` } : {};
  return { ...(include.includes("timestamps") ? times : {}), ...mark };
}

