import type { HttpHandler, HttpRequest, HttpResponseInit } from "@azure/functions";
import type { RequestHandler } from "aci-lifecycle/http";

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
  return { status: response.status, headers: Object.fromEntries(response.headers), ...(body.length > 0 && { body }) };
}
