import { describe, expect, it } from "vitest";
import type { JobStore } from "../../../../src/index.js";
import { collect, keysIn, leaveBehind, specs, world } from "./world.js";

const ofJobs = "jobs/";
const ofPool = "pools/default/default/jobs/";

// A store of which requests fail as long as `isAway` says so of them.
function failing(store: JobStore, isAway: (verb: "read" | "write" | "list", key: string, version?: string) => boolean): JobStore {
  const fail = (is: boolean): void => {
    if (is) throw new TypeError("fetch failed");
  };
  return {
    ...store,
    read: async (key) => {
      fail(isAway("read", key));
      return store.read(key);
    },
    write: async (key, value, version) => {
      fail(isAway("write", key, version));
      return store.write(key, value, version);
    },
    async *list(prefix) {
      fail(isAway("list", prefix));
      yield* store.list?.(prefix) ?? [];
    },
  };
}

describe("a pool whose store fails", () => {
  it("carries on what it takes up, once the store answers again", async () => {
    const { azure, store, start } = world();
    azure.runsInMs = 600_000;
    const first = start();
    for (const spec of specs(3)) void first.pool.run(spec);
    await azure.clock.advance(15_000);
    first.kill();
    await azure.clock.advance(60_000);
    let failures = 0;
    const second = start({ store: failing(store, (verb, key) => verb === "read" && key.startsWith(ofJobs) && ++failures % 4 === 3) });
    const results = await azure.until(collect(second.pool.recover()));
    expect(results.sort()).toEqual(["job-0 succeeded", "job-1 succeeded", "job-2 succeeded"]);
    expect(failures).toBeGreaterThan(3);
    expect(azure.puts).toHaveLength(3);
    expect(azure.groups.size).toBe(0);
    expect(await keysIn(store, ofPool)).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5])("goes on with a job when write %i of its handle fails, and does not say that it was not run", async (nth) => {
    const { azure, store, start } = world();
    azure.exitCode = 1;
    let writes = 0;
    const { pool } = start({ store: failing(store, (verb, key) => verb === "write" && key.startsWith(ofJobs) && ++writes === nth), retry: { exitCodes: "nonZero", maxAttempts: 2 } });
    expect(await azure.until(collect(pool.map([{ key: "a", image: "a" }])))).toEqual(["a failed"]);
    expect(writes).toBeGreaterThanOrEqual(nth);
    expect(azure.puts).toHaveLength(2);
    await azure.until(pool.close());
    // A result that could not be kept is handed out, and its group stays: only there it can be had again.
    expect(azure.groups.size).toBe(nth === 4 ? 1 : 0);
  });

  it("waits for as long as the store is away", async () => {
    const { azure, store, start } = world();
    let isAway = false;
    const { pool } = start({ store: failing(store, () => isAway) });
    const results = collect(pool.map(specs(8)));
    await azure.clock.advance(1000);
    isAway = true;
    await azure.clock.advance(3_600_000);
    expect(pool.stats.finished).toBeLessThanOrEqual(5);
    isAway = false;
    expect((await azure.until(results)).every((line) => line.endsWith("succeeded"))).toBe(true);
    expect(azure.puts).toHaveLength(8);
  });

  it("leaves a job meanwhile to others whose store answers", async () => {
    const { azure, store, start } = world();
    azure.runsInMs = 60_000;
    const first = start({ store: failing(store, (verb, key) => verb === "read" && key.startsWith(ofJobs)) });
    const one = first.pool.run({ key: "a", image: "a" }).catch((error: unknown) => error);
    await azure.clock.advance(1000);
    const second = start();
    const results = collect(second.pool.recover());
    await azure.clock.advance(5000);
    expect(second.pool.stats.running).toBe(1);
    expect(await azure.until(results)).toEqual(["a succeeded"]);
    void one;
  });

  it("cancels a job that it could not take up when it is told to, and says what it could not do", async () => {
    const { azure, store, start } = world();
    let isAway = true;
    const { pool } = start({ store: failing(store, (verb, key) => isAway && key.startsWith(ofJobs)) });
    const [kept, lost] = [new AbortController(), new AbortController()];
    const rejected = (key: string, { signal }: AbortController): Promise<unknown> => pool.run({ key, image: "a" }, { abortSignal: signal }).catch((error: unknown) => error);
    const [one, other] = [rejected("a", kept), rejected("b", lost)];
    await azure.clock.advance(25_000);
    lost.abort(new Error("enough"));
    expect(await azure.until(other)).toMatchObject({ message: "fetch failed" });
    isAway = false;
    kept.abort(new Error("enough"));
    expect(await azure.until(one)).toMatchObject({ code: "ACI_JOB_CANCELED" });
    expect(azure.puts).toHaveLength(0);
  });

  it("lets go of what it could not take up when it is detached", async () => {
    const { azure, store, start } = world();
    let isAway = true;
    const { pool } = start({ store: failing(store, (_verb, key) => isAway && key.startsWith(ofJobs)) });
    const one = pool.run({ key: "a", image: "a" }).catch((error: unknown) => error);
    await azure.clock.advance(1000);
    const detached = pool.detach();
    await azure.clock.advance(100);
    await detached;
    expect(await one).toMatchObject({ code: "ACI_JOB_DETACHED" });
    isAway = false;
    expect(await azure.until(collect(start().pool.recover()))).toEqual(["a succeeded"]);
  });

  it("gives up what only one job's own entry cannot be had of, and leaves it to others", async () => {
    const { azure, store, start } = world();
    const { pool } = start({ store: failing(store, (verb, key) => verb === "read" && key.startsWith(ofJobs)) });
    await expect(azure.until(pool.run({ key: "a", image: "a" }))).rejects.toThrow("fetch failed");
    expect(azure.clock.now()).toBeGreaterThan(Date.UTC(2026, 0, 1, 0, 2));
    const others = start();
    void pool.run({ key: "b", image: "a" }).catch(() => undefined);
    expect(await azure.until(collect(others.pool.recover()))).toContain("a succeeded");
  });

  it.each([
    ["the one that it has put off", 1],
    ["the one that it has put off, though the store fails for that again", 3],
  ])("takes a job that is given again with its secrets for %s", async (_name, failures) => {
    const here = world();
    const { azure, store, start } = here;
    const spec = { key: "a", image: "a", environment: { TOKEN: { secureValue: "hush" } } };
    await leaveBehind(here, spec);
    let left = failures;
    const { pool } = start({ store: failing(store, (verb, key) => verb === "read" && key.startsWith(ofJobs) && left-- > 0) });
    const recovered = collect(pool.recover());
    await azure.clock.advance(100);
    expect(pool.stats).toMatchObject({ queued: 1, finished: 0 });
    const { outcome, cost } = await azure.until(pool.run(spec));
    expect([outcome, await azure.until(recovered)]).toEqual(["succeeded", ["a succeeded"]]);
    await azure.until(pool.close());
    expect(pool.stats).toMatchObject({ queued: 0, finished: 1, outcomes: { succeeded: 1 }, cost: { amount: Number(cost.amount.toPrecision(4)) } });
    expect(await keysIn(store, ofPool)).toEqual([]);
  });

  it("says of a job that could not be kept that it was not run, and runs the others", async () => {
    const { azure, store, start } = world();
    let writes = 0;
    const { pool } = start({ store: failing(store, (verb, key, version) => verb === "write" && key.startsWith(ofPool) && version === "absent" && ++writes === 3) });
    const results = await azure.until(collect(pool.map(specs(5))));
    expect(results.sort()).toEqual(["job-0 succeeded", "job-1 succeeded", "job-2 notRun", "job-3 succeeded", "job-4 succeeded"]);
    writes = 2;
    await expect(azure.until(pool.run({ key: "x", image: "a" }))).rejects.toMatchObject({ code: "ACI_JOB_NOT_STARTED", isRetryable: true });
  });
});
