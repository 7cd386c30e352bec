import type { BigIntStats } from "node:fs";
import type { FileRequest } from "./file-request.js";
import type { KeptProperties } from "./property-book.js";
import { refusals, StorageError } from "./storage-error.js";

const CONTENT_HEADERS = {
  "x-ms-content-type": "Content-Type",
  "x-ms-content-encoding": "Content-Encoding",
  "x-ms-content-language": "Content-Language",
  "x-ms-cache-control": "Cache-Control",
  "x-ms-content-disposition": "Content-Disposition",
  "x-ms-content-md5": "Content-MD5",
} as const;

/** The headers that tell which version of something an answer is about. */
export function versionHeaders(stats: BigIntStats, { revision }: KeptProperties): Record<string, string> {
  return { ETag: `"${etag(stats, revision)}"`, "Last-Modified": lastModified(stats) };
}

/** The time of the last change, as headers have it. */
export function lastModified({ mtimeMs }: BigIntStats): string {
  return new Date(Number(mtimeMs)).toUTCString();
}

/** A mark that changes with the content and with the properties. */
export function etag({ ino, mtimeNs, size }: BigIntStats, revision: number): string {
  return `0x${[ino, mtimeNs, size, BigInt(revision)].map((part) => part.toString(16).toUpperCase()).join("")}`;
}

/** The headers that a file or a folder has on a file system of Windows. */
export function systemHeaders(stats: BigIntStats, parent: BigIntStats | undefined): Record<string, string> {
  return {
    "x-ms-file-attributes": stats.isDirectory() ? "Directory" : "Archive",
    "x-ms-file-creation-time": windowsTime(stats.birthtimeNs),
    "x-ms-file-last-write-time": windowsTime(stats.mtimeNs),
    "x-ms-file-change-time": windowsTime(stats.ctimeNs),
    "x-ms-file-id": String(stats.ino),
    "x-ms-file-parent-id": String(parent?.ino ?? 0),
  };
}

/** A time as .NET writes it, to 100 nanoseconds. */
export function windowsTime(ns: bigint): string {
  const [second = ""] = new Date(Number(ns / 1_000_000n)).toISOString().split(".");
  return `${second}.${String((ns / 100n) % 10_000_000n).padStart(7, "0")}Z`;
}

/** Metadata as it is told. */
export function metadataHeaders({ metadata }: KeptProperties): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-ms-meta-${name}`, value]));
}

/** Metadata as a request gives it. */
export function readMetadata({ incoming, header }: FileRequest): Record<string, string> {
  const names = Object.keys(incoming.headers).filter((name) => name.startsWith("x-ms-meta-"));
  const metadata = Object.fromEntries(names.map((name) => [name.slice("x-ms-meta-".length), header(name) ?? ""]));
  if (!Object.keys(metadata).every((name) => /^[a-z_]\w*$/.test(name))) {
    throw new StorageError(400, "InvalidMetadata", "The specified metadata is invalid. It has characters that are not permitted.");
  }
  if (JSON.stringify(metadata).length > 8192) throw new StorageError(400, "MetadataTooLarge", "The size of the specified metadata exceeds the maximum size permitted.");
  return metadata;
}

/** The content headers that a request gives to a file; what it does not name is cleared. */
export function readContentHeaders({ header }: FileRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(CONTENT_HEADERS).flatMap(([given, told]) => (header(given) === undefined ? [] : [[told, header(given) ?? ""]])));
}

/** A header that is a whole number from 0 on, no larger than the largest. */
export function readNumber({ header }: FileRequest, name: string, largest: number): number {
  const value = header(name) ?? "";
  if (!/^\d{1,15}$/.test(value) || Number(value) > largest) throw refusals.invalidHeader(name);
  return Number(value);
}
