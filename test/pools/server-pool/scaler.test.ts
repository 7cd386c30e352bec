import { beforeEach, describe, expect, it } from "vitest";
import { RequestBudget, type ServerPool, type Clock, type JobStore, type ReconcileReport, type ScalingRule, type ServerPoolOptions } from "../../../src/index.js";
import { Arena } from "./arena.js";

const MINUTE = 60_000;
const SCALER = "servers/default/arena/scaler";

let arena: Arena;
let azure: Arena["azure"];
let store: Arena["store"];
beforeEach(() => {
  arena = new Arena();
  ({ azure, store } = arena);
});

const none: ScalingRule = { name: "none", desired: () => 0 };
// A rule that measures for so long.
const slow = (ms: number): ScalingRule => ({ name: "slow", measure: () => azure.clock.sleep(ms).then(() => 0), desired: () => 0 });

// A pool as another process has it, whose clock is so far ahead.
function newPool(options: Partial<ServerPoolOptions> = {}, aheadInMs = 0): ServerPool {
  const clock: Clock = { now: () => azure.clock.now() + aheadInMs, sleep: (ms, signal) => azure.clock.sleep(ms, signal) };
  const client = azure.client({ clock, requestBudget: new RequestBudget({ createsPerFiveMinutes: 1e6, createsPerHour: 1e6, readsPerSecond: 1e6, writesPerSecond: 1e6 }) });
  return arena.newPool(client, { scaling: none, ...options });
}

// Reconciles every 15 seconds for so long, in each process, and answers what they report.
async function run(pools: readonly ServerPool[], ms: number): Promise<ReconcileReport[]> {
  const reports: ReconcileReport[] = [];
  const stopping = new AbortController();
  const running = pools.map((pool) => pool.run({ abortSignal: stopping.signal, onReport: (report) => reports.push(report) }));
  await azure.clock.advance(ms);
  stopping.abort();
  await azure.until(Promise.all(running));
  return reports;
}

describe("who scales a pool", () => {
  it("acts, however long it takes to look", async () => {
    const pool = newPool({ min: 3, scaling: slow(100_000) });
    const report = await azure.until(pool.reconcile());
    expect(report).toMatchObject({ isActing: true, skipped: 0 });
    expect(report.actions.map(({ kind }) => kind)).toEqual(["create", "create", "create"]);
  });

  it("keeps the right to act while it looks at many servers that do not answer, beside others who want it", async () => {
    let isUp = true;
    const pools = [0, 1].map(() => newPool({ min: 240, max: 240, isHealthy: () => isUp || new Promise<boolean>(() => undefined) }));
    await run(pools, MINUTE);
    expect(azure.groups.size).toBe(240);
    isUp = false;
    const reports = await run(pools, 10 * MINUTE);
    expect(reports.flatMap(({ actions }) => actions).filter(({ kind }) => kind === "suspect")).toHaveLength(240);
    expect(reports.filter(({ skipped }) => skipped > 0)).toEqual([]);
  });

  it("does nothing once another has taken the right to act, and says so", async () => {
    const [first, second] = [newPool({ min: 2, scaling: slow(130_000) }), newPool({ min: 2 })];
    const looking = first.reconcile();
    await azure.clock.advance(125_000);
    expect(await second.reconcile()).toMatchObject({ isActing: true, skipped: 0 });
    expect(await azure.until(looking)).toMatchObject({ isActing: false, actions: [], skipped: 2 });
    expect(azure.puts).toHaveLength(2);
  });

  it("leaves what it cannot do in time to the next, and says how much that was", async () => {
    const late: JobStore = {
      ...store,
      write: async (key, value, ifVersion) => {
        const version = await store.write(key, value, ifVersion);
        if (key !== SCALER) await azure.clock.sleep(100_000);
        return version;
      },
    };
    const report = await azure.until(newPool({ min: 20, max: 20, store: late }).reconcile());
    expect(report).toMatchObject({ isActing: true, actions: [], skipped: 20 });
    expect(azure.puts).toEqual([]);
  });

  it.each([-20, 20])("lets others act at once when it is done, where its clock is %s minutes off", async (minutes) => {
    await newPool({}, minutes * MINUTE).reconcile();
    expect(await newPool().reconcile()).toMatchObject({ isActing: true });
    await newPool({}, minutes * MINUTE).reconcile();
    expect(await newPool().reconcile()).toMatchObject({ isActing: true });
  });

  it("is followed by who has waited for as long as it may act, where it was killed with its clock ahead", async () => {
    const hanging: ScalingRule = { name: "hanging", measure: () => new Promise(() => undefined), desired: () => 0 };
    void newPool({ scaling: hanging }, 20 * MINUTE).reconcile();
    await azure.clock.advance(0);
    const [since, next] = [azure.clock.now(), newPool()];
    while (!(await next.reconcile()).isActing) await azure.clock.advance(15_000);
    expect(azure.clock.now() - since).toBe(2 * MINUTE);
  });

  it("is not followed while it goes on, where its clock is ahead", async () => {
    const ahead = newPool({}, 20 * MINUTE);
    const next = newPool();
    for (let passes = 0; passes < 12; passes++) {
      const hanging = newPool({ scaling: slow(15_000) }, 20 * MINUTE).reconcile();
      await azure.clock.advance(0);
      expect(await next.reconcile()).toMatchObject({ isActing: false });
      await azure.clock.advance(15_000);
      await hanging;
      await ahead.reconcile();
    }
  });
});
