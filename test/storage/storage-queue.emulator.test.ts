import { inspect } from "node:util";
import { memoryMailbox, runContainerJob, AciClient, type CompletionStrategy, type JobView, type Mailbox, type Signal } from "aci-lifecycle";
import { startEmulator } from "aci-lifecycle/emulator";
import { storageQueue, tableMailbox, type StorageQueueOptions } from "aci-lifecycle/storage";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { JOB } from "../completion/calls.js";
import { startAzurite, type Azurite } from "./azurite.js";

let azurite: Azurite;
let queue: string;
let queues = 0;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => azurite.stop());
beforeEach(() => {
  queue = `queue-${++queues}`;
});

const jobOf = (key: string, attempt = 1): JobView => ({ ...JOB, key, attempt, groupName: `${nameBaseOf(jobHash(key))}-${attempt}` });
const job = jobOf('a <b> & "c"/\\ ä\u{1f600}\n', 2);
const strategyOf = (more: Partial<StorageQueueOptions> = {}): CompletionStrategy => storageQueue({ connectionString: azurite.connectionString, queue, report: "container", ...more });
const receive = async (strategy: CompletionStrategy, of = job, waitInMs = 0, abortSignal = new AbortController().signal): Promise<readonly Signal[]> => (await strategy.receive?.(of, { waitInMs, abortSignal })) ?? [];
// So long that what comes before its half did not come because it was over, on however busy a machine.
const A_WHILE_IN_MS = 60_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// What a container finds, and how it puts a message.
async function told(strategy: CompletionStrategy, of = job): Promise<{ readonly url: string; readonly message: string }> {
  const { environment = {} } = (await strategy.prepare?.(of)) ?? {};
  const value = (name: string): string => (environment as Record<string, { secureValue: string }>)[name]?.secureValue ?? "";
  return { url: value("ACI_JOB_QUEUE_URL"), message: value("ACI_JOB_MESSAGE") };
}
const post = (url: string, text: string): Promise<Response> => fetch(url, { method: "POST", headers: { "content-type": "application/xml" }, body: `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>` });
const ended = (message: string, exitCode = 3): string => message.replace(/\}$/u, `,"type":"job.ended","exitCode":${exitCode}}`);
const left = async (): Promise<number | undefined> => (await azurite.queue(queue).getProperties()).approximateMessagesCount;

describe("a container with a queue", () => {
  it("is given an address to add messages at, and what they begin with, the same each time", async () => {
    const strategy = strategyOf();
    const { url, message } = await told(strategy);
    expect(await told(strategyOf())).toEqual({ url, message });
    expect(new URL(url).pathname).toBe(`/devstoreaccount1/${queue}/messages`);
    expect(new URL(url).searchParams.get("sp")).toBe("a");
    const lifetimeInMs = Date.parse(new URL(url).searchParams.get("se") ?? "") - Date.now();
    expect(lifetimeInMs).toBeGreaterThan(7 * 86_400_000 - 1000);
    expect(lifetimeInMs).toBeLessThanOrEqual(14 * 86_400_000);
    expect(message).toMatch(/^[\w{}":,\\.~-]+$/u);
    expect(JSON.parse(message)).toEqual({ job: job.key, attempt: 2 });
  });

  it("can add, and can neither look, read, change, delete, nor reach another queue", async () => {
    const strategy = strategyOf();
    const { url, message } = await told(strategy);
    expect((await post(url, ended(message))).status).toBe(201);
    const [{ messageId, popReceipt } = { messageId: "", popReceipt: "" }] = (await azurite.queue(queue).receiveMessages()).receivedMessageItems;
    await azurite.queue(`${queue}-other`).create();
    const at = (change: (address: URL) => void): string => {
      const address = new URL(url);
      change(address);
      return address.href;
    };
    const one = (address: URL): void => {
      address.pathname += `/${messageId}`;
      address.searchParams.set("popreceipt", popReceipt);
    };
    const hidden = (address: URL): void => {
      one(address);
      address.searchParams.set("visibilitytimeout", "0");
    };
    const metadata = (address: URL): void => {
      address.pathname = address.pathname.replace("/messages", "");
      address.searchParams.set("comp", "metadata");
    };
    const refused: Record<string, Promise<Response>> = {
      receive: fetch(url),
      peek: fetch(at((address) => address.searchParams.set("peekonly", "true"))),
      clear: fetch(url, { method: "DELETE" }),
      deleteOne: fetch(at(one), { method: "DELETE" }),
      update: fetch(at(hidden), { method: "PUT", body: "<QueueMessage><MessageText>x</MessageText></QueueMessage>" }),
      properties: fetch(at(metadata)),
      other: post(url.replace(`/${queue}/`, `/${queue}-other/`), "x"),
      longer: post(at((address) => address.searchParams.set("se", "2099-01-01T00:00:00Z")), "x"),
    };
    for (const [what, response] of Object.entries(refused)) expect([what, (await response).status]).toEqual([what, 403]);
    expect(await left()).toBe(1);
  });

  it("may be given a signature of the user's own", async () => {
    const { url } = await told(strategyOf());
    const addSas = new URL(url).search;
    const own = strategyOf({ addSas });
    expect((await told(own)).url).toBe(url);
    expect(() => strategyOf({ addSas: addSas.replace("sp=a", "sp=ra") })).toThrow(/`addSas`/u);
  });
});

describe("a queue", () => {
  it("brings what a container says to its job, once, and is empty then", async () => {
    const strategy = strategyOf();
    const { url, message } = await told(strategy);
    await post(url, message.replace(/\}$/u, ',"type":"job.started"}'));
    await azurite.queue(queue).sendMessage(Buffer.from(ended(message)).toString("base64"));
    const signals = await receive(strategy);
    expect(signals).toMatchObject([{ kind: "started" }, { kind: "ended", exitCode: 3, key: job.key, groupName: job.groupName, source: "storageQueue" }]);
    expect(await receive(strategy)).toEqual(signals);
    await strategy.acknowledge?.(job, signals);
    expect(await receive(strategy)).toEqual([]);
    expect(await left()).toBe(0);
  });

  it("W1: brings one signal of a thousand messages that say the same", async () => {
    const mailbox = memoryMailbox();
    const strategy = strategyOf({ mailbox });
    const { url, message } = await told(strategy);
    for (let round = 0; round < 10; round++) expect(new Set(await Promise.all(Array.from({ length: 100 }, async () => (await post(url, ended(message))).status)))).toEqual(new Set([201]));
    expect(await receive(strategy, job, A_WHILE_IN_MS)).toHaveLength(1);
    while (((await left()) ?? 0) > 0) await receive(strategy, jobOf("another"), 1000);
    expect(await mailbox.receive(job.groupName, { waitInMs: 0 })).toHaveLength(1);
  });

  it("W2: keeps what came before anybody waited, also where another job's waiter has read it", async () => {
    const strategy = strategyOf();
    const { url, message } = await told(strategy);
    await post(url, ended(message));
    expect(await receive(strategy, jobOf("another"), 600)).toEqual([]);
    expect(await receive(strategy, job, A_WHILE_IN_MS)).toMatchObject([{ kind: "ended" }]);
  });

  it("W3: brings what is late to nobody else: not to the next attempt, and not to another job", async () => {
    const strategy = strategyOf();
    const { url, message } = await told(strategy);
    await post(url, ended(message));
    expect(await receive(strategy, jobOf(job.key, 3))).toEqual([]);
    expect(await receive(strategy, jobOf("another"))).toEqual([]);
    expect(await receive(strategy, job)).toHaveLength(1);
  });

  it("throws away what is no report, and says so", async () => {
    const refused: string[] = [];
    const strategy = strategyOf({ onRefused: ({ reason }) => (refused.push(reason), expect.fail("a listener that throws")) });
    const { message } = await told(strategy);
    const wrong = ["hello", "{", "[]", "3", "null", '{"type":"job.ended"}', '{"job":"k","attempt":0,"type":"job.ended"}', '{"job":"k","attempt":"1","type":"job.ended"}', '{"job":"k","attempt":1,"type":"job.done"}', `{"job":"${"k".repeat(1025)}","attempt":1,"type":"job.ended"}`, '{"__proto__":{"job":"k"},"attempt":1,"type":"job.ended"}', "[".repeat(30_000)];
    for (const text of wrong) await azurite.queue(queue).sendMessage(text);
    await azurite.queue(queue).sendMessage(ended(message));
    expect(await receive(strategy, job, A_WHILE_IN_MS)).toHaveLength(1);
    expect(refused).toEqual(wrong.map(() => "malformed"));
    expect(await left()).toBe(0);
  });

  it("throws away what was received more than twenty times", async () => {
    const refused: string[] = [];
    const onRefused = (({ reason }) => (refused.push(reason), Promise.reject(new Error("a listener that rejects")))) as NonNullable<StorageQueueOptions["onRefused"]>;
    const strategy = strategyOf({ onRefused });
    const { message } = await told(strategy);
    const client = azurite.queue(queue);
    await client.sendMessage(ended(message));
    for (let time = 0; time < 20; time++) {
      const [item] = (await client.receiveMessages({ visibilityTimeout: 60 })).receivedMessageItems;
      await client.updateMessage(item?.messageId ?? "", item?.popReceipt ?? "", item?.messageText, 0);
    }
    expect(await receive(strategy)).toEqual([]);
    expect(refused).toEqual(["tooOften"]);
    expect(await left()).toBe(0);
  });

  it("gives a message again whose reader died before it was kept, or could not keep it", async () => {
    const inner = memoryMailbox();
    let isBroken = true;
    const mailbox: Mailbox = { receive: (...given) => inner.receive(...given), acknowledge: (...given) => inner.acknowledge(...given), put: async (signal) => (isBroken ? Promise.reject(new Error("no room")) : inner.put(signal)) };
    const strategy = strategyOf({ mailbox, visibilityTimeoutInMs: 1000 });
    const { url, message } = await told(strategy);
    await post(url, ended(message));
    await expect(receive(strategy, job, A_WHILE_IN_MS)).rejects.toThrow("no room");
    isBroken = false;
    await pause(1100);
    const [dead] = (await azurite.queue(queue).receiveMessages({ visibilityTimeout: 1 })).receivedMessageItems;
    expect(dead?.dequeueCount).toBe(2);
    expect(await receive(strategy, job, A_WHILE_IN_MS)).toMatchObject([{ kind: "ended", exitCode: 3 }]);
    expect(await left()).toBe(0);
  });

  it("has one reader for all who wait in a process, which ends with the last of them", async () => {
    const strategy = strategyOf();
    const { url, message } = await told(strategy);
    const client = azurite.queue(queue);
    const controller = new AbortController();
    const others = Array.from({ length: 50 }, (_, n) => receive(strategy, jobOf(`other ${n}`), 60_000, controller.signal).catch((error: unknown) => error));
    const waiting = receive(strategy, job, A_WHILE_IN_MS);
    await pause(300);
    const putAt = performance.now();
    await post(url, ended(message));
    expect(await waiting).toHaveLength(1);
    expect(performance.now() - putAt).toBeLessThan(A_WHILE_IN_MS / 2);
    controller.abort(new Error("enough"));
    expect(new Set((await Promise.all(others)).map(String))).toEqual(new Set(["Error: enough"]));
    await pause(200);
    await client.sendMessage(ended(message));
    await pause(2500);
    expect((await client.peekMessages()).peekedMessageItems[0]?.dequeueCount).toBe(0);
  });

  it("does not wait for a mailbox to be looked at that it has filled itself", async () => {
    const mailbox = tableMailbox({ connectionString: azurite.connectionString, table: `slow${queues}`, firstPauseInMs: A_WHILE_IN_MS, longestPauseInMs: A_WHILE_IN_MS });
    const strategy = strategyOf({ mailbox });
    const { url, message } = await told(strategy);
    const waiting = receive(strategy, job, A_WHILE_IN_MS);
    await pause(300);
    const putAt = performance.now();
    await post(url, ended(message));
    expect(await waiting).toHaveLength(1);
    expect(performance.now() - putAt).toBeLessThan(A_WHILE_IN_MS / 2);
  });

  it("goes on after a failure, for those too who came while it failed", async () => {
    const inner = memoryMailbox();
    const failure = { isOn: true };
    const mailbox: Mailbox = { receive: (...given) => inner.receive(...given), acknowledge: (...given) => inner.acknowledge(...given), put: async (signal) => (failure.isOn ? Promise.reject(new Error("no room")) : inner.put(signal)) };
    const strategy = strategyOf({ mailbox, visibilityTimeoutInMs: 1000 });
    const { url, message } = await told(strategy);
    await post(url, ended(message));
    // The next wait begins in the very turn in which the one before fails.
    const second = receive(strategy, jobOf("another"), 60_000).catch(() => {
      failure.isOn = false;
      return receive(strategy, job, A_WHILE_IN_MS);
    });
    await expect(receive(strategy, job, A_WHILE_IN_MS)).rejects.toThrow("no room");
    expect(await second).toHaveLength(1);
  });

  it("tells of its failure to all who wait", async () => {
    const strategy = storageQueue({ connectionString: "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:1/a;", queue });
    const waits = [job, jobOf("another")].map((one) => receive(strategy, one, 60_000));
    for (const wait of waits) await expect(wait).rejects.toThrow(/ECONNREFUSED/u);
    expect(inspect(await waits[0]?.catch((error: unknown) => error), { depth: 20, showHidden: true })).not.toContain("a2V5");
  });

  it("shares its signals with the waiters of other processes by a table", async () => {
    const shared = (): CompletionStrategy => strategyOf({ mailbox: tableMailbox({ connectionString: azurite.connectionString, table: `shared${queues}` }) });
    const { url, message } = await told(shared());
    const waits = [receive(shared(), job, A_WHILE_IN_MS), receive(shared(), jobOf("another"), 3000)];
    await pause(200);
    await post(url, ended(message));
    expect((await Promise.all(waits)).map(({ length }) => length)).toEqual([1, 0]);
  });
});

describe("a job that reports to a queue", () => {
  it("is known to have ended by the container's message, with few requests", async () => {
    await using emulator = await startEmulator({ engine: "process" });
    const client = new AciClient(emulator.clientOptions);
    for (const exitCode of [0, 3]) {
      const before = emulator.requests.length;
      const result = await runContainerJob(client, { image: "i", command: ["/bin/sh", "-c", `date +%s%3N; sleep 5; date +%s%3N; exit ${exitCode}`] }, { completion: strategyOf({ report: "wrapper" }), reject: false });
      const [beganAt = NaN, endAt = NaN] = result.logs.split("\n").map(Number);
      const lagInMs = Date.now() - endAt;
      const requests = emulator.requests.slice(before);
      console.log(`a job by a queue: ${requests.map(({ method }) => method).join(" ")}, done ${lagInMs} ms after its end`);
      expect(result).toMatchObject({ exitCode, outcome: exitCode === 0 ? "succeeded" : "failed", cleanup: "done" });
      expect(result.logs).toMatch(/^\d+\n\d+\n$/u);
      // While it runs nothing is asked. How often it is after that is up to how quick this machine is.
      expect(requests.filter(({ method, at }) => method === "GET" && at > beganAt && at < endAt)).toEqual([]);
      expect(requests.length).toBeLessThanOrEqual(12);
      expect(lagInMs).toBeLessThan(A_WHILE_IN_MS / 2);
    }
    expect(await left()).toBe(0);
  });
});
