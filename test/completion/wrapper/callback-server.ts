import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Callback {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the server does with calls: answers 204, answers 500, or takes them and says nothing. */
export type Mood = "take" | "refuse" | "hang";

/** Stands for a receiver, and keeps all that comes. */
export interface CallbackServer extends AsyncDisposable {
  readonly url: string;
  readonly callbacks: readonly Callback[];
  mood: Mood;
  /** The bodies of calls of this type, parsed. */
  told(type: string): readonly { readonly type: string; readonly exitCode?: number }[];
  /** Resolves with the next call. */
  next(): Promise<unknown>;
}

export async function startCallbackServer(host = "127.0.0.1", mood: Mood = "take"): Promise<CallbackServer> {
  const callbacks: Callback[] = [];
  const server = createServer();
  const state: CallbackServer = {
    url: "",
    callbacks,
    mood,
    told: (type) => callbacks.map(({ body }) => JSON.parse(body) as { type: string }).filter((body) => body.type === type),
    next: () => once(server, "taken"),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const part of request.setEncoding("utf8") as AsyncIterable<string>) body += part;
    callbacks.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body });
    server.emit("taken");
    if (state.mood !== "hang") response.writeHead(state.mood === "take" ? 204 : 500).end();
  };
  server.on("request", (request, response) => {
    // Who sends may be killed in the middle.
    take(request, response).catch(() => request.destroy());
  });
  server.listen(0, host);
  await once(server, "listening");
  return Object.assign(state, { url: `http://${host}:${(server.address() as AddressInfo).port}/callbacks?code=c0de&job=j%201&attempt=1` });
}

/** An address at which nobody listens. */
export async function deadUrl(host = "127.0.0.1"): Promise<string> {
  await using server = await startCallbackServer(host);
  return server.url;
}
