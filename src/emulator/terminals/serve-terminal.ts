import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import type { EngineTerminal } from "../engine.js";
import { isSame, refuseSocketOrigin } from "../server/guard.js";
import type { TerminalSession, TerminalSessions } from "./terminal-sessions.js";

// How long a client may take to send the password.
const PASSWORD_WITHIN_IN_MS = 30_000;

/** Takes a web socket of exec or attach, once it has shown the password of its session. */
export async function serveTerminal(sessions: TerminalSessions, port: number, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  socket.on("error", () => socket.destroy());
  const session = refuseSocketOrigin(request, port) === undefined ? sessions.take(request.url ?? "") : undefined;
  if (session === undefined || (session.kind === "attach" && !isPassword(request.headers.authorization ?? "", session))) {
    socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  const { WebSocketServer } = await import("ws");
  new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 }).handleUpgrade(request, socket, head, (webSocket) => {
    if (session.kind === "attach") void connect(webSocket, session);
    else awaitPassword(webSocket, session);
  });
}

function awaitPassword(webSocket: WebSocket, session: TerminalSession): void {
  const timer = setTimeout(() => webSocket.close(1008, "No password"), PASSWORD_WITHIN_IN_MS);
  webSocket.once("close", () => clearTimeout(timer));
  webSocket.once("message", (data) => {
    clearTimeout(timer);
    if (!isPassword(bytesOf(data).toString("utf8"), session)) webSocket.close(1008, "Wrong password");
    else void connect(webSocket, session);
  });
}

// What comes before the process has started is kept for it.
async function connect(webSocket: WebSocket, session: TerminalSession): Promise<void> {
  const early: Buffer[] = [];
  let terminal: EngineTerminal | undefined;
  webSocket.on("message", (data) => {
    if (terminal === undefined) early.push(bytesOf(data));
    else terminal.write(bytesOf(data));
  });
  webSocket.on("close", () => terminal?.close());
  webSocket.on("error", () => webSocket.terminate());
  try {
    terminal = await session.open();
    if (webSocket.readyState !== webSocket.OPEN) terminal.close();
    for (const data of early) terminal.write(data);
    for await (const data of terminal.output) await send(webSocket, data);
    webSocket.close(1000);
  } catch (error) {
    webSocket.close(1011, (error instanceof Error ? error.message : String(error)).slice(0, 100));
  } finally {
    terminal?.close();
  }
}

// A slow reader slows the process down, instead of filling the memory.
function send(webSocket: WebSocket, data: Uint8Array): Promise<void> {
  return new Promise((resolve) => webSocket.send(data, { binary: true }, () => resolve()));
}

function isPassword(given: string, session: TerminalSession): boolean {
  return isSame(given.replace(/^Bearer /, ""), session.password);
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}
