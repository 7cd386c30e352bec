import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { guid } from "../../guid.js";
import type { FileRequest } from "./file-request.js";
import type { StorageError } from "./storage-error.js";
import { element, texts, xmlDocument } from "./xml.js";

/** What a request is answered: with XML, with bytes, or with a part of a file, which is closed when it is sent. */
export interface FileAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly xml?: string;
  readonly bytes?: Buffer;
  readonly part?: { readonly file: FileHandle; readonly start: number; readonly count: number };
}

const LATEST_VERSION = "2026-04-06";

/** A refusal, in XML and in a header for answers that have no body. */
export function errorAnswer({ status, code, message, detail }: StorageError): FileAnswer {
  const xml = element("Error", texts({ Code: code, Message: message, AuthenticationErrorDetail: detail }));
  // What was refused for its size is not read.
  return { status, headers: { "x-ms-error-code": code, ...(status === 413 ? { Connection: "close" } : {}) }, xml };
}

/** Writes an answer with the headers that every answer has. */
export async function writeFileAnswer(response: ServerResponse, answer: FileAnswer, request: FileRequest | undefined): Promise<void> {
  try {
    const body = answer.xml === undefined ? answer.bytes : Buffer.from(xmlDocument(answer.xml));
    const length = answer.part?.count ?? body?.length;
    response.writeHead(answer.status, {
      ...commonHeaders(request),
      ...(length === undefined ? {} : { "Content-Length": String(length) }),
      ...(answer.xml === undefined ? {} : { "Content-Type": "application/xml" }),
      ...answer.headers,
    });
    if (answer.part === undefined) response.end(body);
    else await sendPart(response, answer.part);
  } finally {
    await answer.part?.file.close();
  }
}

function commonHeaders(request: FileRequest | undefined): Record<string, string> {
  const clientRequestId = request?.header("x-ms-client-request-id");
  return {
    Server: "Windows-Azure-File/1.0",
    "x-ms-request-id": guid(),
    "x-ms-version": request?.header("x-ms-version") ?? LATEST_VERSION,
    ...(clientRequestId === undefined ? {} : { "x-ms-client-request-id": clientRequestId }),
  };
}

async function sendPart(response: ServerResponse, { file, start, count }: NonNullable<FileAnswer["part"]>): Promise<void> {
  const stream = file.createReadStream({ start, end: start + count - 1 });
  await pipeline(stream, response, { end: false });
  // A container may have cut the file in the meantime; what is missing must not look like the end.
  if (stream.bytesRead === count) response.end();
  else response.destroy();
}
