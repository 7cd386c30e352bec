import { getEventListeners, once } from "node:events";
import type { AddressInfo } from "node:net";
import { AciClient } from "aci-lifecycle";
import { scripted, startEmulator } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { execSession } from "../../src/terminals/exec-session.js";
import { openSocket } from "../../src/terminals/web-socket.js";

describe("a web socket of a terminal", () => {
  let server: WebSocketServer;
  let url: string;
  let onSocket: (socket: WebSocket, authorization: string | undefined) => void;
  beforeEach(async () => {
    server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    server.on("connection", (socket, request) => onSocket(socket, request.headers.authorization));
    await once(server, "listening");
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const open = (how: "message" | "header" = "message", abortSignal?: AbortSignal): ReturnType<typeof openSocket> => openSocket({ url, password: "pass[[EOM]]" }, how, abortSignal);

  it("gets the password as its first message, as text, or as a header", async () => {
    const seen: unknown[] = [];
    onSocket = (socket, authorization) => {
      seen.push(authorization);
      socket.on("message", (data, isBinary) => {
        seen.push([(data as Buffer).toString(), isBinary]);
        if (isBinary) socket.close(1000);
      });
      if (authorization !== undefined) socket.close(1000);
    };
    const session = await open();
    await session.send("input");
    expect(await session.text()).toBe("");
    expect(await (await open("header")).text()).toBe("");
    expect(seen).toEqual([undefined, ["pass[[EOM]]", false], ["input", true], "pass[[EOM]]"]);
  });

  it("misses nothing that is sent at once", async () => {
    onSocket = (socket) => {
      socket.send("first ");
      socket.send(Buffer.from("second"));
      socket.close(1000);
    };
    expect(await (await open()).text()).toBe("first second");
  });

  it("tells why it was closed, and that it broke", async () => {
    onSocket = (socket) => socket.close(1008, "Wrong password");
    await expect((await open()).text()).rejects.toMatchObject({ code: "ACI_REQUEST_FAILED", message: expect.stringContaining("1008: Wrong password") as string });
    onSocket = (socket) => setImmediate(() => socket.terminate());
    await expect((await open()).text()).rejects.toMatchObject({ code: "ACI_REQUEST_FAILED", mayHaveStarted: true, isRetryable: true });
    server.close();
    for (const socket of server.clients) socket.terminate();
    await once(server, "close");
    await expect(open()).rejects.toMatchObject({ transport: "ECONNREFUSED" });
  });

  it("is ended by its signal, before and after it is open", async () => {
    onSocket = () => undefined;
    await expect(open("message", AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    const controller = new AbortController();
    const session = await open("message", controller.signal);
    controller.abort(new Error("enough"));
    await expect(session.text()).rejects.toThrow("enough");
  });

  it("is ended by its signal while it is being opened", async () => {
    onSocket = () => undefined;
    const controller = new AbortController();
    const opening = open("message", controller.signal);
    // What is needed for it is being loaded.
    controller.abort(new Error("enough"));
    await expect(opening).rejects.toThrow("enough");
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("leaves no listener on its signal, and one on that of many sessions", async () => {
    onSocket = () => undefined;
    const controller = new AbortController();
    const sessions = [];
    for (let i = 0; i < 12; i++) sessions.push(await open("message", controller.signal));
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    for (const session of sessions) await session.close();
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    server.close();
    for (const socket of server.clients) socket.terminate();
    await once(server, "close");
    await expect(open("message", controller.signal)).rejects.toMatchObject({ transport: "ECONNREFUSED" });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("ends after a close of ours, whether or not the other side answers it", async () => {
    onSocket = (socket) => {
      socket.send("seen");
      socket.pause();
    };
    const session = await open("header");
    const text = session.text();
    await new Promise((resolve) => setImmediate(resolve));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const closing = session.close();
    await vi.advanceTimersByTimeAsync(1000);
    vi.useRealTimers();
    await closing;
    expect("seen").toContain(await text);
    const controller = new AbortController();
    const aborted = await open("header", controller.signal);
    const rejected = expect(aborted.text()).rejects.toThrow("enough");
    controller.abort(new Error("enough"));
    await aborted.close();
    await rejected;
  });

  it("is closed though nobody reads it, and leaves nothing open", async () => {
    onSocket = (socket) => socket.send("x".repeat(100_000));
    const session = await open();
    await session.close();
    await session.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.clients.size).toBe(0);
  });

  it("is not opened where a password would go in the clear", async () => {
    await expect(openSocket({ url: "ws://example.org/", password: "p" }, "message", undefined)).rejects.toThrow("not encrypted");
  });

  it("has plain line ends, though they come apart, and raw ones for a person", async () => {
    onSocket = (socket) => {
      for (const part of ["a\r", "\nb\r\nc\r", "d\r"]) socket.send(part);
      socket.close(1000);
    };
    expect(await execSession(await open(), {}).text()).toBe("a\nb\nc\rd\r");
    expect(await execSession(await open(), { tty: true }).text()).toBe("a\r\nb\r\nc\rd\r");
  });
});

describe("the standard input of a session", () => {
  let server: WebSocketServer;
  let socket: Awaited<ReturnType<typeof openSocket>>;
  let got: string[];
  beforeEach(async () => {
    got = [];
    server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    server.on("connection", (one) => one.on("message", (data, isBinary) => {
      if (isBinary) got.push((data as Buffer).toString());
      if (got.at(-1) === "\u0004") one.close(1000);
    }));
    await once(server, "listening");
    socket = await openSocket({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, password: "p" }, "message", undefined);
  });
  afterEach(() => {
    for (const one of server.clients) one.terminate();
    server.close();
  });

  it.each([["a text", "ab", ["ab"]], ["bytes", Buffer.from("ab"), ["ab"]], ["parts", (async function* () { yield* ["a", Buffer.from("b")]; })(), ["a", "b"]]])("is %s, and then its end", async (_name, stdin, parts) => {
    expect(await execSession(socket, { stdin }).text()).toBe("");
    expect(got).toEqual([...parts, "\u0004"]);
  });

  it.each<[string, AsyncIterable<string>, string]>([
    ["fails", (async function* () { yield "a"; throw new Error("no such file"); })(), "no such file"],
    ["gives something else", (async function* () { yield "a"; yield 5 as never; })(), "Expected `stdin` to be something that gives strings or Uint8Arrays, got number."],
  ])("ends the session with its error where it %s", async (_name, stdin, message) => {
    await expect(execSession(socket, { stdin }).text()).rejects.toThrow(message);
    expect(got).toEqual(["a"]);
    await expect.poll(() => server.clients.size).toBe(0);
  });

  it("is left where the command has ended before it was read, whatever becomes of it", async () => {
    let isLeft = false;
    const stdin = (async function* () {
      try {
        yield "\u0004";
        await once(server, "left");
        yield "more";
      } finally {
        isLeft = true;
      }
    })();
    const session = execSession(socket, { stdin });
    expect(await session.text()).toBe("");
    server.emit("left");
    await expect.poll(() => isLeft).toBe(true);
  });
});

describe("exec", () => {
  it.each([
    [["sh", "-c", "echo hi"], undefined, /command\[2\]/],
    [[], undefined, /command/],
    [["ls", ""], undefined, /command\[1\]/],
    [["ls"], { size: { rows: 0, columns: 1 } }, /size\.rows/],
    [["ls"], { colour: true }, /colour/],
    [["cat"], { stdin: 5 }, /^Expected `stdin` to be a string, a Uint8Array or something that gives them one by one, got number\.$/],
    [["cat"], { stdin: null }, /stdin/],
    [["cat"], { stdin: { read: 1 } }, /stdin/],
    ["ls", undefined, /command/],
  ])("refuses %j with %j at once", async (command, options, message) => {
    await using emulator = await startEmulator({ engine: scripted({}) });
    const client = new AciClient(emulator.clientOptions);
    await expect(client.exec("g", command as string[], options as object)).rejects.toThrow(message);
    expect(emulator.requests).toHaveLength(0);
  });
});
