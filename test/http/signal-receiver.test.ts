import { createServer, request as httpRequest, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createSignalReceiver, nodeListener, type RequestHandler, type SignalReceiverOptions } from "aci-lifecycle/http";
import { firstOf, poll, webhook, type Mailbox, type Signal, type WebhookOptions, type WebhookStrategy } from "aci-lifecycle";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { JOB, SECRET } from "../completion/calls.js";

const job = { ...JOB, groupName: `${nameBaseOf(jobHash(JOB.key))}-2` };
const CODE = "the code of Event Grid";
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

function strategyOf(more: Partial<WebhookOptions> = {}): WebhookStrategy {
  return webhook({ url: "https://jobs.example.com/callbacks", secret: SECRET, report: "container", ...more });
}

async function callTo(strategy: WebhookStrategy): Promise<{ readonly url: string; readonly headers: Record<string, string> }> {
  const { environment = {} } = (await strategy.prepare?.(job)) ?? {};
  const { ACI_JOB_CALLBACK_URL: url, ACI_JOB_CALLBACK_TOKEN: token } = environment as Record<string, { secureValue: string }>;
  return { url: url?.secureValue ?? "", headers: { authorization: `Bearer ${token?.secureValue ?? ""}`, "content-type": "application/json" } };
}

const waiting = (strategy: WebhookStrategy): Promise<readonly Signal[]> | undefined => strategy.receive?.(job, { waitInMs: 0, abortSignal: new AbortController().signal });
const ENDED = '{"type":"job.ended","exitCode":0}';

async function received(options?: SignalReceiverOptions, more?: Partial<WebhookOptions>): Promise<{ readonly strategy: WebhookStrategy; readonly handler: RequestHandler; readonly url: string; readonly headers: Record<string, string> }> {
  const strategy = strategyOf(more);
  return { strategy, handler: createSignalReceiver(strategy, options), ...(await callTo(strategy)) };
}

async function listen(handler: RequestHandler): Promise<string> {
  server = createServer(nodeListener(handler)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("what cannot be served", () => {
  it.each([[undefined, "undefined"], [poll(), "object"], [firstOf(strategyOf(), poll()), "object"], ["webhook", "string"]])("is no strategy with a receiver: %o", (strategy, type) => {
    expect(() => createSignalReceiver(strategy as WebhookStrategy)).toThrow(new TypeError(`Expected \`strategy\` to be one that \`webhook()\` makes, got ${type}.`));
  });

  it.each<[unknown, string]>([
    [null, "Expected `options` to be an object, got null."],
    [{ onsignal: () => undefined }, "Expected `options` to have only known fields, got `onsignal`. Known are onSignal, eventGrid, onError."],
    [{ onSignal: "x" }, "Expected `onSignal` to be a function, got string."],
    [{ onError: true }, "Expected `onError` to be a function, got boolean."],
  ])("is options such as %o", (options, message) => {
    expect(() => createSignalReceiver(strategyOf(), options as SignalReceiverOptions)).toThrow(new TypeError(message));
  });

  it.each([[undefined, "undefined"], [strategyOf(), "object"]])("is no handler: %o", (handler, type) => {
    expect(() => nodeListener(handler as never)).toThrow(new TypeError(`Expected \`handler\` to be a function, such as \`createSignalReceiver()\` makes, got ${type}.`));
  });
});

describe("a receiver", () => {
  it("answers 204 once the signal is kept, and tells who wants to know", async () => {
    const told: Signal[] = [];
    const { strategy, handler, url, headers } = await received({ onSignal: (signal) => told.push(signal) });
    const response = await handler(new Request(url, { method: "POST", headers, body: ENDED }));
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(told).toMatchObject([{ key: JOB.key, kind: "ended", exitCode: 0 }]);
    expect(await waiting(strategy)).toEqual(told);
  });

  it("answers 503 where the signal could not be kept, or nobody could be told", async () => {
    const broken: Mailbox = { put: () => Promise.reject(new Error("full")), receive: () => Promise.resolve([]), acknowledge: () => Promise.resolve() };
    for (const [options, more] of [[{}, { mailbox: broken }], [{ onSignal: () => Promise.reject(new Error("no queue")) }, {}]] as const) {
      const { handler, url, headers } = await received(options, more);
      expect((await handler(new Request(url, { method: "POST", headers, body: ENDED }))).status).toBe(503);
    }
  });

  it("says why a signal could not be kept, to its own side only, and to a listener that throws", async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown): never => {
      errors.push(error);
      throw new Error("a listener's trouble");
    };
    const { handler, url, headers } = await received({ onSignal: () => Promise.reject(new Error("no queue")), onError });
    const response = await handler(new Request(url, { method: "POST", headers, body: ENDED }));
    expect([response.status, await response.text()]).toEqual([503, '{"error":503}']);
    await handler(new Request(url, { method: "POST", headers, body: "x".repeat(70_000) }));
    expect(errors).toMatchObject([{ message: "no queue" }]);
  });

  it("goes on where a listener rejects", async () => {
    const rejecting = (() => Promise.reject(new Error("a listener's trouble"))) as () => void;
    const { handler, url, headers } = await received({ onSignal: () => Promise.reject(new Error("no queue")), onError: rejecting });
    expect((await handler(new Request(url, { method: "POST", headers, body: ENDED }))).status).toBe(503);
  });

  it("answers alike to all who have no right", async () => {
    const { handler, url, headers } = await received();
    const wrong = [new Request(url, { method: "POST", body: ENDED }), new Request(url.replace("attempt=2", "attempt=3"), { method: "POST", headers, body: ENDED }), new Request("https://x/", { method: "POST", headers, body: ENDED })];
    const answers = await Promise.all(wrong.map(async (one) => { const response = await handler(one); return [response.status, await response.text(), [...response.headers]]; }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.[0]).toBe(401);
  });

  it.each(["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])("does not take %s", async (method) => {
    const { handler, url, headers } = await received();
    expect((await handler(new Request(url, { method, headers }))).status).toBe(405);
  });

  it("takes no more than 64 KB, whatever the length is said to be", async () => {
    const { handler, url, headers } = await received();
    const long = `{"type":"job.ended","x":"${"a".repeat(70_000)}"}`;
    expect((await handler(new Request(url, { method: "POST", headers: { ...headers, "content-length": "10000000" }, body: "{" }))).status).toBe(413);
    const stream = new ReadableStream({ start(controller) { for (let at = 0; at < long.length; at += 1000) controller.enqueue(Buffer.from(long.slice(at, at + 1000))); controller.close(); } });
    expect((await handler(new Request(url, { method: "POST", headers, body: stream, duplex: "half" }))).status).toBe(413);
  });
});

describe("a receiver whose caller is slow (W8)", () => {
  afterEach(() => void vi.useRealTimers());

  it("answers 408 after ten seconds, however little comes by then and for as long as it likes, and lets go of the body", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const { strategy, handler, url, headers } = await received();
    let timer: NodeJS.Timeout | undefined;
    let isLetGo = false;
    const trickle = new ReadableStream<Uint8Array>({
      start: (to) => void (timer = setInterval(() => to.enqueue(Buffer.from(" ")), 500)),
      cancel: () => {
        clearInterval(timer);
        isLetGo = true;
      },
    });
    let status: number | undefined;
    const answered = handler(new Request(url, { method: "POST", headers, body: trickle, duplex: "half" })).then((response) => (status = response.status));
    await vi.advanceTimersByTimeAsync(9_999);
    expect([status, isLetGo]).toEqual([undefined, false]);
    await vi.advanceTimersByTimeAsync(1);
    expect([await answered, isLetGo, vi.getTimerCount()]).toEqual([408, true, 0]);
    expect(await waiting(strategy)).toEqual([]);
  });
});

describe("a receiver for Event Grid", () => {
  const subject = `/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerInstance/containerGroups/${job.groupName}`;
  const events = JSON.stringify([{ id: "e1", subject, eventType: "Microsoft.Resources.ResourceDeleteSuccess", data: {} }]);
  const cloud = JSON.stringify({ specversion: "1.0", id: "e2", subject, type: "Microsoft.Resources.ResourceWriteSuccess", data: {} });
  const address = `https://x/?code=${encodeURIComponent(CODE)}`;

  it("takes both kinds of delivery and both handshakes", async () => {
    const { strategy, handler } = await received({ eventGrid: { secret: CODE } });
    expect((await handler(new Request(address, { method: "POST", headers: { "aeg-event-type": "Notification" }, body: events }))).status).toBe(204);
    expect((await handler(new Request(address, { method: "POST", headers: { "content-type": "application/cloudevents+json; charset=utf-8" }, body: cloud }))).status).toBe(204);
    expect(await waiting(strategy)).toHaveLength(2);
    const validation = JSON.stringify([{ id: "v", eventType: "Microsoft.EventGrid.SubscriptionValidationEvent", data: { validationCode: "c0de" } }]);
    const agreed = await handler(new Request(address, { method: "POST", headers: { "aeg-event-type": "SubscriptionValidation" }, body: validation }));
    expect([agreed.status, await agreed.json()]).toEqual([200, { validationResponse: "c0de" }]);
    const asked = await handler(new Request(address, { method: "OPTIONS", headers: { "webhook-request-origin": "eventgrid.azure.net", "webhook-request-rate": "120" } }));
    expect([asked.status, asked.headers.get("webhook-allowed-origin"), asked.headers.get("webhook-allowed-rate")]).toEqual([200, "eventgrid.azure.net", "*"]);
  });

  it("refuses who does not know the code, and everybody where it is not wanted", async () => {
    const { handler } = await received({ eventGrid: { secret: CODE } });
    const wrong = new Request("https://x/?code=wrong", { method: "POST", headers: { "aeg-event-type": "Notification" }, body: events });
    expect((await handler(wrong)).status).toBe(401);
    expect((await handler(new Request("https://x/", { method: "OPTIONS", headers: { "webhook-request-origin": "eventgrid.azure.net" } }))).status).toBe(405);
    expect((await handler(new Request(address, { method: "OPTIONS", headers: { "webhook-request-origin": "evil.example" } }))).status).toBe(405);
    const { handler: plain } = await received();
    expect((await plain(new Request(address, { method: "POST", headers: { "aeg-event-type": "Notification" }, body: events }))).status).toBe(401);
    expect(() => createSignalReceiver(strategyOf(), { eventGrid: { secret: "short" } })).toThrow(TypeError);
    expect(() => createSignalReceiver(strategyOf(), { eventGrid: "short" as never })).toThrow(/^Expected `eventGrid\.secret` to be a text/u);
  });

  it("refuses listeners that are none", () => {
    expect(() => createSignalReceiver(strategyOf(), { onSignal: {} as never })).toThrow(new TypeError("Expected `onSignal` to be a function, got object."));
    expect(() => createSignalReceiver(strategyOf(), { onError: "log" as never })).toThrow(new TypeError("Expected `onError` to be a function, got string."));
  });
});

describe("a receiver behind node:http", () => {
  it("takes a call", async () => {
    const { strategy, handler, url, headers } = await received();
    const base = await listen(handler);
    const response = await fetch(`${base}${new URL(url).search}`, { method: "POST", headers, body: ENDED });
    expect(response.status).toBe(204);
    expect(await waiting(strategy)).toHaveLength(1);
  });

  it("takes a body that Express has read as bytes, and none that it has parsed", async () => {
    const { handler, url, headers } = await received();
    server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
        const body = incoming.headers["x-parsed"] === undefined ? Buffer.concat(chunks) : { type: "job.ended" };
        setImmediate(() => nodeListener(handler)(Object.assign(incoming, { body }), outgoing));
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server?.once("listening", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(url).search}`;
    expect((await fetch(base, { method: "POST", headers, body: ENDED })).status).toBe(204);
    const parsed = await fetch(base, { method: "POST", headers: { ...headers, "x-parsed": "1" }, body: ENDED });
    expect([parsed.status, await parsed.text()]).toEqual([500, expect.stringContaining("in front of any body parser")]);
  });

  it("tells who sends too much, also where the length was not said before", async () => {
    const { handler, url, headers } = await received();
    const base = new URL(await listen(handler));
    const raw = connect(Number(base.port), base.hostname);
    let heard = "";
    raw.on("data", (data) => (heard += data.toString()));
    raw.on("error", () => undefined);
    const isOver = new Promise((resolve) => raw.once("close", resolve));
    raw.write(`POST /${new URL(url).search} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: ${headers["authorization"] ?? ""}\r\ntransfer-encoding: chunked\r\n\r\n`);
    for (let chunk = 0; chunk < 70; chunk++) raw.write(`400\r\n${"a".repeat(1024)}\r\n`);
    raw.write("0\r\n\r\n");
    await isOver;
    expect(heard).toMatch(/^HTTP\/1\.1 413/u);
  });

  it("outlives a sender that breaks off, and one that lies about its length", async () => {
    const { strategy, handler, url, headers } = await received();
    const base = new URL(await listen(handler));
    const cut = httpRequest({ host: base.hostname, port: base.port, method: "POST", path: `/${new URL(url).search}`, headers: { ...headers, "content-length": "100" } });
    cut.on("error", () => undefined);
    cut.write("{");
    await new Promise((resolve) => setImmediate(resolve));
    cut.destroy();
    const raw = connect(Number(base.port), base.hostname);
    const answer = new Promise<string>((resolve) => raw.once("data", (data) => resolve(data.toString())));
    raw.write(`POST /${new URL(url).search} HTTP/1.1\r\nhost: x\r\nauthorization: ${headers["authorization"] ?? ""}\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 400/u);
    raw.destroy();
    expect((await fetch(`${base.href}${new URL(url).search}`, { method: "POST", headers, body: ENDED })).status).toBe(204);
    expect(await waiting(strategy)).toHaveLength(1);
  });
});
