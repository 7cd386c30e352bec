import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { RequestHandler } from "./request-handler.js";

const ALREADY_READ = "The body of the request was read before it came here: put this in front of any body parser, or behind express.raw().\n";

/**
 * Serves a handler with `node:http`, `node:https` or Express.
 *
 * @remarks
 * With Express, put it before any body parser, or after `express.raw({ type: "*\/*" })`: signatures are checked over the
 * bytes as they came.
 *
 * @throws TypeError if `handler` is no function.
 *
 * @example
 * ```ts
 * app.use("/callbacks", nodeListener(receiver));
 * ```
 * @public
 */
export function nodeListener(handler: RequestHandler): RequestListener {
  if (typeof handler !== "function") throw new TypeError(`Expected \`handler\` to be a function, such as \`createSignalReceiver()\` makes, got ${typeof handler}.`);
  return (incoming, outgoing) => {
    void serve(handler, incoming, outgoing);
  };
}

async function serve(handler: RequestHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  try {
    await write(isRead(incoming) ? new Response(ALREADY_READ, { status: 500 }) : await handler(toRequest(incoming)), outgoing);
  } catch {
    if (!outgoing.headersSent) outgoing.writeHead(500);
    outgoing.end();
  }
}

// True where somebody before us has read the body and has not kept its bytes.
function isRead({ readableEnded, body }: IncomingMessage & { readonly body?: unknown }): boolean {
  return readableEnded && !(body instanceof Uint8Array);
}

function toRequest(incoming: IncomingMessage): Request {
  const { method = "GET", url = "/", headers } = incoming;
  const given = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one]));
  // Where the server is known by name it is behind something that knows better; nothing rests on it.
  const address = new URL(`http://localhost${url.startsWith("/") ? url : `/${url}`}`);
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(address, { method, headers: given, ...(hasBody && { body: bodyOf(incoming), duplex: "half" }) });
}

function bodyOf(incoming: IncomingMessage & { readonly body?: unknown }): Uint8Array | ReadableStream<Uint8Array> {
  const { body } = incoming;
  return body instanceof Uint8Array ? body : Readable.toWeb(incoming);
}

async function write(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
