import { AciError } from "../errors.js";
import type { SocketTicket } from "../gateway.js";
import { onAbort } from "../internal/abort.js";
import { isLoopback } from "../internal/loopback.js";
import type { TerminalSession } from "./terminal-session.js";

// How long the other side may take to answer the handshake.
const HANDSHAKE_IN_MS = 30_000;
// Close codes: with or without a reason by the other side, and by nobody.
const WANTED = [1000, 1005];
const ABNORMAL = 1006;

// A web socket that is open, as a session and a way to send.
export interface OpenSocket extends TerminalSession {
  send(data: string | Uint8Array): Promise<void>;
  /** Ends the connection, and the output with this error; nothing where it is at its end already. */
  fail(error: unknown): void;
}

// Opens the web socket of a ticket. The library for it is loaded now, not before. `how` says where the password goes: ACI
// wants it as the first message of an exec, and as a header of an attach.
export async function openSocket({ url, password }: SocketTicket, how: "message" | "header", abortSignal: AbortSignal | undefined): Promise<OpenSocket> {
  abortSignal?.throwIfAborted();
  expectSafe(url);
  const { createWebSocketStream, WebSocket } = await import("ws");
  abortSignal?.throwIfAborted();
  const socket = new WebSocket(url, { handshakeTimeout: HANDSHAKE_IN_MS, perMessageDeflate: false, ...(how === "header" && { headers: { authorization: password } }) });
  // From before the first message, so that none is missed.
  const stream = createWebSocketStream(socket);
  let closed: { readonly code: number; readonly reason: string } | undefined;
  socket.once("close", (code, reason) => (closed = { code, reason: reason.toString() }));
  const terminate = (): void => socket.terminate();
  if (abortSignal !== undefined) socket.once("close", onAbort(abortSignal, terminate));
  stream.on("error", () => undefined);
  // Who has ended it first, if it was us, and with which error, if there is one.
  let ended: { readonly error?: unknown } | undefined;
  const close = async (): Promise<void> => {
    if (socket.readyState === WebSocket.CLOSED) return;
    if (socket.readyState === WebSocket.OPEN) ended ??= {};
    const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    // A reader that has stopped would hold the closing handshake up.
    stream.resume();
    socket.close(1000);
    const timer = setTimeout(terminate, 1000);
    await gone;
    clearTimeout(timer);
  };
  const fail = (error: unknown): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    ended ??= { error };
    void close();
  };
  const send = (data: string | Uint8Array, binary: boolean): Promise<void> =>
    new Promise((resolve, reject) => socket.send(data, { binary }, (error) => (error ? reject(broken(error)) : resolve())));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", (error) => reject(abortSignal?.aborted ? (abortSignal.reason as Error) : broken(error)));
  });
  // One that is closed at once by the other side says why when it is read.
  if (how === "message") await send(password, false).catch(() => undefined);
  const output = read();
  async function* read(): AsyncGenerator<Uint8Array> {
    let failure: unknown;
    try {
      for await (const data of stream as AsyncIterable<Uint8Array>) yield data;
    } catch (error) {
      failure = error;
    }
    if (ended === undefined) {
      abortSignal?.throwIfAborted();
      throwUnlessWanted(closed, failure);
    } else if ("error" in ended) throw ended.error;
  }
  return {
    output,
    text: () => textOf(output),
    send: (data) => send(typeof data === "string" ? Buffer.from(data) : data, true),
    fail,
    close,
    [Symbol.asyncDispose]: close,
  };
}

// Throws where the other side did not end it, or not well.
function throwUnlessWanted(closed: { readonly code: number; readonly reason: string } | undefined, failure: unknown): void {
  if (failure !== undefined || closed?.code === ABNORMAL) throw broken(failure);
  if (closed !== undefined && !WANTED.includes(closed.code)) throw refused(closed.code, closed.reason);
}

// Everything of an output, as text.
export async function textOf(output: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of output) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

// A password goes over an encrypted connection, or stays on this machine.
function expectSafe(text: string): void {
  const url = new URL(text);
  if (url.protocol === "wss:" || (url.protocol === "ws:" && isLoopback(url))) return;
  throw new AciError("The service named a web socket that is not encrypted", { code: "ACI_REQUEST_FAILED" });
}

function broken(error: unknown): AciError {
  const { code } = (error ?? {}) as { code?: unknown };
  return new AciError("The web socket to the container broke", { code: "ACI_REQUEST_FAILED", isRetryable: true, mayHaveStarted: true, transport: typeof code === "string" ? code : undefined, cause: error });
}

function refused(code: number, reason: string): AciError {
  return new AciError(`The web socket to the container was closed with ${code}${reason === "" ? "" : `: ${reason}`}`, { code: "ACI_REQUEST_FAILED", mayHaveStarted: true });
}
