import { Agent, createServer, request as httpRequest, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createSignalReceiver, nodeListener, type RequestHandler } from "aci-lifecycle/http";
import { webhook } from "aci-lifecycle";
import { SECRET } from "../completion/calls.js";

const receiver = createSignalReceiver(webhook({ url: "https://jobs.example.com/callbacks", secret: SECRET, report: "container" }));
const refusing: RequestHandler = () => Promise.resolve(new Response("no", { status: 401 }));
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listen(listener: RequestListener): Promise<number> {
  server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  return (server.address() as AddressInfo).port;
}

describe("a connection that is kept", () => {
  const plain: RequestListener = (_incoming, outgoing) => void outgoing.writeHead(401).end();

  it.each<[string, RequestListener, readonly number[], number]>([
    ["node:http alone", plain, [70_000, 1_000_000, 10], 401],
    ["a handler that reads no body", nodeListener(refusing), [70_000, 1_000_000, 5_000_000, 10], 401],
    ["a receiver, by the length that is said before", nodeListener(receiver), [70_000, 1_000_000, 5_000_000, 70_000], 413],
    ["a handler that throws", nodeListener(() => Promise.reject(new Error("broken"))), [1_000_000, 10], 500],
  ])("takes the next request after a body that was refused by %s", async (_name, listener, sizes, status) => {
    const port = await listen(listener);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = (size: number): Promise<unknown> =>
      new Promise((resolve) => {
        const request = httpRequest({ port, host: "127.0.0.1", method: "POST", agent }, (response) => response.resume().on("end", () => resolve(response.statusCode)));
        request.on("error", resolve);
        request.end("a".repeat(size));
      });
    try {
      for (const size of sizes) expect(await post(size)).toBe(status);
    } finally {
      agent.destroy();
    }
  });

  it("is the same one where little was left", async () => {
    const port = await listen(nodeListener(refusing));
    const sockets = new Set<Socket>();
    server?.on("connection", (socket) => sockets.add(socket));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => httpRequest({ port, host: "127.0.0.1", method: "POST", agent }, (response) => response.resume().on("end", resolve)).end("a".repeat(300_000)));
    }
    agent.destroy();
    expect(sockets.size).toBe(1);
  });

  it.each([["refuses all", refusing, 401], ["reads as much as it takes", receiver, 413]] as const)("answers a sender that does not end, where a handler %s, and is closed then", async (_name, handler, status) => {
    const raw = connect(await listen(nodeListener(handler)), "127.0.0.1");
    let heard = "";
    raw.on("data", (data) => (heard += data.toString()));
    raw.on("error", () => undefined);
    const isOver = new Promise((resolve) => raw.once("close", resolve));
    const send = (): void => void raw.write(`4000\r\n${"a".repeat(0x4000)}\r\n`, (error) => error ?? setImmediate(send));
    raw.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    send();
    await isOver;
    expect(heard).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`, "u"));
  });
});

describe("a response behind node:http", () => {
  it("is 500 where its body fails", async () => {
    const port = await listen(nodeListener(() => Promise.resolve(new Response(new ReadableStream({ pull: () => Promise.reject(new Error("broken")) })))));
    const response = await fetch(`http://127.0.0.1:${port}`);
    expect([response.status, await response.text()]).toEqual([500, ""]);
  });

  it("has all of its cookies and other headers", async () => {
    const headers: [string, string][] = [["set-cookie", "a=1; Path=/"], ["set-cookie", "b=2"], ["x-more", "1"], ["x-more", "2"]];
    const port = await listen(nodeListener(() => Promise.resolve(new Response("x", { headers }))));
    const response = await fetch(`http://127.0.0.1:${port}`);
    expect([response.headers.getSetCookie(), response.headers.get("x-more")]).toEqual([["a=1; Path=/", "b=2"], "1, 2"]);
  });
});
