import type { IncomingMessage } from "node:http";
import { ArmError, refusals } from "../arm-error.js";
import { LARGEST_BODY_IN_BYTES } from "./guard.js";

/** The JSON that a request carries; undefined if it carries nothing. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LARGEST_BODY_IN_BYTES) throw new ArmError(413, "RequestContentTooLarge", "The request content is larger than 4 MB.");
    parts.push(part);
  }
  if (length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown;
  } catch {
    throw refusals.invalidContent("The body is not valid JSON");
  }
}
