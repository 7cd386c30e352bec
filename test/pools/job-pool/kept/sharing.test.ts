import { describe, expect, it } from "vitest";
import { memoryStore, type JobStore } from "../../../../src/index.js";
import { VirtualClock } from "../../../../src/internal/clock.js";
import { KeptJobs } from "../../../../src/pools/job-pool/kept/kept-jobs.js";
import { collect, keysIn, leaveBehind, world } from "./world.js";

const names = { owner: "default", name: "default" };

describe("processes that share a pool", () => {
  it("say that they live all the time, also if a job comes while the last one ends", async () => {
    const { azure, start } = world();
    const inner = memoryStore();
    const slow = async <T>(work: () => Promise<T>, ms: number): Promise<T> => {
      await azure.clock.sleep(ms);
      return work();
    };
    const store: JobStore = {
      read: (key) => slow(() => inner.read(key), 20),
      write: (key, value, version) => slow(() => inner.write(key, value, version), 20),
      delete: (key) => slow(() => inner.delete(key), 50),
      list: (prefix) => inner.list?.(prefix) as AsyncIterable<never>,
    };
    const { pool } = start({ store });
    const first = pool.run({ key: "a", image: "a" });
    while (pool.stats.finished === 0) {
      await azure.clock.advance(10);
    }
    // By now it is about to say that it is gone, which takes it 50 ms.
    await azure.clock.advance(15);
    const second = pool.run({ key: "b", image: "a" });
    await azure.clock.advance(200);
    while (pool.stats.running > 0) {
      expect(await keysIn(inner, "pools/default/default/processes/")).toHaveLength(1);
      await azure.clock.advance(50);
    }
    await azure.until(Promise.all([first, second]));
  });

  it.each([
    ["has not begun it yet", 0],
    ["is about to find out that it cannot begin it without them", 1],
  ])("have a job's secrets from whoever gives it again, also where the pool %s", async (_name, after) => {
    const here = world();
    const { azure, store, start } = here;
    const spec = { key: "a", image: "a", environment: { TOKEN: { secureValue: "hush" } } };
    await leaveBehind(here, spec);
    const { pool } = start({ store: { ...store, read: async (key) => azure.clock.sleep(key.startsWith("jobs/") ? 100 : 0).then(() => store.read(key)) } });
    if (after === 0) pool.pause();
    const recovered = collect(pool.recover());
    // It is being read, and comes first.
    await azure.clock.advance(90);
    const again = pool.run(spec);
    await azure.clock.advance(105);
    expect(pool.stats).toMatchObject({ queued: 1 - after, running: after });
    pool.resume();
    expect((await azure.until(again)).outcome).toBe("succeeded");
    expect(await azure.until(recovered)).toEqual(["a succeeded"]);
    expect(pool.stats).toMatchObject({ queued: 0, finished: 1 });
    expect(azure.puts).toHaveLength(1);
  });

  it("are believed to live while they say something new, however far behind their clocks are", async () => {
    const store = memoryStore();
    const [behind, clock] = [new VirtualClock(Date.UTC(2026, 0, 1)), new VirtualClock(Date.UTC(2026, 0, 2))];
    const [one, other] = [new KeptJobs(store, behind, { ...names, by: "one" }), new KeptJobs(store, clock, { ...names, by: "other" })];
    await one.add({ key: "a", image: "a" }, {});
    await one.claim("a");
    await one.renew();
    // What is over by its own account when it is first seen is left by one who died long ago.
    expect([...(await other.taken())]).toEqual([]);
    for (let renewed = 0; renewed < 5; renewed++) {
      await clock.advance(10_000);
      await one.renew();
      expect([...(await other.taken())]).toEqual(["a"]);
    }
    await clock.advance(29_000);
    expect([...(await other.taken())]).toEqual(["a"]);
    await clock.advance(1000);
    expect([...(await other.taken())]).toEqual([]);
  });
});
