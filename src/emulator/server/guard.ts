import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ArmError } from "../arm-error.js";

/** The largest body that is read; ARM's own limit. */
export const LARGEST_BODY_IN_BYTES = 4 * 1024 * 1024;

const OWN_NAMES = ["127.0.0.1", "localhost", "[::1]"];

/** Why the place that a request comes from is refused: a web page, or a name that is not this machine's. */
export function refuseOrigin(request: IncomingMessage, port: number, ownNames: readonly string[] = OWN_NAMES): ArmError | undefined {
  return refuseHost(request, port, ownNames) ?? (isFromPage(request) ? originNotAllowed() : undefined);
}

function isFromPage({ headers: { origin, "sec-fetch-site": site } }: IncomingMessage): boolean {
  return origin !== undefined || (site !== undefined && site !== "same-origin" && site !== "none");
}

/** The same for a web socket, which may name the emulator itself as its origin, as Python's client does: no page of anybody else can. */
export function refuseSocketOrigin(request: IncomingMessage, port: number): ArmError | undefined {
  const { origin, host = "" } = request.headers;
  const isOwn = origin === undefined || origin === `https://${host}` || origin === `http://${host}`;
  return refuseHost(request, port, OWN_NAMES) ?? (isOwn ? undefined : originNotAllowed());
}

function refuseHost(request: IncomingMessage, port: number, ownNames: readonly string[]): ArmError | undefined {
  const hosts = request.rawHeaders.filter((_text, index) => index % 2 === 0 && request.rawHeaders[index]?.toLowerCase() === "host");
  const names = ownNames.map((name) => `${name}:${port}`);
  if (hosts.length !== 1 || !names.includes(request.headers.host ?? "")) return new ArmError(403, "InvalidHost", "The Host header is not that of the emulator.");
  if (!(request.url ?? "").startsWith("/")) return new ArmError(400, "InvalidRequestUri", "The request target must be a path.");
  return undefined;
}

function originNotAllowed(): ArmError {
  return new ArmError(403, "OriginNotAllowed", "The emulator does not answer web pages.");
}

/** Why the content of a request is refused, if it is. A form or a plain text is what a web page can send without being asked. */
export function refuseContent(request: IncomingMessage): ArmError | undefined {
  const length = request.headers["content-length"];
  const hasBody = request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
  if (Number(length ?? 0) > LARGEST_BODY_IN_BYTES) return new ArmError(413, "RequestContentTooLarge", "The request content is larger than 4 MB.");
  if (!hasBody || /^(application|text)\/([\w.-]+\+)?json\b/i.test(request.headers["content-type"] ?? "")) return undefined;
  return new ArmError(415, "UnsupportedMediaType", "The content media type is not supported. Only 'application/json' is supported.");
}

/** Compares in a time that says nothing about where two texts differ. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
