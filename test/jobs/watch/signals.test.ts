import { describe, expect, it } from "vitest";
import { firstOf, memoryMailbox, memoryStore, poll, resumeContainerJob, runContainerJob, startContainerJob, stepContainerJob, webhook, type AciClient, type CompletionStrategy, type JobHandle, type JobStep, type JobStore, type LifecycleEvent, type Mailbox, type Signal, type WebhookStrategy } from "../../../src/index.js";
import { jobHash, nameBaseOf } from "../../../src/lifecycle/identity.js";
import { FakeAzure } from "../fake-azure.js";

const SPEC = { key: "k", image: "a", command: ["work"] };
const GROUP = `${nameBaseOf(jobHash("k"))}-1`;
const SECRET = "the secret of the tests, long enough";
const MINUTE = 60_000;

const signal = (kind: Signal["kind"] = "ended", id = "s1", groupName = GROUP): Signal => ({ id, groupName, kind, source: "webhook", at: "2026-01-01T00:00:00Z" });

function watched(azure = new FakeAzure(), runsInMs = MINUTE): { azure: FakeAzure; client: AciClient; mailbox: Mailbox; completion: WebhookStrategy } {
  azure.runsInMs = runsInMs;
  const mailbox = memoryMailbox({ clock: azure.clock });
  return { azure, client: azure.client(), mailbox, completion: webhook({ url: "https://x.example/", secret: SECRET, clock: azure.clock, mailbox }) };
}

describe("a job with a webhook", () => {
  it("takes five requests, and one more for its caller's key, and is seen to end when it says so", async () => {
    const { azure, client, mailbox, completion } = watched();
    void azure.clock.sleep(2200).then(() => mailbox.put(signal("started", "s0")));
    void azure.clock.sleep(MINUTE + 2100).then(() => mailbox.put(signal()));
    const result = await azure.until(runContainerJob(client, SPEC, { completion }));
    expect(azure.requests).toEqual(["list", "get", "put", "get", "readLogs", "delete", "get"]);
    expect(result.timings.noticedInMs).toBeLessThan(400);
    expect(await mailbox.receive(GROUP, { waitInMs: 0 })).toEqual([]);
  });

  it("is found by the safety look where nothing is heard", async () => {
    const { azure, client, completion } = watched();
    const result = await azure.until(runContainerJob(client, SPEC, { completion }));
    expect(result).toMatchObject({ outcome: "succeeded", cleanup: "done" });
    expect(result.timings.noticedInMs).toBeLessThanOrEqual(120_000);
    expect(azure.requests.filter((verb) => verb === "get").length).toBeLessThan(7);
  });

  it("is what its group shows, whatever a call says", async () => {
    const { azure, client, mailbox, completion } = watched();
    azure.exitCode = 1;
    void azure.clock.sleep(10_000).then(() => mailbox.put({ ...signal(), exitCode: 0 }));
    const result = await azure.until(runContainerJob(client, SPEC, { completion, reject: false }));
    expect(result).toMatchObject({ outcome: "failed", exitCode: 1, timings: { ranInMs: MINUTE } });
  });

  it("has signals that came before its create was answered, and acknowledges what it has taken once", async () => {
    const { azure, client, mailbox, completion } = watched(new FakeAzure(), 1000);
    await mailbox.put(signal());
    const result = await azure.until(runContainerJob(client, SPEC, { completion, store: memoryStore() }));
    expect(result.timings.noticedInMs).toBeLessThan(3000);
    expect(await mailbox.receive(GROUP, { waitInMs: 0 })).toEqual([]);
  });

  it("is looked at for a signal although another process, which has not heard it, has carried the job further", async () => {
    const { azure, client, mailbox, completion } = watched();
    const store = memoryStore();
    const handle = await azure.until(startContainerJob(client, SPEC, { completion, store }));
    const poller = await resumeContainerJob(azure.client(), handle, { completion, store });
    const waiting = poller.pollUntilDone();
    await azure.clock.advance(2200);
    await mailbox.put(signal("started", "s0"));
    await azure.clock.advance(30_000);
    await stepContainerJob(client, handle, { completion, store });
    await azure.clock.advance(30_000);
    await mailbox.put(signal());
    expect((await azure.until(waiting)).timings.noticedInMs).toBeLessThan(1000);
    expect(await mailbox.receive(GROUP, { waitInMs: 0 })).toEqual([]);
  });

  it("is not looked at before the time that Azure gave this process, whatever it learns from another one meanwhile", async () => {
    const { azure, client, mailbox, completion } = watched();
    const store = memoryStore();
    const handle = await azure.until(startContainerJob(client, SPEC, { completion, store }));
    const poller = await resumeContainerJob(azure.client(), handle, { completion, store });
    const waiting = poller.pollUntilDone();
    let toldAt = 0;
    azure.before = (verb) => {
      if (verb !== "get" || toldAt > 0) return;
      toldAt = azure.clock.now();
      throw azure.fault({ statusCode: 429, retryAfterInMs: 59_000 });
    };
    await azure.clock.advance(32_000);
    await stepContainerJob(client, handle, { completion, store });
    await azure.clock.advance(5000);
    azure.requests.length = 0;
    await mailbox.put(signal());
    await azure.clock.advance(toldAt + 58_000 - azure.clock.now());
    expect(azure.requests).toEqual([]);
    await azure.until(waiting);
    expect(azure.requests[0]).toBe("get");
  });

  it("is not looked at for the signals of other groups", async () => {
    const { azure, client, completion } = watched();
    const foreign: CompletionStrategy = { ...completion, receive: (_job, { waitInMs, abortSignal }) => azure.clock.sleep(Math.min(waitInMs, 1000), abortSignal).then(() => [signal("ended", "x", `${GROUP.slice(0, -1)}2`)]) };
    await azure.until(runContainerJob(client, SPEC, { completion: foreign }));
    expect(azure.requests.filter((verb) => verb === "get").length).toBeLessThan(7);
  });

  it("is not looked at all the time by a sender that does not stop", async () => {
    const { azure, client, mailbox, completion } = watched(new FakeAzure(), 3 * MINUTE);
    const ending = new AbortController();
    const send = async (id: number): Promise<void> => {
      await azure.clock.sleep(100, ending.signal);
      await mailbox.put(signal("ended", String(id)));
      return send(id + 1);
    };
    const sending = send(0).catch(() => undefined);
    await azure.until(runContainerJob(client, SPEC, { completion }).finally(() => ending.abort()));
    await sending;
    expect(azure.requests.length).toBeLessThan(80);
  });

  it("has an end that is noticed although one was told before that was none, by a signal of the same name", async () => {
    const { azure, client, mailbox, completion } = watched();
    void azure.clock.sleep(10_000).then(() => mailbox.put(signal()));
    void azure.clock.sleep(MINUTE + 2000).then(() => mailbox.put(signal()));
    const result = await azure.until(runContainerJob(client, SPEC, { completion }));
    expect(result.timings.noticedInMs).toBeLessThan(1000);
  });

  it("has signals acknowledged at last whose acknowledgement failed, and they are no news any more", async () => {
    const { azure, client, mailbox, completion } = watched();
    let reads = 0;
    let failures = 1;
    const memory = completion as Required<CompletionStrategy>;
    const unsteady: CompletionStrategy = {
      ...completion,
      receive: (...args) => (reads++, memory.receive(...args)),
      acknowledge: (...args) => (failures-- > 0 ? Promise.reject(new Error("not now")) : memory.acknowledge(...args)),
    };
    void azure.clock.sleep(2200).then(() => mailbox.put(signal("started", "s0")));
    void azure.clock.sleep(MINUTE + 2000).then(() => mailbox.put(signal()));
    await azure.until(runContainerJob(client, SPEC, { completion: unsteady }));
    expect(failures).toBeLessThan(0);
    // While it is not taken it comes again at each read.
    expect(reads).toBeLessThan(45);
  });

  it("has an end that is noticed although Azure shows it late", async () => {
    const { azure, client, mailbox, completion } = watched();
    const shownLateBy = 4000;
    azure.look = (snapshot) => (azure.clock.now() < Date.UTC(2026, 0, 1) + MINUTE + 2000 + shownLateBy ? { ...snapshot, containers: snapshot.containers.map((one) => ({ ...one, currentState: { state: "Running", startedAt: one.currentState?.startedAt } })) } : snapshot);
    void azure.clock.sleep(2200).then(() => mailbox.put(signal("started", "s0")));
    void azure.clock.sleep(MINUTE + 2000).then(() => mailbox.put(signal()));
    const result = await azure.until(runContainerJob(client, SPEC, { completion }));
    expect(result.timings.noticedInMs).toBeLessThan(6000);
  });

  it("has its credential in the container, as secure values, and not in its handle, its tags or its result", async () => {
    const { azure, client, completion } = watched(new FakeAzure(), 1000);
    const handle = await azure.until(startContainerJob(client, SPEC, { completion }));
    const [container] = azure.puts[0]?.containers ?? [];
    const { ACI_JOB_CALLBACK_TOKEN: token } = (container?.environment ?? {}) as Record<string, { secureValue: string }>;
    expect(container?.command?.slice(-1)).toEqual(["work"]);
    expect(token?.secureValue).toMatch(/^[\w-]{43}$/u);
    expect(JSON.stringify([handle, azure.puts[0]?.tags])).not.toContain(token?.secureValue);
    expect(handle).toMatchObject({ completion: { name: "webhook", parameters: { report: "wrapper" } }, spec: { command: ["work"] } });
  });

  it("is refused at once where the strategy cannot serve it", async () => {
    const { client, completion } = watched();
    await expect(runContainerJob(client, { image: "a" }, { completion })).rejects.toThrow(/`command`/u);
  });
});

describe("a job whose container gives signs of life", () => {
  it("ends when they stop, and not while they come, however late its process hears of them", async () => {
    const { azure, client, mailbox, completion } = watched(new FakeAzure(), 60 * MINUTE);
    const beat = async (times: number): Promise<void> => {
      await azure.clock.sleep(20_000);
      await mailbox.put(signal("alive", String(times)));
      if (times > 0) return beat(times - 1);
    };
    const beating = beat(30);
    const result = await azure.until(runContainerJob(client, SPEC, { completion, heartbeatTimeoutInMs: 60_000, reject: false }));
    await beating;
    expect(result).toMatchObject({ outcome: "timedOut", error: { text: expect.stringContaining("No sign of life") as string } });
    expect(result.timings.totalInMs).toBeGreaterThan(11 * MINUTE);
    expect(result.timings.totalInMs).toBeLessThan(12 * MINUTE);
  });
});

describe("a job that is stepped", () => {
  it("looks when its host was told of a signal", async () => {
    const { azure, client, completion } = watched();
    const first = await azure.until(startContainerJob(client, SPEC, { completion }));
    const waiting = await stepContainerJob(client, first, { completion });
    if (waiting.done) throw new Error("It has only begun.");
    expect(waiting.nextCheckInMs).toBeGreaterThan(20_000);
    await azure.clock.advance(MINUTE + 3000);
    const told = await stepContainerJob(client, waiting.handle, { completion, signals: [signal()] });
    if (told.done) throw new Error("It has not looked yet.");
    await azure.clock.advance(told.nextCheckInMs);
    expect(await azure.until(stepContainerJob(client, told.handle, { completion }))).toMatchObject({ result: { outcome: "succeeded" } });
  });

  it("reads its mailbox, and acknowledges once its handle has come back", async () => {
    const { azure, client, mailbox, completion } = watched();
    const first = await azure.until(startContainerJob(client, SPEC, { completion }));
    await mailbox.put(signal("started"));
    const step = await stepContainerJob(client, first, { completion });
    expect(await mailbox.receive(GROUP, { waitInMs: 0 })).toHaveLength(1);
    // The host was killed before it had kept the handle: the same again.
    await stepContainerJob(client, first, { completion });
    expect(await mailbox.receive(GROUP, { waitInMs: 0 })).toHaveLength(1);
    await stepContainerJob(client, step.handle, { completion });
    expect(await mailbox.receive(GROUP, { waitInMs: 0 })).toEqual([]);
  });

  it("acknowledges at once where a store has it", async () => {
    const { azure, client, mailbox, completion } = watched();
    const store = memoryStore();
    const first = await azure.until(startContainerJob(client, SPEC, { completion, store }));
    await mailbox.put(signal("started"));
    await stepContainerJob(client, first, { completion, store });
    expect(await mailbox.receive(GROUP, { waitInMs: 0 })).toEqual([]);
  });

});

describe("a signal of a job that another process, which has not heard it, carries further meanwhile", () => {
  // A step of one process, during whose write another one steps.
  const overtaken = async (signals: readonly Signal[] = []): Promise<{ azure: FakeAzure; step: JobStep; store: JobStore; mailbox: Mailbox; completion: CompletionStrategy }> => {
    const { azure, client, completion, mailbox } = watched();
    const store = memoryStore();
    const first = await azure.until(startContainerJob(client, SPEC, { completion, store }));
    await azure.clock.advance(40_000);
    let isOvertaken = false;
    const meanwhile: JobStore = {
      ...store,
      async write(...written) {
        if (!isOvertaken) await stepContainerJob(azure.client(), first, { store, completion: poll() });
        isOvertaken = true;
        return store.write(...written);
      },
    };
    if (signals.length === 0) await mailbox.put(signal());
    return { azure, store, completion, mailbox, step: await azure.until(stepContainerJob(client, first, { completion, store: meanwhile, signals })) };
  };

  it("is heard, and acknowledged once that is kept, too", async () => {
    const { step, mailbox } = await overtaken();
    expect(step).toMatchObject({ handle: { state: { phase: "running", heard: { ended: {} } } } });
    expect(await mailbox.receive(GROUP, { waitInMs: 0 })).toEqual([]);
  });

  it("is not lost where only the host was told of it", async () => {
    const { step } = await overtaken([signal()]);
    expect(step).toMatchObject({ done: false, handle: { state: { phase: "running", heard: { ended: { looks: 0 } } } } });
    if (!step.done) expect(step.nextCheckInMs).toBeLessThan(1000);
  });

  it("is kept for whoever goes on from the store", async () => {
    const { azure, store, completion } = await overtaken([signal()]);
    expect(await stepContainerJob(azure.client(), { key: "k" }, { store, completion })).toMatchObject({ handle: { state: { heard: { ended: {} } } } });
  });
});

describe("a job that is resumed", () => {
  it("goes on by polling where its strategy is not given again, and says so", async () => {
    const { azure, client, completion } = watched();
    const handle = await azure.until(startContainerJob(client, SPEC, { completion }));
    const told: LifecycleEvent[] = [];
    const poller = await resumeContainerJob(client, handle, { onEvent: (event) => told.push(event) });
    expect(await azure.until(poller.pollUntilDone())).toMatchObject({ outcome: "succeeded" });
    expect(told.filter(({ type }) => type === "jobCompletionReplaced")).toMatchObject([{ strategy: "webhook" }]);
  });

  it("has its poll() again by what its handle tells", async () => {
    const looks = async (pace: "fast" | "frugal"): Promise<number> => {
      const azure = new FakeAzure();
      azure.runsInMs = 5 * MINUTE;
      const client = azure.client();
      const handle = await azure.until(startContainerJob(client, { image: "a" }, { completion: poll({ pace }) }));
      const told: string[] = [];
      const poller = await resumeContainerJob(client, JSON.parse(JSON.stringify(handle)) as JobHandle, { onEvent: ({ type }) => told.push(type) });
      await azure.until(poller.pollUntilDone());
      expect(told).not.toContain("jobCompletionReplaced");
      return azure.requests.length;
    };
    expect(await looks("fast")).toBeGreaterThan(2 * (await looks("frugal")));
  });
});

it("several strategies serve one job", async () => {
  const { azure, client, mailbox, completion } = watched();
  void azure.clock.sleep(MINUTE + 2100).then(() => mailbox.put(signal()));
  const result = await azure.until(runContainerJob(client, SPEC, { completion: firstOf(completion, poll({ pace: "frugal" })) }));
  expect(result.timings.noticedInMs).toBeLessThan(400);
  expect(await mailbox.receive(GROUP, { waitInMs: 0 })).toEqual([]);
});
