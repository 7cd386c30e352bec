import type { ServerResponse } from "node:http";
import { ArmError } from "../arm-error.js";
import type { Operation } from "../groups/operation.js";
import { guid } from "../guid.js";

/** What a request is answered. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What goes on after the answer; it is not sent. */
  readonly operation?: Operation | undefined;
}

/** An error in ARM's shape: a code, a message, nothing else. */
export function errorAnswer(error: unknown): Answer {
  if (error instanceof ArmError) {
    return { status: error.status, body: { error: { code: error.code, message: error.message } }, headers: error.headers };
  }
  if (error instanceof URIError) return { status: 400, body: { error: { code: "InvalidRequestUri", message: "The path cannot be read." } } };
  const message = error instanceof Error ? error.message : String(error);
  return { status: 500, body: { error: { code: "InternalServerError", message: `The emulator failed: ${message}` } } };
}

/** Writes an answer with the headers that every answer of ARM has. */
export function writeAnswer(response: ServerResponse, answer: Answer, region: string, now: number): void {
  const requestId = guid();
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  const correlationId = guid();
  const text = answer.body === undefined ? undefined : Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    Date: new Date(now).toUTCString(),
    "Cache-Control": "no-cache",
    Pragma: "no-cache",
    Expires: "-1",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "x-ms-request-id": `${region}:${requestId}`,
    "x-ms-correlation-request-id": correlationId,
    "x-ms-routing-request-id": `${region.toUpperCase()}:${stamp}:${correlationId}`,
    ...(text === undefined ? {} : { "Content-Type": "application/json; charset=utf-8", "Content-Length": String(text.length) }),
    ...answer.headers,
  });
  response.end(text);
}
