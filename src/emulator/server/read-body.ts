import type { IncomingMessage } from "node:http";
import { ArmError, refusals } from "../arm-error.js";
import { LARGEST_BODY_IN_BYTES } from "./guard.js";

/** The JSON that a request carries, or its text for a form; undefined if it carries nothing. */
export async function readBody(request: IncomingMessage, format: "json" | "text"): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LARGEST_BODY_IN_BYTES) throw new ArmError(413, "RequestContentTooLarge", "The request content is larger than 4 MB.");
    parts.push(part);
  }
  if (length === 0) return undefined;
  const text = Buffer.concat(parts).toString("utf8");
  if (format === "text") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refusals.invalidContent("The body is not valid JSON");
  }
}
