import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { EmulatedAzure } from "../emulated-azure.js";
import type { RecordedRequest } from "../emulator.js";
import { writeAnswer } from "./answer.js";
import { answerRequest, pathOf, queryOf } from "./answer-request.js";
import { makeCertificate } from "./certificate.js";
import { servePage } from "../page/serve-page.js";
import { STATE_PATH } from "../page/state-route.js";
import { serveTerminal } from "../terminals/serve-terminal.js";

// Older ones are forgotten, as an emulator may run for weeks.
const KEPT_REQUESTS = 100_000;
// Longer than clients pause: a connection that is closed in the moment in which it is used again fails a request, whose effect is
// not known then.
export const KEPT_CONNECTION_IN_MS = 120_000;

/** A server that listens, but answers nothing before it is given what to answer from. */
export interface ArmServer {
  readonly endpoint: string;
  readonly port: number;
  /** The certificate in PEM form, with https. */
  readonly certificate: string | undefined;
  serve(azure: EmulatedAzure, requests: RecordedRequest[]): void;
  close(): Promise<void>;
}

/** Listens on this machine only. */
export async function listen(options: { readonly host: string; readonly port: number; readonly isHttps: boolean }): Promise<ArmServer> {
  const made = options.isHttps ? await makeCertificate() : undefined;
  // The signed operation URLs of the real service are several kilobytes long, so clients must be free to send such.
  const settings = { maxHeaderSize: 64 * 1024, keepAliveTimeout: KEPT_CONNECTION_IN_MS };
  const server = made === undefined ? createHttpServer(settings) : (await import("node:https")).createServer({ ...settings, ...made });
  // A client that knows the port may be there before everything is in its place.
  let begin: (listener: RequestListener) => void = () => undefined;
  const serving = new Promise<RequestListener>((resolve) => (begin = resolve));
  server.on("request", (request, response) => void serving.then((answer) => answer(request, response)));
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const name = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    endpoint: `${made === undefined ? "http" : "https"}://${name}:${port}`,
    port,
    certificate: made?.cert,
    serve(azure, requests) {
      begin(answerFrom(azure, port, requests));
      server.on("upgrade", (request, socket, head) => void serveTerminal(azure.sessions, port, request, socket, head));
    },
    close: () => close(server, sockets),
  };
}

function answerFrom(azure: EmulatedAzure, port: number, requests: RecordedRequest[]): RequestListener {
  const region = azure.settings.location.toLowerCase().replaceAll(" ", "");
  const keep = (request: RecordedRequest): void => {
    if (request.path === STATE_PATH) return;
    requests.push(request);
    if (requests.length > KEPT_REQUESTS) requests.splice(0, KEPT_REQUESTS / 10);
  };
  return (request, response) => {
    if (servePage(request, response, port)) return;
    void answerRequest(azure, request, port)
      .then((found) => {
        keep(record(request, found === "reset" ? 0 : found.status, azure.clock.now()));
        if (found === "reset") request.socket.destroy();
        else writeAnswer(response, found, region, azure.clock.now());
      })
      // An answer that cannot be written is none; a client must not be left to wait for it.
      .catch(() => request.socket.destroy());
  };
}

function record(request: IncomingMessage, status: number, at: number): RecordedRequest {
  try {
    return { method: request.method ?? "GET", path: withoutSecret(pathOf(request)), query: Object.fromEntries(queryOf(request)), status, at };
  } catch {
    return { method: request.method ?? "GET", path: "", query: {}, status, at };
  }
}

// Older clients carry the secret of the identity endpoint in its path.
function withoutSecret(path: string): string {
  return path.replace(/^(\/emulator\/identity\/)[^/]+(\/token)/i, "$1…$2");
}

// Web sockets are connections too, but the server no longer counts them as its own.
function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
