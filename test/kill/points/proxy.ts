import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Emulator } from "aci-lifecycle/emulator";
import type { Kind, RequestStop } from "./points.js";

export interface Proxy {
  readonly endpoint: string;
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Passes requests on to an emulator until one is where `stop` says. Then it calls `onStop` and answers nothing more. */
export async function startProxy(emulator: Emulator, stop: RequestStop | undefined, onStop: () => void): Promise<Proxy> {
  const seen: Kind[] = [];
  let isOver = false;
  const strikes = (kind: Kind): boolean => {
    seen.push(kind);
    if (stop === undefined || kind !== stop.on) return false;
    const from = stop.after === undefined ? 0 : seen.indexOf(stop.after);
    return from >= 0 && seen.slice(from).filter((one) => one === kind).length === (stop.nth ?? 1);
  };
  const hasStopped = (): boolean => isOver;
  const end = (): void => {
    isOver = true;
    onStop();
  };

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    if (hasStopped()) return;
    const at = strikes(kindOf(incoming)) ? stop?.at : undefined;
    if (at === "halfSent") await forwardHalf(emulator, incoming, body);
    if (at === "arrived" || at === "halfSent") {
      end();
      return;
    }
    const answer = await forward(emulator, incoming, body);
    if (at === "served") end();
    if (hasStopped()) return;
    response.statusCode = answer.status;
    // One by one, as the check of the emulator's answers would take an answer with all at once for one of its own.
    for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined) response.setHeader(name, value);
    const part = at === "halfAnswered" ? answer.body.subarray(0, answer.body.length / 2) : answer.body;
    await new Promise<void>((resolve) => {
      if (at === "halfAnswered") response.write(part, () => resolve());
      else response.end(part, () => resolve());
    });
    if (at !== undefined) end();
  }

  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function kindOf({ method, url = "" }: IncomingMessage): Kind {
  if (method === "PUT") return "create";
  if (method === "DELETE") return "delete";
  const [path = ""] = url.split("?");
  if (path.endsWith("/logs")) return "logs";
  if (path.endsWith("/resources")) return "resources";
  return path.endsWith("/containerGroups") ? "list" : "get";
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

function open(emulator: Emulator, { method, url, headers }: IncomingMessage): ReturnType<typeof send> {
  return send(`${emulator.endpoint}${url ?? ""}`, { method, agent: false, headers: { ...headers, host: new URL(emulator.endpoint).host, connection: "close" } });
}

function forward(emulator: Emulator, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = open(emulator, incoming);
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      bodyOf(response).then((whole) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole }), reject);
    });
    outgoing.end(body);
  });
}

// As a process does it that dies in the middle: half the body, and the connection breaks.
function forwardHalf(emulator: Emulator, incoming: IncomingMessage, body: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = open(emulator, incoming);
    outgoing.on("error", () => undefined);
    outgoing.on("close", resolve);
    outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy());
  });
}
