import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { finished, PassThrough, Readable } from "node:stream";
import type { RequestHandler } from "./request-handler.js";

const ALREADY_READ = "The body of the request was read before it came here: put this in front of any body parser, or behind express.raw().\n";
// How much of a body that was not read is taken off the connection, and for how long, before the connection is closed instead.
const MOST_LEFT_IN_BYTES = 1024 * 1024;
const MOST_LEFT_IN_MS = 10_000;

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
    await write(isRead(incoming) ? new Response(ALREADY_READ, { status: 500 }) : await handler(toRequest(incoming)), incoming, outgoing);
  } catch {
    await write(new Response(null, { status: 500 }), incoming, outgoing).catch(() => outgoing.destroy());
  }
  await drain(incoming);
  outgoing.end();
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

// A stream of its own, so that a handler that has read enough does not end the connection before it has answered.
function bodyOf(incoming: IncomingMessage & { readonly body?: unknown }): Uint8Array | ReadableStream<Uint8Array> {
  if (incoming.body instanceof Uint8Array) return incoming.body;
  const body = incoming.pipe(new PassThrough());
  finished(incoming, (error) => {
    if (error) body.destroy(error);
  });
  return Readable.toWeb(body);
}

// Sends all of a response; it is ended when the request has been taken off the connection.
async function write(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  // Read before anything is sent: a body that fails is no success.
  const body = Buffer.from(await response.arrayBuffer());
  const cookies = response.headers.getSetCookie();
  const hasLength = incoming.method !== "HEAD" && ![204, 304].includes(response.status);
  outgoing.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    ...(cookies.length > 0 && { "set-cookie": cookies }),
    ...(hasLength && { "content-length": body.length }),
    ...(isMuchLeft(incoming) && { connection: "close" }),
  });
  outgoing.flushHeaders();
  if (body.length > 0) outgoing.write(body);
}

// Whether a sender may have more to send than is worth to be waited for.
function isMuchLeft({ complete, headers }: IncomingMessage): boolean {
  return !complete && !(Number(headers["content-length"] ?? (headers["transfer-encoding"] === undefined ? 0 : Infinity)) <= MOST_LEFT_IN_BYTES);
}

// Takes off the connection what nobody has read of a request, as the next one comes behind it. A sender that sends on is cut off.
async function drain(incoming: IncomingMessage): Promise<void> {
  incoming.unpipe();
  if (incoming.readableEnded || incoming.destroyed) return;
  let left = MOST_LEFT_IN_BYTES;
  incoming.on("data", ({ length }: Buffer) => {
    left -= length;
    if (left < 0) incoming.destroy();
  });
  const timer = setTimeout(() => incoming.destroy(), MOST_LEFT_IN_MS).unref();
  await new Promise((resolve) => finished(incoming.resume(), resolve));
  clearTimeout(timer);
}
