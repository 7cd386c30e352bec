import { describe, expect, it } from "vitest";
import { beginContainerJob, cancelContainerJob, firstOf, memoryStore, resumeContainerJob, runContainerJob, startContainerJob, webhook, type CompletionStrategy, type JobResult, type JobStore } from "../../src/index.js";
import { FakeAzure } from "./fake-azure.js";

const SPEC = { key: "k", image: "alpine:3" };
const RETRY = { exitCodes: [1], maxAttempts: 3 };
const HOOKED = { ...SPEC, command: ["work"] };
const HOUR = 3_600_000;

function hooked({ clock }: FakeAzure): CompletionStrategy {
  return webhook({ url: "https://x.example/", secret: "the secret of the tests, long enough", clock });
}

function endless(): FakeAzure {
  const azure = new FakeAzure();
  azure.runsInMs = HOUR;
  return azure;
}

// A job that somebody has waited for a minute for.
async function watched(): Promise<{ readonly azure: FakeAzure; readonly running: Promise<JobResult> }> {
  const azure = endless();
  const running = azure.until(runContainerJob(azure.client(), SPEC, { reject: false }));
  await azure.clock.advance(60_000);
  return { azure, running };
}

// Lets the first of these requests find nothing, as ARM does for a while after a create.
function missing(azure: FakeAzure, verb: string, times: number): void {
  let left = times;
  azure.before = (now) => {
    if (now === verb && left-- > 0) throw azure.fault({ statusCode: 404, serviceCode: "ResourceNotFound" });
  };
}

describe("cancelContainerJob", () => {
  it("does not take the first 404 for the end of a group that is new", async () => {
    const azure = endless();
    const handle = await azure.until(startContainerJob(azure.client(), SPEC));
    missing(azure, "get", 2);
    await azure.until(cancelContainerJob(azure.client(), handle));
    expect(azure.groups.size).toBe(0);
  });

  it("looks again where the mark finds no group", async () => {
    const azure = endless();
    const handle = await azure.until(startContainerJob(azure.client(), SPEC));
    missing(azure, "patchTags", 1);
    await azure.until(cancelContainerJob(azure.client(), handle));
    expect(azure.groups.size).toBe(0);
  });

  it("marks it again where somebody who had read its tags before has taken the mark away", async () => {
    const { azure, running } = await watched();
    let isTaken = false;
    azure.after = (verb) => {
      if (verb !== "patchTags" || isTaken) return;
      isTaken = true;
      for (const group of azure.groups.values()) group.tags = { ...group.spec.tags };
    };
    await azure.until(cancelContainerJob(azure.client(), { key: "k" }, { reason: "enough" }));
    expect(await running).toMatchObject({ outcome: "canceled", reason: "enough" });
    expect(azure.requests.filter((verb) => verb === "patchTags")).toHaveLength(2);
  });

  it("leaves it to others from when the mark is there, however long that took", async () => {
    const { azure, running } = await watched();
    let isLate = false;
    azure.before = (verb) => {
      if (verb !== "patchTags" || isLate) return;
      isLate = true;
      throw azure.fault({ statusCode: 503, retryAfterInMs: 59_000 });
    };
    await azure.until(cancelContainerJob(azure.client(), { key: "k" }, { reason: "enough" }));
    expect(await running).toMatchObject({ outcome: "canceled", reason: "enough" });
    expect(azure.requests.filter((verb) => verb === "delete")).toHaveLength(1);
  });

  it.each([
    ["is not found at first", 30_000],
    ["is never found", Infinity],
  ])("counts that also where the group that is to be marked %s", async (_how, forInMs) => {
    const { azure, running } = await watched();
    const since = azure.clock.now();
    azure.before = (verb) => {
      if (verb === "patchTags" && azure.clock.now() < since + forInMs) throw azure.fault({ statusCode: 404, serviceCode: "ResourceNotFound" });
    };
    await azure.until(cancelContainerJob(azure.client(), { key: "k" }, { reason: "enough" }));
    expect(await running).toMatchObject(forInMs === Infinity ? { outcome: "lost" } : { outcome: "canceled", reason: "enough" });
    expect(azure.clock.now() - since).toBeLessThan(180_000);
  });

  it("cancels the latest attempt, whichever the handle is of", async () => {
    const azure = endless();
    const old = await azure.until(startContainerJob(azure.client(), SPEC, { retry: RETRY }));
    azure.exitCode = 1;
    azure.runsInMs = 10_000;
    const running = azure.until(runContainerJob(azure.client(), SPEC, { retry: RETRY, reject: false }));
    while (azure.puts.length < 2) await azure.clock.advance(1000);
    azure.runsInMs = HOUR;
    const [result] = await Promise.all([running, azure.until(cancelContainerJob(azure.client(), old, { reason: "enough" }))]);
    expect(result).toMatchObject({ outcome: "canceled", attempt: 2, reason: "enough" });
    expect([azure.groups.size, azure.puts.length]).toEqual([0, 2]);
  });

  it.each(["readLogs", "delete"])("keeps the next attempt from coming when it is told while this one ends (%s)", async (verb) => {
    const azure = new FakeAzure();
    azure.exitCode = 1;
    azure.deletesInMs = 3000;
    let canceling: Promise<void> | undefined;
    const client = azure.client();
    azure.before = (now) => {
      if (now === verb) canceling ??= cancelContainerJob(client, { key: "k" }, { reason: "enough" });
    };
    const result = await azure.until(runContainerJob(azure.client(), SPEC, { retry: RETRY, reject: false }));
    await azure.until(Promise.resolve(canceling));
    expect(result).toMatchObject({ outcome: "canceled", reason: "enough", cleanup: "done" });
    expect([azure.groups.size, azure.puts.length]).toEqual([0, 1]);
  });

  it("waits for the attempt that a handle says may follow, and cancels that", async () => {
    const azure = endless();
    const old = await azure.until(startContainerJob(azure.client(), SPEC, { retry: RETRY }));
    azure.exitCode = 1;
    azure.runsInMs = 10_000;
    const running = runContainerJob(azure.client(), SPEC, { retry: { ...RETRY, firstDelayInMs: 5000 }, reject: false });
    while (azure.groups.size > 0) await azure.clock.advance(500);
    azure.runsInMs = HOUR;
    const [result] = await azure.until(Promise.all([running, cancelContainerJob(azure.client(), old)]));
    expect(result).toMatchObject({ outcome: "canceled", attempt: 2 });
    expect(azure.groups.size).toBe(0);
  });

  it("is told by who looks seldom, because a call is to make it look", async () => {
    const azure = endless();
    const completion = hooked(azure);
    const running = runContainerJob(azure.client(), HOOKED, { completion, reject: false });
    await azure.clock.advance(100_000);
    const [result] = await azure.until(Promise.all([running, cancelContainerJob(azure.client(), { key: "k" }, { reason: "enough" })]));
    expect(result).toMatchObject({ outcome: "canceled", reason: "enough", cleanup: "done" });
    expect(azure.requests.filter((verb) => verb === "delete")).toHaveLength(1);
  });

  it("is told at once where the strategy of the job is given, by whose mailbox it says so", async () => {
    const azure = endless();
    const completion = hooked(azure);
    const running = runContainerJob(azure.client(), HOOKED, { completion: firstOf(completion, { name: "own", nextCheck: () => ({ earliestInMs: HOUR }) }), reject: false });
    await azure.clock.advance(100_000);
    const before = azure.clock.now();
    const canceled = cancelContainerJob(azure.client(), { key: "k" }, { completion }).then(() => azure.clock.now());
    const [result, canceledAt] = await azure.until(Promise.all([running, canceled]));
    expect(result).toMatchObject({ outcome: "canceled", cleanup: "done" });
    expect(canceledAt - before).toBeLessThan(5000);
  });

  it.each([
    ["throws", (): never => { throw new Error("boom"); }, 131_000],
    ["hangs", () => new Promise<never>(() => undefined), 141_000],
  ])("deletes the group itself when nobody has, also where a strategy %s", async (_how, send, withinInMs) => {
    const azure = endless();
    await azure.until(startContainerJob(azure.client(), HOOKED, { completion: hooked(azure) }));
    const before = azure.clock.now();
    await azure.until(cancelContainerJob(azure.client(), { key: "k" }, { completion: { name: "broken", send } }));
    expect(azure.groups.size).toBe(0);
    expect(azure.clock.now() - before).toBeGreaterThan(120_000);
    // And the looks that see that no other attempt follows.
    expect(azure.clock.now() - before).toBeLessThan(withinInMs);
  });

  it("leaves it as long to who has taken the job up with a strategy that could not be prepared", async () => {
    const azure = endless();
    const completion = hooked(azure);
    const handle = await azure.until(startContainerJob(azure.client(), HOOKED, { completion: { ...completion, prepare: () => Promise.reject(new Error("boom")) } }));
    const running = resumeContainerJob(azure.client(), handle, { completion }).then((job) => job.pollUntilDone()).catch((error: unknown) => error);
    await azure.clock.advance(190_000);
    await azure.until(cancelContainerJob(azure.client(), { key: "k" }, { reason: "enough" }));
    expect(await azure.until(running)).toMatchObject({ outcome: "canceled", reason: "enough" });
  });

  it("finds no group of a key", async () => {
    const azure = new FakeAzure();
    await expect(azure.until(cancelContainerJob(azure.client(), { key: "k" }))).rejects.toMatchObject({ code: "ACI_NOT_FOUND" });
  });
});

describe("JobPoller.cancel", () => {
  it("before the first poll keeps the job from being started", async () => {
    const azure = endless();
    const poller = beginContainerJob(azure.client(), SPEC);
    await azure.until(poller.cancel());
    await expect(azure.until(poller.pollUntilDone())).rejects.toMatchObject({ outcome: "canceled" });
    expect(azure.puts).toHaveLength(0);
  });

  it("while the job is taken up keeps it from being started", async () => {
    const azure = endless();
    const memory = memoryStore();
    const store: JobStore = { ...memory, read: async (key) => (await azure.clock.sleep(1000), memory.read(key)) };
    const poller = beginContainerJob(azure.client(), SPEC, { store });
    const polled = poller.poll();
    await azure.until(Promise.all([polled, poller.cancel()]));
    expect(azure.puts).toHaveLength(0);
    expect(poller.isDone).toBe(true);
  });

  it("before the first poll cancels the job that is there by its key, whichever attempt it has come to", async () => {
    const azure = new FakeAzure();
    azure.exitCode = 1;
    const running = azure.until(runContainerJob(azure.client(), SPEC, { retry: RETRY, reject: false }));
    while (azure.puts.length < 2) await azure.clock.advance(1000);
    azure.runsInMs = HOUR;
    const poller = beginContainerJob(azure.client(), SPEC, { retry: RETRY });
    const [result] = await Promise.all([running, azure.until(poller.cancel())]);
    expect(result).toMatchObject({ outcome: "canceled", attempt: 2 });
    expect([azure.groups.size, azure.puts.length]).toEqual([0, 2]);
  });

  it("rejects when the group cannot be seen to be gone, and each time it is asked", async () => {
    const azure = endless();
    const poller = beginContainerJob(azure.client(), SPEC);
    await azure.until(poller.poll());
    azure.before = (verb) => {
      if (verb === "delete") throw azure.fault({ statusCode: 403, serviceCode: "ScopeLocked" });
    };
    const refused = { name: "CleanupError", code: "ACI_CLEANUP_FAILED", resourceId: expect.stringContaining("/groups/aci-") as string };
    await expect(azure.until(poller.cancel())).rejects.toMatchObject(refused);
    await expect(azure.until(poller.cancel())).rejects.toMatchObject(refused);
    await expect(azure.until(poller.pollUntilDone())).rejects.toMatchObject({ outcome: "canceled", cleanup: "pending" });
  });

  it("does not keep waiting who has let go of the job", async () => {
    const azure = endless();
    azure.before = (verb) => {
      if (verb === "list") throw azure.fault({ statusCode: 503 });
    };
    const letting = new AbortController();
    const poller = beginContainerJob(azure.client(), SPEC, { detachSignal: letting.signal });
    await azure.until(poller.poll());
    letting.abort();
    const canceled = poller.cancel().catch((error: unknown) => error);
    const before = azure.clock.now();
    await expect(azure.until(poller.pollUntilDone())).rejects.toMatchObject({ code: "ACI_JOB_DETACHED" });
    expect(azure.clock.now() - before).toBeLessThan(1000);
    expect(await azure.until(canceled)).toMatchObject({ code: "ACI_JOB_DETACHED" });
  });

  it("does not keep waiting who lets go of the job while it is looked for", async () => {
    const azure = endless();
    azure.before = (verb) => {
      if (verb === "list") throw azure.fault({ statusCode: 503, retryAfterInMs: 60_000 });
    };
    const letting = new AbortController();
    const poller = beginContainerJob(azure.client(), SPEC, { detachSignal: letting.signal, store: memoryStore() });
    const canceled = poller.cancel().catch((error: unknown) => error);
    const waiting = poller.pollUntilDone().catch((error: unknown) => error);
    await azure.clock.advance(5000);
    letting.abort();
    // No time passes here.
    expect(await Promise.all([canceled, waiting])).toMatchObject([{ code: "ACI_JOB_DETACHED" }, { code: "ACI_JOB_DETACHED" }]);
  });

  it("is no matter of a job that is over", async () => {
    const azure = new FakeAzure();
    const poller = beginContainerJob(azure.client(), SPEC, { keep: "always" });
    await azure.until(poller.pollUntilDone());
    await azure.until(poller.cancel());
    expect(azure.groups.size).toBe(1);
  });
});

describe("a job that cannot be taken up", () => {
  it("is taken up by the next poll", async () => {
    const azure = new FakeAzure();
    const memory = memoryStore();
    let reads = 0;
    const store: JobStore = { ...memory, read: (key) => (++reads === 1 ? Promise.reject(new Error("the store is down")) : memory.read(key)) };
    const poller = beginContainerJob(azure.client(), SPEC, { store });
    await expect(azure.until(poller.poll())).rejects.toThrow("the store is down");
    expect(await azure.until(poller.pollUntilDone())).toMatchObject({ exitCode: 0 });
  });

  it("is not detached before it has a handle", async () => {
    const azure = new FakeAzure();
    const poller = beginContainerJob(azure.client(), SPEC);
    expect(() => poller.detach()).toThrow("no handle");
    expect(await azure.until(poller.pollUntilDone())).toMatchObject({ exitCode: 0 });
  });
});
