import { describe, expect, it } from "vitest";
import { JobPool, memoryStore, type ContainerJobSpec, type JobStore } from "../../../src/index.js";
import { FakeAzure } from "../../jobs/fake-azure.js";
import { collect, keysIn, leaveBehind, specs, world } from "./kept/world.js";

const lasting = 120_000;

describe("a pool with a store", () => {
  it("keeps what waits and what runs, and forgets what is done", async () => {
    const { azure, store, start } = world();
    const { pool } = start();
    const all = Promise.all(specs(12).map((spec) => pool.run(spec)));
    await azure.clock.advance(1000);
    expect(await keysIn(store, "pools/default/default/jobs/")).toHaveLength(12);
    await azure.until(all);
    expect(await keysIn(store, "pools/default/default/jobs/")).toEqual([]);
    await azure.until(pool.close());
    expect(await keysIn(store, "pools/")).toEqual([]);
    expect(azure.clock.nextWakeAt).toBeUndefined();
  });

  it("is carried on by another process: what waits is run, what runs is taken up, what is done is not done again", async () => {
    const { azure, start } = world();
    const first = start();
    for (const spec of specs(12)) void first.pool.run(spec);
    await azure.clock.advance(20_000);
    const begun = azure.puts.length;
    expect(begun).toBeGreaterThanOrEqual(10);
    first.kill();
    await azure.clock.advance(lasting);
    const second = start();
    const results = await azure.until(collect(second.pool.recover()));
    expect(results.every((line) => line.endsWith("succeeded"))).toBe(true);
    expect(results.length).toBeGreaterThanOrEqual(12 - begun);
    expect(new Set(azure.puts.map(({ name }) => name)).size).toBe(azure.puts.length);
    expect(azure.puts).toHaveLength(12);
    expect(azure.groups.size).toBe(0);
    expect(await azure.until(collect(start().pool.recover()))).toEqual([]);
  });

  it("waits until the lease of a process that has died is over, and not longer", async () => {
    const { azure, start } = world();
    azure.runsInMs = 3_600_000;
    const first = start();
    for (const spec of specs(3)) void first.pool.run(spec);
    await azure.clock.advance(15_000);
    first.kill();
    const diedAt = azure.clock.now();
    const second = start();
    const results = collect(second.pool.recover());
    await azure.clock.advance(5000);
    expect(second.pool.stats.running).toBe(0);
    await azure.clock.advance(45_000);
    expect(second.pool.stats.running).toBe(3);
    expect(azure.clock.now() - diedAt).toBeLessThanOrEqual(60_000);
    expect(await azure.until(results)).toHaveLength(3);
    expect(azure.puts).toHaveLength(3);
  });

  it("takes nothing up any more once it is closed", async () => {
    const { azure, start } = world();
    const [first, second] = [start(), start()];
    const done = first.pool.run({ key: "a", image: "a" });
    await azure.clock.advance(100);
    const results = second.pool.recover();
    const one = results.next();
    await azure.until(Promise.all([done, one]));
    await azure.until(second.pool.destroy());
    void first.pool.run({ key: "b", image: "a" });
    await azure.clock.advance(100);
    expect(await azure.until(results.next())).toMatchObject({ done: true });
    await azure.until(first.pool.onIdle());
    expect(azure.puts).toHaveLength(2);
  });

  it("takes nothing up that it was finding out about while it was closed", async () => {
    const { azure, store, start } = world();
    azure.runsInMs = 3_600_000;
    const first = start();
    void first.pool.run({ key: "a", image: "a" });
    await azure.clock.advance(15_000);
    first.kill();
    await azure.clock.advance(lasting);
    const { pool } = start({ store: { ...store, read: async (key) => azure.clock.sleep(key.startsWith("jobs/") ? 1000 : 0).then(() => store.read(key)) } });
    const results = collect(pool.recover());
    await azure.clock.advance(500);
    await azure.until(pool.close());
    expect(await azure.until(results)).toEqual([]);
    expect(pool.stats).toMatchObject({ queued: 0, running: 0, finished: 0 });
    expect(await azure.until(collect(start().pool.recover()))).toEqual(["a succeeded"]);
  });

  it("obeys whoever asks for a job that it has taken up, and takes its secrets", async () => {
    const { azure, start } = world();
    azure.runsInMs = 3_600_000;
    const first = start({ concurrency: 1 });
    first.pool.pause();
    const secret = { key: "s", image: "a", environment: { KEY: { secureValue: "hunter22" } } };
    for (const spec of [{ key: "a", image: "a" }, secret]) void first.pool.run(spec).catch(() => undefined);
    await azure.clock.advance(1000);
    first.kill();
    await azure.clock.advance(60_000);
    const second = start();
    const recovered = collect(second.pool.recover());
    await azure.clock.advance(1000);
    const abort = new AbortController();
    const again = second.pool.run({ key: "a", image: "a" }, { abortSignal: abort.signal }).catch((error: unknown) => error);
    const whole = second.pool.run(secret);
    await azure.clock.advance(60_000);
    abort.abort(new Error("enough"));
    await azure.clock.advance(0);
    expect(await azure.until(again)).toMatchObject({ code: "ACI_JOB_CANCELED" });
    expect(await azure.until(whole)).toMatchObject({ outcome: "succeeded" });
    expect(await azure.until(recovered)).toContain("a canceled");
  });

  it("does not wait for one that has died because its clock was ahead", async () => {
    const { azure, store, start } = world();
    const first = start();
    azure.runsInMs = 3_600_000;
    void first.pool.run({ key: "a", image: "a" });
    await azure.clock.advance(15_000);
    first.kill();
    const [process] = await keysIn(store, "pools/default/default/processes/");
    const found = await store.read(String(process));
    await store.write(String(process), { until: azure.clock.now() + 7_200_000 }, String(found?.version));
    const second = start();
    const results = collect(second.pool.recover());
    await azure.clock.advance(60_000);
    expect(second.pool.stats.running).toBe(1);
    await azure.until(results);
  });

  it("takes away what processes have left that are dead for days", async () => {
    const { azure, store, start } = world();
    const first = start();
    void first.pool.run({ key: "a", image: "a" });
    await azure.clock.advance(5000);
    first.kill();
    await azure.clock.advance(3_600_000);
    await azure.until(collect(start().pool.recover()));
    expect(await keysIn(store, "pools/default/default/processes/")).toHaveLength(1);
    await azure.clock.advance(2 * 86_400_000);
    await azure.until(collect(start().pool.recover()));
    expect(await keysIn(store, "pools/")).toEqual([]);
  });

  it("keeps what ends a job as it was given", async () => {
    const here = world();
    const { azure, start } = here;
    azure.runsInMs = 86_400_000;
    azure.log = "Ready to go\n";
    await leaveBehind(here, { key: "a", image: "a" }, { doneWhen: { logLine: /^ready/iu } });
    expect(await azure.until(collect(start().pool.recover()))).toEqual(["a succeeded"]);
    expect(azure.clock.now()).toBeLessThan(Date.UTC(2026, 0, 1, 1));
  });

  it("is worked on by several processes at a time, each with jobs of its own", async () => {
    const { azure, start } = world();
    const [first, second] = [start(), start()];
    const all = Promise.all(specs(40).map((spec) => first.pool.run(spec)));
    await azure.clock.advance(100);
    const others = collect(second.pool.recover());
    await azure.clock.advance(6000);
    expect(azure.groups.size).toBe(10);
    const results = await azure.until(all);
    expect(results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 40 }, () => "succeeded"));
    expect((await azure.until(others)).length).toBeGreaterThan(10);
    expect(azure.puts).toHaveLength(40);
    expect(azure.groups.size).toBe(0);
  });

  it("detaches at the end of a block, and can be carried on at once", async () => {
    const { azure, start } = world();
    const first = start();
    const all = Promise.allSettled(specs(8).map((spec) => first.pool.run(spec)));
    await azure.clock.advance(5000);
    await azure.until(first.pool[Symbol.asyncDispose]());
    expect((await all).every(({ status }) => status === "rejected")).toBe(true);
    expect(azure.groups.size).toBe(5);
    const second = start();
    const results = collect(second.pool.recover());
    await azure.clock.advance(100);
    expect(second.pool.stats.running).toBe(5);
    expect(await azure.until(results)).toHaveLength(8);
    expect(azure.puts).toHaveLength(8);
  });

  it("does nothing again when all its jobs are given to it again", async () => {
    const { azure, start } = world();
    await azure.until(Promise.all(specs(4).map((spec) => start().pool.run(spec))));
    const { length } = azure.requests;
    expect(await azure.until(collect(start().pool.map(specs(4), { ordered: true })))).toEqual(specs(4).map(({ key }) => `${String(key)} succeeded`));
    expect(azure.requests.slice(length)).toEqual([]);
  });

  it("takes equal keys for one job", async () => {
    const { azure, start } = world();
    const { pool } = start();
    const [spec] = specs(1);
    const [one, other] = await azure.until(Promise.all([pool.run(spec as ContainerJobSpec), pool.run(spec as ContainerJobSpec)]));
    expect(one).toEqual(other);
    expect(azure.puts).toHaveLength(1);
  });

  it("yields a job whose secret value only the dead process had as not run", async () => {
    const { azure, start } = world();
    const first = start({ concurrency: 1 });
    void first.pool.run({ key: "a", image: "a" });
    void first.pool.run({ key: "b", image: "a", environment: { TOKEN: { secureValue: "hush" } } });
    await azure.clock.advance(2000);
    first.kill();
    await azure.clock.advance(lasting);
    const results = await azure.until(collect(start().pool.recover()));
    expect(results.sort()).toEqual(["a succeeded", "b notRun"]);
  });

  it("cannot be carried on without a store", async () => {
    const azure = new FakeAzure();
    const pool = new JobPool(azure.client());
    await expect(collect(pool.recover())).rejects.toThrow("store");
  });

  it("keeps no program alive that has no jobs any more, closed or not", async () => {
    const { azure, store, start } = world();
    const { pool } = start();
    await azure.until(Promise.all(specs(2).map((spec) => pool.run(spec))));
    await azure.clock.advance(0);
    expect(azure.clock.nextWakeAt).toBeUndefined();
    expect(await keysIn(store, "pools/")).toEqual([]);
    await azure.until(pool.run({ key: "later", image: "a" }));
    await azure.clock.advance(0);
    expect(azure.clock.nextWakeAt).toBeUndefined();
  });

  it("loses no result to a store that fails in what it keeps of the pool", async () => {
    const azure = new FakeAzure();
    const whole = memoryStore();
    let isBroken = false;
    const broken = async (key: string): Promise<void> => {
      if (isBroken && key.startsWith("pools/")) throw new Error("the store is away");
    };
    const store: JobStore = {
      ...whole,
      read: async (key) => broken(key).then(() => whole.read(key)),
      write: async (key, value, version) => broken(key).then(() => whole.write(key, value, version)),
      delete: async (key) => broken(key).then(() => whole.delete(key)),
    };
    const pool = new JobPool(azure.client({ requestBudget: "unlimited" }), { store, concurrency: 1 });
    const all = Promise.all(specs(3).map((spec) => pool.run(spec)));
    await azure.clock.advance(1000);
    isBroken = true;
    expect((await azure.until(all)).map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded", "succeeded"]);
  });

  it("takes up what runs though all of the quota is used, by just that, and before what has not begun", async () => {
    const { azure, start } = world();
    azure.usages = () => [{ resource: "ContainerGroups", used: azure.groups.size, limit: 5 }];
    azure.runsInMs = 600_000;
    const first = start({ concurrency: 100 });
    for (const spec of specs(20)) void first.pool.run(spec);
    await azure.clock.advance(20_000);
    expect(azure.groups.size).toBe(5);
    first.kill();
    await azure.clock.advance(lasting);
    const second = start({ concurrency: 100 });
    const results = collect(second.pool.recover());
    await azure.clock.advance(20_000);
    expect(second.pool.stats.running).toBe(5);
    expect(await azure.until(results)).toHaveLength(20);
    expect(azure.puts).toHaveLength(20);
  });

  it("leaves jobs to go on when the loop over their results is left, and the loop carries them on", async () => {
    const { azure, start } = world();
    const { pool } = start();
    const broken = (async () => {
      for await (const { key } of pool.map(specs(12))) throw new Error(`no room for ${key}`);
    })();
    await expect(azure.until(broken)).rejects.toThrow("no room");
    expect(azure.groups.size).toBeGreaterThan(0);
    const again = azure.until(collect(pool.map(specs(12))));
    expect((await again).every((line) => line.endsWith("succeeded"))).toBe(true);
    expect(azure.puts).toHaveLength(12);
  });

  it("knows of jobs that are being written: it closes after them, and destroys them", async () => {
    const { azure, start } = world();
    const { pool } = start();
    const all = Promise.all(specs(3).map((spec) => pool.run(spec)));
    expect(pool.stats.running).toBe(0);
    await azure.until(pool.close());
    expect((await all).map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded", "succeeded"]);
    const other = start().pool;
    other.pause();
    const canceled = Promise.allSettled([other.run({ key: "late", image: "a" })]);
    await azure.until(other.destroy());
    expect((await canceled)[0]).toMatchObject({ status: "rejected", reason: { code: "ACI_JOB_CANCELED" } });
    const third = start({ maxQueue: 2, concurrency: 1 }).pool;
    const many = await azure.until(Promise.allSettled(["w", "x", "y", "z"].map((key) => third.run({ key, image: "a" }))));
    expect(many.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected"]);
  });

  it("cancels a job that another process has, for who waits for it here", async () => {
    const { azure, start } = world();
    azure.runsInMs = 600_000;
    const [first, second] = [start(), start()];
    const controller = new AbortController();
    const one = Promise.allSettled([first.pool.run({ key: "same", image: "a" })]);
    await azure.clock.advance(5000);
    const other = Promise.allSettled([second.pool.run({ key: "same", image: "a" }, { abortSignal: controller.signal })]);
    await azure.clock.advance(5000);
    controller.abort(new Error("enough"));
    expect((await azure.until(other))[0]).toMatchObject({ status: "rejected", reason: { code: "ACI_JOB_CANCELED" } });
    await azure.until(one);
    expect(azure.groups.size).toBe(0);
  });

  it("refuses another spec of a key that it has, and keeps what the first one has", async () => {
    const { azure, store, start } = world();
    const { pool } = start();
    const first = pool.run({ key: "a", image: "x" });
    await azure.clock.advance(1000);
    await expect(pool.run({ key: "a", image: "y" })).rejects.toMatchObject({ code: "ACI_JOB_CONFLICT" });
    expect(await keysIn(store, "pools/default/default/jobs/")).toHaveLength(1);
    expect((await azure.until(first)).outcome).toBe("succeeded");
  });

  it("goes by the pool where an option of a job is undefined", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 60_000;
    const pool = new JobPool(azure.client({ requestBudget: "unlimited" }), { runTimeoutInMs: 10_000 });
    await expect(azure.until(pool.run({ image: "a" }, { runTimeoutInMs: undefined }))).rejects.toMatchObject({ code: "ACI_JOB_TIMED_OUT" });
  });
});
