import { describe, expect, it } from "vitest";
import { beginContainerJob, JobPool, poll, PoolReport, resumeContainerJob, runContainerJob, type ContainerJobSpec, type JobDetachedError, type JobPoolOptions, type PoolEvent, type PoolJobEvent } from "../../../src/index.js";
import { FakeAzure } from "../../jobs/fake-azure.js";

const SPEC: ContainerJobSpec = { image: "a" };
const keyed = (count: number): ContainerJobSpec[] => Array.from({ length: count }, (_unused, index) => ({ key: `job-${index}`, image: "a" }));

interface World {
  readonly azure: FakeAzure;
  readonly pool: JobPool;
  /** The most groups that were there at a time. */
  most: number;
  readonly events: (PoolJobEvent | PoolEvent)[];
}

function open(options: JobPoolOptions = {}, azure = new FakeAzure()): World {
  const events: (PoolJobEvent | PoolEvent)[] = [];
  const pool = new JobPool(azure.client({ requestBudget: "unlimited" }), { onEvent: (event) => events.push(event), ...options });
  const world: World = { azure, pool, most: 0, events };
  const { after } = azure;
  azure.after = (verb) => {
    after(verb);
    world.most = Math.max(world.most, azure.groups.size);
  };
  return world;
}

describe("a pool of jobs", () => {
  it("runs all of them, and no more at a time than it may", async () => {
    const world = open({ concurrency: 7 });
    const { azure, pool } = world;
    const results = await azure.until(Promise.all(keyed(50).map((spec) => pool.run(spec))));
    expect(results.map(({ key, outcome }) => `${key} ${outcome}`)).toEqual(keyed(50).map(({ key }) => `${String(key)} succeeded`));
    expect(world.most).toBe(7);
    expect(azure.groups.size).toBe(0);
    expect(pool.stats).toMatchObject({ queued: 0, running: 0, finished: 50, outcomes: { succeeded: 50 }, expectedLagInMs: 0 });
    expect(pool.stats.requests).toBe(results.reduce((sum, { requests }) => sum + requests, 0));
    expect(pool.stats.cost.amount).toBeCloseTo(results.reduce((sum, { cost }) => sum + cost.amount, 0), 6);
    expect(azure.clock.nextWakeAt).toBeUndefined();
  });

  it("begins what has a higher priority first, and equal ones as they came", async () => {
    const { azure, pool, events } = open({ concurrency: 1 });
    const jobs = [["a", 0], ["b", 5], ["c", 0], ["d", 9], ["e", 5]] as const;
    await azure.until(Promise.all(jobs.map(([key, priority]) => pool.run({ ...SPEC, key }, { priority }))));
    expect(events.flatMap((event) => (event.type === "poolStarted" ? [event.key] : []))).toEqual(["d", "b", "e", "a", "c"]);
  });

  it("begins more or fewer when its concurrency is changed", async () => {
    const world = open({ concurrency: 2 });
    const { azure, pool } = world;
    const all = Promise.all(keyed(30).map((spec) => pool.run(spec)));
    await azure.clock.advance(5000);
    expect(azure.groups.size).toBe(2);
    pool.concurrency = 10;
    await azure.clock.advance(5000);
    expect(azure.groups.size).toBe(10);
    pool.concurrency = 1;
    await azure.until(all);
    expect(world.most).toBe(10);
    expect(() => (pool.concurrency = 0)).toThrow(RangeError);
  });

  it("begins nothing while it is paused", async () => {
    const { azure, pool } = open();
    pool.pause();
    const all = Promise.all(keyed(3).map((spec) => pool.run(spec)));
    await azure.clock.advance(60_000);
    expect(azure.requests).toEqual([]);
    pool.resume();
    await azure.until(all);
    await azure.until(pool.onIdle());
  });

  it("rejects with what a job has come to", async () => {
    const { azure, pool } = open();
    azure.exitCode = 3;
    await expect(azure.until(pool.run(SPEC))).rejects.toMatchObject({ code: "ACI_JOB_FAILED", exitCode: 3 });
    expect(pool.stats.outcomes).toEqual({ failed: 1 });
  });

  it("cancels a job that waits, and one that runs", async () => {
    const { azure, pool } = open({ concurrency: 1 });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = pool.run(SPEC, { abortSignal: running.signal });
    const second = pool.run(SPEC, { abortSignal: waiting.signal });
    const third = pool.run(SPEC);
    await azure.clock.advance(5000);
    waiting.abort(new Error("not needed"));
    await expect(azure.until(second)).rejects.toMatchObject({ code: "ACI_JOB_CANCELED", requests: 0 });
    running.abort(new Error("enough"));
    await expect(azure.until(first)).rejects.toMatchObject({ code: "ACI_JOB_CANCELED" });
    await azure.until(third);
    const aborted = pool.run(SPEC, { abortSignal: AbortSignal.abort(new Error("before")) });
    await expect(azure.until(aborted)).rejects.toMatchObject({ code: "ACI_JOB_CANCELED" });
    expect(azure.puts).toHaveLength(2);
  });

  it("takes no more jobs than may wait, and none once it is closed", async () => {
    const { azure, pool } = open({ concurrency: 1, maxQueue: 2 });
    const all = [pool.run(SPEC), pool.run(SPEC)];
    await azure.clock.advance(1000);
    all.push(pool.run(SPEC));
    await expect(pool.run(SPEC)).rejects.toMatchObject({ code: "ACI_POOL_FULL", isRetryable: true });
    const closed = pool.close();
    await expect(pool.run(SPEC)).rejects.toMatchObject({ code: "ACI_POOL_CLOSED" });
    await azure.until(closed);
    await Promise.all(all);
  });

  it("destroys what runs and what waits, and leaves no group", async () => {
    const { azure, pool } = open({ concurrency: 3 });
    const all = Promise.allSettled(keyed(8).map((spec) => pool.run(spec)));
    await azure.clock.advance(5000);
    expect(azure.groups.size).toBe(3);
    await azure.until(pool.destroy());
    expect((await all).map((one) => (one.status === "rejected" ? (one.reason as { code: string }).code : one.status))).toEqual(Array.from({ length: 8 }, () => "ACI_JOB_CANCELED"));
    expect(azure.groups.size).toBe(0);
    expect(azure.puts).toHaveLength(3);
  });

  it("lets go of its jobs, and each error has the handle", async () => {
    const { azure, pool } = open({ concurrency: 3 });
    const all = Promise.allSettled(keyed(5).map((spec) => pool.run(spec)));
    await azure.clock.advance(5000);
    await azure.until(pool.detach());
    expect((await all).map((one) => (one.status === "rejected" ? (one.reason as { code: string; handle: { key: string } }).handle.key : one.status))).toEqual(keyed(5).map(({ key }) => key));
    expect(azure.groups.size).toBe(3);
  });

  it("lets go of a job that waits with all that it was to be run with", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 600_000;
    const { pool } = open({ concurrency: 1, locations: ["northeurope", "uksouth"], runTimeoutInMs: 30_000, keep: "always", retry: { on: ["platform"] }, completion: poll({ pace: "frugal" }) }, azure);
    const all = Promise.allSettled([pool.run({ key: "runs", image: "a" }), pool.run({ key: "waits", image: "a" }, { runTimeoutInMs: 20_000, doneWhen: "all" }), pool.run({ key: "stays", image: "a", location: "swedencentral" })]);
    await azure.clock.advance(5000);
    await azure.until(pool.detach());
    const [runs, waits, stays] = (await all).map((one) => (one as PromiseRejectedResult).reason as JobDetachedError);
    expect(runs?.message).toContain('"runs", which goes on [');
    expect(waits?.message).toContain('"waits", which goes on when it is resumed [');
    expect(waits?.handle).toMatchObject({ limits: { runTimeoutInMs: 20_000, keep: "always", doneWhen: "all", retry: { locations: ["northeurope", "uksouth"], on: ["platform"] } }, completion: { name: "poll" }, state: { location: "northeurope" } });
    expect(stays?.handle).toMatchObject({ limits: { keep: "always", retry: { locations: [] } }, state: { location: "swedencentral" } });
    await azure.clock.advance(3_600_000);
    expect(azure.puts).toHaveLength(1);
    const resumed = resumeContainerJob(azure.client({ requestBudget: "unlimited" }), (waits as JobDetachedError).handle).then((job) => job.pollUntilDone());
    await expect(azure.until(resumed)).rejects.toMatchObject({ outcome: "timedOut", location: "northeurope" });
  });

  it("destroys itself at the end of a block", async () => {
    const { azure, pool } = open();
    const job = pool.run(SPEC);
    const settled = Promise.allSettled([job]);
    await azure.clock.advance(5000);
    await azure.until((async () => {
      await using own = pool;
      expect(own.stats.running).toBe(1);
    })());
    await settled;
    expect(azure.groups.size).toBe(0);
  });

  it("begins nothing more once its money is spent, and lets go on what runs", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 3_600_000;
    const { pool } = open({ concurrency: 2, spendingLimit: 0.1 }, azure);
    const results: string[] = [];
    const all = (async () => {
      for await (const { outcome } of pool.map(keyed(10))) results.push(outcome);
    })();
    await azure.until(all);
    // Two jobs of an hour cost about 0.047 USD each.
    expect(results.filter((outcome) => outcome === "succeeded")).toHaveLength(4);
    expect(results.filter((outcome) => outcome === "notRun")).toHaveLength(6);
    expect(pool.stats.cost.amount).toBeGreaterThan(0.1);
    await expect(azure.until(pool.run(SPEC))).rejects.toMatchObject({ code: "ACI_JOB_NOT_STARTED", outcome: "notRun", cleanup: "done" });
  });

  it("counts what earlier attempts of a job cost, and nothing before there is a group", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 3_600_000;
    const { pool } = open({ retry: { exitCodes: "nonZero", maxAttempts: 2, firstDelayInMs: 1000 } }, azure);
    azure.exitCode = 1;
    const refused = (): void => {
      throw azure.fault({ statusCode: 503 });
    };
    azure.before = (verb) => verb === "put" && azure.clock.now() < Date.UTC(2026, 0, 1, 0, 5) && refused();
    const job = pool.run({ ...SPEC, cpu: 1, memoryInGB: 1 }).catch(() => undefined);
    await azure.clock.advance(290_000);
    expect(pool.stats.cost.amount).toBe(0);
    await azure.clock.advance(2 * 3_600_000 - 60_000);
    expect(azure.puts).toHaveLength(2);
    const { amount } = pool.stats.cost;
    expect(amount).toBeGreaterThan(0.085);
    await azure.until(job);
    expect(pool.stats.cost.amount).toBeGreaterThanOrEqual(amount);
    expect(pool.stats.cost.amount).toBeLessThan(0.1);
  });

  it("takes an end of its own for each job", async () => {
    const { azure, pool } = open();
    azure.runsInMs = 86_400_000;
    azure.log = "working\nready\n";
    await expect(azure.until(pool.run(SPEC, { doneWhen: { logLine: /^ready$/u } }))).resolves.toMatchObject({ outcome: "succeeded" });
    expect(azure.clock.now()).toBeLessThan(Date.UTC(2026, 0, 1, 1));
  });

  it("tells how it stands with each event", async () => {
    const { azure, pool, events } = open({ concurrency: 1 });
    await azure.until(Promise.all(keyed(2).map((spec) => pool.run(spec))));
    const told = events.flatMap((event) => (event.type.startsWith("pool") ? [event as PoolEvent] : []));
    expect(told.map(({ type, id, queued, running, finished }) => [type, id, queued, running, finished])).toEqual([
      ["poolQueued", 1, 1, 0, 0],
      ["poolQueued", 2, 2, 0, 0],
      ["poolStarted", 1, 1, 1, 0],
      ["poolFinished", 1, 1, 0, 1],
      ["poolStarted", 2, 0, 1, 1],
      ["poolFinished", 2, 0, 0, 2],
    ]);
    expect(events.some(({ type }) => type === "jobStarted")).toBe(true);
  });

  it("tells of each job by its number, without a key too, and what has come of it", async () => {
    const { azure, pool, events } = open({ concurrency: 2 });
    const results = await azure.until(Promise.all(["a", "b"].map((image) => pool.run({ image }))));
    expect(results[0]?.key).not.toBe(results[1]?.key);
    for (const [index, result] of results.entries()) {
      const own = events.filter(({ id }) => id === index + 1);
      expect([own[0]?.type, own[1]?.type, own.at(-1)]).toEqual(["poolQueued", "poolStarted", expect.objectContaining({ type: "poolFinished", outcome: "succeeded", result })]);
      expect([...new Set(own.flatMap((event) => (event.type.startsWith("job") ? [event.key] : [])))]).toEqual([result.key]);
    }
  });

  it.each<[string, (pool: JobPool, own: AbortController) => unknown, string]>([
    ["canceled", (_pool, own) => own.abort(new Error("enough")), "ACI_JOB_CANCELED"],
    ["destroyed with its pool", (pool) => pool.destroy(), "ACI_JOB_CANCELED"],
    ["let go of with its pool", (pool) => pool.detach(), "ACI_JOB_DETACHED"],
  ])("ends a job once that is %s while it is told of", async (_name, stop, code) => {
    const azure = new FakeAzure();
    const own = new AbortController();
    const told: string[] = [];
    const onEvent = ({ type }: PoolEvent | PoolJobEvent): void => {
      if (told.push(type) === 1) void stop(pool, own);
    };
    const pool: JobPool = new JobPool(azure.client({ requestBudget: "unlimited" }), { onEvent });
    await expect(azure.until(pool.run(SPEC, { abortSignal: own.signal }))).rejects.toMatchObject({ code });
    await azure.until(pool.close());
    expect(told.filter((type) => type.startsWith("pool"))).toEqual(["poolQueued", "poolFinished"]);
    expect(pool.stats).toMatchObject({ queued: 0, running: 0, finished: 1 });
    expect(azure.requests).toEqual([]);
  });

  it("tells why a job has no result", async () => {
    const { azure, pool, events } = open({ concurrency: 2 });
    azure.runsInMs = 1e9;
    const left = pool.run({ key: "k", image: "a" });
    await azure.clock.advance(4000);
    await expect(azure.until(pool.run({ key: "k", image: "b" }))).rejects.toMatchObject({ code: "ACI_JOB_CONFLICT" });
    await Promise.all([expect(left).rejects.toMatchObject({ code: "ACI_JOB_DETACHED" }), azure.until(pool.detach())]);
    const finished = events.filter((event) => event.type === "poolFinished").map(({ id, outcome, result, error }) => [id, outcome, result, error?.code]);
    expect(finished).toEqual([[2, undefined, undefined, "ACI_JOB_CONFLICT"], [1, undefined, undefined, "ACI_JOB_DETACHED"]]);
  });

  it("goes on whatever a listener comes to, at once or later", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      for (const trouble of [() => Promise.reject(new Error("later")), () => { throw new Error("at once"); }]) {
        let told = 0;
        const onEvent = ((): unknown => {
          told++;
          return trouble();
        }) as () => void;
        const azure = new FakeAzure();
        const client = azure.client({ requestBudget: "unlimited", onEvent });
        const pool = new JobPool(client, { onEvent });
        await azure.until(Promise.all([pool.run(SPEC), runContainerJob(client, SPEC, { onEvent })]));
        const job = beginContainerJob(client, SPEC);
        job.onProgress(onEvent);
        await azure.until(job.pollUntilDone());
        expect(told).toBeGreaterThan(20);
      }
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it("says how long ago its jobs were looked at", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 600_000;
    const { pool } = open({}, azure);
    const all = Promise.all(keyed(4).map((spec) => pool.run(spec)));
    await azure.clock.advance(300_000);
    expect(pool.stats.expectedLagInMs).toBeGreaterThan(0);
    expect(pool.stats.expectedLagInMs).toBeLessThan(30_000);
    expect(pool.stats.cost.amount).toBeGreaterThan(0);
    await azure.until(all);
  });

  it.each<[object, typeof TypeError | typeof RangeError, string]>([
    [{ concurrency: 0 }, RangeError, "concurrency"],
    [{ concurrency: 1.5 }, RangeError, "concurrency"],
    [{ maxQueue: -1 }, RangeError, "maxQueue"],
    [{ spendingLimit: 0 }, RangeError, "spendingLimit"],
    [{ spendingLimit: NaN }, RangeError, "got `NaN` (number)"],
    [{ maxQueue: -Infinity }, RangeError, "got `-Infinity` (number)"],
    [{ locations: [] }, TypeError, "locations"],
    [{ locations: [{ location: "x", weight: 0 }] }, RangeError, "locations[0].weight"],
    [{ locations: [{ location: "x", share: 1 }] }, TypeError, "share"],
    [{ name: "a/b" }, RangeError, "name"],
    [{ concurency: 3 }, TypeError, "`concurency`. Known are concurrency, maxQueue, locations, spendingLimit, name, onEvent, secrets, store, completion"],
    [{ abortSignal: new AbortController().signal }, TypeError, "`abortSignal`. Known are"],
    [{ reject: false }, TypeError, "`reject`. Known are"],
    [{ onEvent: new PoolReport() }, TypeError, "Expected `onEvent` to be a function, got object."],
    [{ onEvent: 5 }, TypeError, "Expected `onEvent` to be a function, got number."],
    [{ logSink: () => undefined }, TypeError, "logSink"],
    [{ secrets: {} }, TypeError, "secrets"],
    [{ locations: ["westeurope", { location: "West Europe", weight: 2 }] }, RangeError, 'Expected `locations[1]` to be a location that is not named before, got `"West Europe"` (string).'],
    [{ locations: [null] }, TypeError, "Expected `locations[0]` to be an object, got `null` (null)."],
    [{ locations: [undefined] }, TypeError, "Expected `locations[0]` to be an object, got `undefined` (undefined)."],
    [{ locations: "westeurope" }, TypeError, "locations"],
    [{ store: { read: () => undefined, write: () => undefined, delete: () => undefined } }, TypeError, "store"],
  ])("refuses %j at once", (options, error, field) => {
    const { azure } = open();
    expect(() => new JobPool(azure.client(), options as JobPoolOptions)).toThrow(error);
    expect(() => new JobPool(azure.client(), options as JobPoolOptions)).toThrow(field);
  });

  it("takes Infinity for no limit", async () => {
    const { azure, pool } = open({ concurrency: Infinity, maxQueue: Infinity, spendingLimit: Infinity });
    await azure.until(Promise.all(keyed(3).map((spec) => pool.run(spec))));
    const results: string[] = [];
    await azure.until((async () => {
      for await (const { outcome } of pool.map(keyed(3))) results.push(outcome);
    })());
    expect(results).toEqual(["succeeded", "succeeded", "succeeded"]);
  });

  it("refuses a job that cannot be right at once", async () => {
    const { azure, pool } = open();
    await expect(pool.run({ image: "" })).rejects.toBeInstanceOf(TypeError);
    await expect(pool.run(SPEC, { priorty: 3 } as never)).rejects.toThrow("priorty");
    await expect(pool.run(SPEC, { priority: Infinity })).rejects.toBeInstanceOf(RangeError);
    await expect(pool.run(SPEC, { priority: "3" } as never)).rejects.toThrow("priority");
    await expect(pool.run(SPEC, null as never)).rejects.toThrow("Expected `options` to be an object");
    for (const [spec, got] of [[undefined, "`undefined` (undefined)"], [null, "`null` (null)"], ["alpine", "string"], [[SPEC], "array"]] as const) {
      await expect(pool.run(spec as never)).rejects.toThrow(new TypeError(`Expected \`spec\` to be an object, got ${got}.`));
    }
    expect(azure.requests).toEqual([]);
  });
});
