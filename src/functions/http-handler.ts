import type { Cookie, HttpHandler, HttpRequest, HttpResponseInit } from "@azure/functions";
import type { RequestHandler } from "aci-lifecycle/http";

const SAME_SITES = ["Strict", "Lax", "None"] as const;

/**
 * Serves a handler as an HTTP function of Azure Functions (programming model v4).
 *
 * @example
 * ```ts
 * app.http("callbacks", { methods: ["POST", "OPTIONS"], authLevel: "anonymous", handler: httpHandler(receiver) });
 * ```
 * @public
 */
export function httpHandler(handler: RequestHandler): HttpHandler {
  if (typeof handler !== "function") throw new TypeError(`Expected \`handler\` to be a function, such as \`createSignalReceiver()\` makes, got ${typeof handler}.`);
  return async (request) => toInit(await handler(toRequest(request)));
}

function toRequest({ method, url, headers, body }: HttpRequest): Request {
  const given = [...headers].map(([name, value]): [string, string] => [name, value]);
  const hasBody = body !== null && method !== "GET" && method !== "HEAD";
  return new Request(url, { method, headers: given, ...(hasBody && { body: body as unknown as ReadableStream<Uint8Array>, duplex: "half" }) });
}

async function toInit(response: Response): Promise<HttpResponseInit> {
  const body = new Uint8Array(await response.arrayBuffer());
  const cookies = response.headers.getSetCookie();
  // The host keeps one header of a name. One cookie goes as it is, several as what the host makes cookies of.
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== "set-cookie" || cookies.length === 1));
  return { status: response.status, headers, ...(cookies.length > 1 && { cookies: cookies.map(toCookie) }), ...(body.length > 0 && { body }) };
}

function toCookie(text: string): Cookie {
  const [pair = "", ...attributes] = text.split(";").map((part) => part.trim());
  const [name, value] = split(pair);
  const of = Object.fromEntries(attributes.map((attribute) => split(attribute)).map(([key, one]) => [key.toLowerCase(), one]));
  const { domain, path, expires = "", "max-age": maxAge = "", samesite } = of;
  return {
    name,
    value: decoded(value),
    ...(domain !== undefined && { domain }),
    ...(path !== undefined && { path }),
    ...(!Number.isNaN(Date.parse(expires)) && { expires: new Date(expires) }),
    ...(/^-?\d+$/u.test(maxAge) && { maxAge: Number(maxAge) }),
    ...("secure" in of && { secure: true }),
    ...("httponly" in of && { httpOnly: true }),
    sameSite: SAME_SITES.find((one) => one.toLowerCase() === samesite?.toLowerCase()),
  };
}

function split(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

// The host encodes a value, so that one that is encoded already would be so twice.
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
