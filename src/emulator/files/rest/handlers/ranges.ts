import { createHash } from "node:crypto";
import { constants, type BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { systemHeaders, versionHeaders } from "../entity-headers.js";
import type { FileAnswer } from "../file-answer.js";
import { LARGEST_BODY_IN_BYTES, type FileRequest } from "../file-request.js";
import { refusals, StorageError } from "../storage-error.js";
import { element, texts } from "../xml.js";
import { nameOf, openParent, type FileCall } from "./call.js";
import { fileHeaders } from "./files.js";

const { O_RDONLY, O_RDWR } = constants;

/** Get File: all of it, or the range that is asked for. */
export async function getFile(call: FileCall): Promise<FileAnswer> {
  const asked = readRange(call.request);
  await using parent = await openParent(call);
  const file = await parent.openFile(nameOf(call), O_RDONLY);
  try {
    const stats = await file.stat({ bigint: true });
    const headers = { ...fileHeaders(stats, call.book.read(stats)), ...systemHeaders(stats, await parent.stat()), ...call.grant.headers, "Accept-Ranges": "bytes" };
    const size = Number(stats.size);
    if (asked === undefined && size > 0) return { status: 200, headers, part: { file, start: 0, count: size } };
    const answer: FileAnswer = asked === undefined ? { status: 200, headers, bytes: Buffer.alloc(0) } : await answerRange(call, file, headers, { ...asked, size });
    if (answer.part === undefined) await file.close();
    return answer;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function answerRange({ request }: FileCall, file: FileHandle, headers: Record<string, string>, { start, end, size }: Range & { readonly size: number }): Promise<FileAnswer> {
  if (start >= size) throw refusals.invalidRange();
  const last = Math.min(end ?? size - 1, size - 1);
  const count = last - start + 1;
  const { "Content-MD5": wholeMd5, ...others } = headers;
  const told = { ...others, "Content-Range": `bytes ${start}-${last}/${size}`, ...(wholeMd5 === undefined ? {} : { "x-ms-content-md5": wholeMd5 }) };
  if (request.header("x-ms-range-get-content-md5") !== "true") return { status: 206, headers: told, part: { file, start, count } };
  if (count > LARGEST_BODY_IN_BYTES) throw refusals.invalidHeader("x-ms-range-get-content-md5");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, start);
  const bytes = buffer.subarray(0, bytesRead);
  return { status: 206, headers: { ...told, "Content-MD5": md5(bytes) }, bytes };
}

/** Put Range: writes bytes, or makes them zero. */
export async function putRange(call: FileCall): Promise<FileAnswer> {
  const { start, count, isUpdate } = readWrite(call.request);
  const bytes = isUpdate ? await readBytes(call.request, count) : undefined;
  await using parent = await openParent(call);
  await using file = await parent.openFile(nameOf(call), O_RDWR);
  const { size } = await file.stat();
  if (start + count > size) throw refusals.invalidRange();
  if (bytes !== undefined) await writeAll(file, bytes, start);
  else await clear(file, start, count, size);
  const stats = await file.stat({ bigint: true });
  return { status: 201, headers: { ...writtenHeaders(call, stats), ...(bytes === undefined ? {} : { "Content-MD5": md5(bytes) }) } };
}

/** List Ranges: a file is one range, whatever was written to it. */
export async function listRanges(call: FileCall): Promise<FileAnswer> {
  const asked = readRange(call.request);
  await using parent = await openParent(call);
  const stats = await parent.look(nameOf(call));
  if (!stats.isFile()) throw refusals.resourceTypeMismatch();
  const size = Number(stats.size);
  const [start, end] = [asked?.start ?? 0, Math.min(asked?.end ?? size - 1, size - 1)];
  const headers = { ...versionHeaders(stats, call.book.read(stats)), "x-ms-content-length": String(size) };
  return { status: 200, headers, xml: element("Ranges", start <= end ? element("Range", texts({ Start: start, End: end })) : "") };
}

interface Range {
  readonly start: number;
  readonly end: number | undefined;
}

function readWrite(request: FileRequest): { readonly start: number; readonly count: number; readonly isUpdate: boolean } {
  const isElsewhere = request.header("x-ms-copy-source") !== undefined || request.header("x-ms-structured-body") !== undefined;
  if (isElsewhere) throw refusals.notImplemented();
  const range = readRange(request);
  const mode = request.header("x-ms-write");
  if (range?.end === undefined) throw refusals.invalidHeader("x-ms-range");
  if (mode !== "update" && mode !== "clear") throw refusals.invalidHeader("x-ms-write");
  return { start: range.start, count: range.end - range.start + 1, isUpdate: mode === "update" };
}

function readRange({ header }: FileRequest): Range | undefined {
  const text = header("x-ms-range") ?? header("range");
  if (text === undefined) return undefined;
  const [, start = "", end = ""] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(text) ?? [];
  if (start === "" || (end !== "" && Number(end) < Number(start))) throw refusals.invalidHeader("x-ms-range");
  return { start: Number(start), end: end === "" ? undefined : Number(end) };
}

// Read in full before anything is written, so that a broken connection leaves the file as it was.
async function readBytes({ incoming, header }: FileRequest, count: number): Promise<Buffer> {
  if (Number(header("content-length")) !== count) throw refusals.invalidHeader("Content-Length");
  const parts: Buffer[] = [];
  for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
  const bytes = Buffer.concat(parts);
  const expected = header("content-md5");
  if (expected !== undefined && expected !== md5(bytes)) throw new StorageError(400, "Md5Mismatch", "The MD5 value specified in the request did not match with the MD5 value calculated by the server.");
  return bytes;
}

async function clear(file: FileHandle, start: number, count: number, size: number): Promise<void> {
  if (start + count === size) {
    // The end of a file takes no room when it is cut off and put back.
    await file.truncate(start);
    await file.truncate(size);
    return;
  }
  const zeros = Buffer.alloc(Math.min(count, LARGEST_BODY_IN_BYTES));
  for (let done = 0; done < count; done += zeros.length) await writeAll(file, zeros.subarray(0, count - done), start + done);
}

async function writeAll(file: FileHandle, bytes: Buffer, start: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
}

function writtenHeaders({ book }: FileCall, stats: BigIntStats): Record<string, string> {
  return { ...versionHeaders(stats, book.read(stats)), "x-ms-request-server-encrypted": "true", "x-ms-file-last-write-time": systemHeaders(stats, undefined)["x-ms-file-last-write-time"] ?? "" };
}

function md5(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("base64");
}
