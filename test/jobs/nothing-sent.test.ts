import { describe, expect, it } from "vitest";
import { beginContainerJob, memoryStore, resumeContainerJob, runContainerJob, type JobHandle, type JobResult, type JobStore } from "../../src/index.js";
import { FakeAzure } from "./fake-azure.js";

const SPEC = { key: "k", image: "alpine:3" };
const copy = (handle: JobHandle): JobHandle => JSON.parse(JSON.stringify(handle)) as JobHandle;

describe("a save that fails", () => {
  it("is tried again by the next poll, before anything is created", async () => {
    const azure = new FakeAzure();
    const memory = memoryStore();
    let isBroken = true;
    const store: JobStore = { ...memory, write: (...args) => (isBroken ? Promise.reject(new Error("ENOSPC")) : memory.write(...args)) };
    const poller = beginContainerJob(azure.client(), SPEC, { store });
    await expect(azure.until(poller.poll())).rejects.toThrow("ENOSPC");
    await expect(azure.until(poller.poll())).rejects.toThrow("ENOSPC");
    expect(azure.requests).toEqual([]);
    isBroken = false;
    expect(await azure.until(poller.pollUntilDone())).toMatchObject({ exitCode: 0 });
    expect(azure.puts).toHaveLength(1);
  });

  it("between two attempts leaves the group of the first until it is made good", async () => {
    const azure = new FakeAzure();
    const memory = memoryStore();
    let isBroken = false;
    const store: JobStore = { ...memory, write: (...args) => (isBroken ? Promise.reject(new Error("ENOSPC")) : memory.write(...args)) };
    azure.exitCode = 1;
    azure.before = (verb) => {
      if (verb === "readLogs") isBroken = true;
    };
    const poller = beginContainerJob(azure.client(), SPEC, { store, retry: { exitCodes: [1], maxAttempts: 2 } });
    await expect(azure.until(poller.pollUntilDone())).rejects.toThrow("ENOSPC");
    await expect(azure.until(poller.pollUntilDone())).rejects.toThrow("ENOSPC");
    expect(azure.requests).not.toContain("delete");
    Object.assign(azure, { before: () => undefined, exitCode: 0 });
    isBroken = false;
    expect(await azure.until(poller.pollUntilDone())).toMatchObject({ exitCode: 0, attempt: 2 });
  });
});

describe("a create that is held up", () => {
  const spec = { ...SPEC, environment: { KEY: { secret: "key" } } };

  it("is not sent where somebody else has been quicker", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 60_000;
    const store = memoryStore();
    const slow = runContainerJob(azure.client(), spec, { store, secrets: () => azure.clock.sleep(20_000).then(() => "s") });
    const quick = azure.clock.sleep(5000).then(() => runContainerJob(azure.client(), spec, { store, secrets: () => "s" }));
    const results = await azure.until(Promise.all([slow, quick]));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(azure.puts).toHaveLength(1);
  });

  // Both have looked for a group before there is one, and one of them is over when the other has what it needs.
  async function overtaken(slow: (azure: FakeAzure) => Promise<string>): Promise<{ azure: FakeAzure; results: readonly JobResult[] }> {
    const azure = new FakeAzure();
    azure.runsInMs = 1000;
    const store = memoryStore();
    const runs = [() => azure.clock.sleep(1000).then(() => "s"), () => azure.clock.sleep(14_000).then(() => slow(azure))].map((secrets) => runContainerJob(azure.client(), spec, { store, secrets }));
    return { azure, results: await azure.until(Promise.all(runs)) };
  }

  it("is not sent where the store has a result by the time that it would be", async () => {
    const { azure, results } = await overtaken(() => Promise.resolve("s"));
    expect(results.map(({ exitCode, attempt }) => [exitCode, attempt])).toEqual([[0, 1], [0, 1]]);
    expect(azure.puts).toHaveLength(1);
  });

  it("is nobody's trouble where the store has a result and what it needs cannot be had", async () => {
    const { results } = await overtaken(() => Promise.reject(new Error("the vault is closed")));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  it("is sent all the same where it takes long every time, and told once", async () => {
    const azure = new FakeAzure();
    const told: string[] = [];
    const result = await azure.until(runContainerJob(azure.client(), spec, { secrets: () => azure.clock.sleep(20_000).then(() => "s"), onEvent: ({ type }) => told.push(type) }));
    expect(result).toMatchObject({ exitCode: 0, cleanup: "done" });
    expect(azure.puts).toHaveLength(1);
    expect(told.filter((type) => type === "jobCreating")).toHaveLength(1);
  });

  it("is told when it is sent, and not where it comes to nothing", async () => {
    const azure = new FakeAzure();
    const told: string[] = [];
    azure.before = (verb) => told.push(verb);
    let isBroken = true;
    const poller = beginContainerJob(azure.client(), spec, { secrets: () => (isBroken ? Promise.reject(new Error("no vault")) : "s"), onEvent: ({ type }) => told.push(type) });
    await expect(azure.until(poller.poll())).rejects.toMatchObject({ code: "ACI_JOB_NEEDS_SECRETS" });
    expect(told).not.toContain("jobCreating");
    isBroken = false;
    await azure.until(poller.pollUntilDone());
    expect(told.filter((type) => type === "jobCreating")).toHaveLength(1);
    expect(told[told.indexOf("jobCreating") + 1]).toBe("put");
  });
});

describe("a listener of a poller that throws", () => {
  it("is ignored, as any other is", async () => {
    const azure = new FakeAzure();
    const poller = beginContainerJob(azure.client(), SPEC, { store: memoryStore() });
    const phases: string[] = [];
    poller.onProgress(() => {
      throw new Error("the progress bar broke");
    });
    poller.onProgress(({ phase }) => phases.push(phase));
    expect(await azure.until(poller.pollUntilDone())).toMatchObject({ exitCode: 0, cleanup: "done" });
    expect(phases).toContain("running");
  });
});

// Work that must not be done twice, so that a create that may have been sent and left no group is the end of it.
describe("what fails right before the create", () => {
  const spec = { ...SPEC, environment: { KEY: { secret: "key" } } };

  it.each(["poll", "take-up"])("leaves no doubt that nothing was sent, when its secrets cannot be had (next %s)", async (next) => {
    const azure = new FakeAzure();
    let isBroken = true;
    const options = { secrets: async () => (isBroken ? Promise.reject(new Error("the vault is down")) : "s3cr3t"), retryOnLost: false };
    const poller = beginContainerJob(azure.client(), spec, options);
    await expect(azure.until(poller.poll())).rejects.toMatchObject({ code: "ACI_JOB_NEEDS_SECRETS", cause: { message: "the vault is down" } });
    await expect(azure.until(poller.poll())).rejects.toMatchObject({ code: "ACI_JOB_NEEDS_SECRETS" });
    isBroken = false;
    const job = next === "poll" ? poller : await resumeContainerJob(azure.client(), copy(poller.handle), { secrets: options.secrets });
    expect(await azure.until(job.pollUntilDone())).toMatchObject({ exitCode: 0 });
    expect(azure.puts).toHaveLength(1);
  });

  it("leaves no doubt when the store cannot be read", async () => {
    const azure = new FakeAzure();
    const memory = memoryStore();
    let reads = 0;
    const store: JobStore = { ...memory, read: (key) => (++reads === 2 ? Promise.reject(new Error("the store is down")) : memory.read(key)) };
    const poller = beginContainerJob(azure.client(), SPEC, { store, retryOnLost: false });
    await expect(azure.until(poller.pollUntilDone())).rejects.toThrow("the store is down");
    expect(azure.puts).toHaveLength(0);
    expect(await azure.until(poller.pollUntilDone())).toMatchObject({ exitCode: 0 });
  });

  it("leaves the doubt there was", async () => {
    const azure = new FakeAzure();
    let isBroken = false;
    azure.before = (verb) => {
      if (verb !== "put") return;
      isBroken = true;
      azure.before = () => undefined;
      throw azure.fault({ transport: "ECONNRESET" });
    };
    const secrets = async (): Promise<string> => (isBroken ? Promise.reject(new Error("the vault is down")) : "s3cr3t");
    const poller = beginContainerJob(azure.client(), spec, { secrets });
    await expect(azure.until(poller.pollUntilDone())).rejects.toMatchObject({ code: "ACI_JOB_NEEDS_SECRETS" });
    expect(poller.handle).toMatchObject({ state: { phase: "creating", isUncertain: true } });
    isBroken = false;
    expect(await azure.until(poller.pollUntilDone())).toMatchObject({ exitCode: 0 });
    expect(azure.puts).toHaveLength(1);
  });
});
