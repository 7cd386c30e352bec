import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JobPool, type ContainerJobSpec } from "../../../src/index.js";
import { pricePerHour } from "../../../src/lifecycle/cost/prices.js";
import { Spending } from "../../../src/pools/job-pool/admission/spending.js";
import type { PoolJob } from "../../../src/pools/job-pool/pool-job.js";
import { FakeAzure } from "../../jobs/fake-azure.js";

const HOUR_IN_MS = 3_600_000;

// How often the size of a job was read, for each of them.
async function readsOfSizes(concurrency: number): Promise<number> {
  const azure = new FakeAzure();
  const pool = new JobPool(azure.client({ requestBudget: "unlimited" }), { concurrency, spendingLimit: 1000 });
  let reads = 0;
  const specs = Array.from({ length: 60 }, (_unused, index): ContainerJobSpec => ({
    key: `job-${index}`,
    image: "a",
    get cpu() {
      reads++;
      return 1;
    },
  }));
  await azure.until(Promise.all(specs.map((spec) => pool.run(spec))));
  return reads / specs.length;
}

describe("what a pool spends", () => {
  it("is said without a look at each job that runs", async () => {
    expect(await readsOfSizes(30)).toBeCloseTo(await readsOfSizes(3), 1);
  });

  it("is the sum of what the groups of each job have cost, and of what results say", () => {
    const locations = ["eastus", "swedencentral", "elsewhere"];
    const moves = fc.array(fc.record({ of: fc.nat(5), what: fc.constantFrom("start", "stop", "settle", "settleUnknown"), afterMs: fc.integer({ min: -1000, max: 5_000_000 }), location: fc.constantFrom(...locations) }), { maxLength: 60 });
    fc.assert(
      fc.property(moves, (all) => {
        const spending = new Spending(Infinity);
        const jobs = Array.from({ length: 6 }, (_unused, id) => ({ id, options: {}, spec: { image: "a", cpu: id + 1, memoryInGB: 2, sidecars: [{ name: "s", image: "b" }] }, cores: 1 }) as unknown as PoolJob);
        const groups: { of: number; location: string; from: number; to?: number }[] = [];
        const over: number[] = [];
        let [onResults, now, told] = [0, 1.7e12, 1.7e12];
        spending.spent(now);
        const costOf = (group: (typeof groups)[number]): number => {
          const size = { containerName: "", image: "", restartCount: 0, events: [] };
          return (pricePerHour([{ ...size, cpu: group.of + 1, memoryInGB: 2 }, { ...size, cpu: 1, memoryInGB: 1.5 }], group.location).amount * ((group.to ?? now) - group.from)) / HOUR_IN_MS;
        };
        for (const { of, what, afterMs, location } of all) {
          if (over.includes(of)) continue;
          told += afterMs;
          now = Math.max(now, told);
          const job = jobs[of] as PoolJob;
          const present = groups.find((group) => group.of === of && group.to === undefined);
          if (what === "start") {
            if (present === undefined) groups.push({ of, location: (job.location = location), from: now });
            spending.start(job, told);
          } else {
            if (present !== undefined) present.to = now;
            if (what === "stop") spending.stop(job, told);
            else spending.settle(job, what === "settle" ? 0.5 : undefined, told);
            if (what !== "stop") over.push(of);
            if (what === "settle") {
              onResults += 0.5;
              groups.splice(0, groups.length, ...groups.filter((group) => group.of !== of));
            }
          }
          expect(spending.spent(told)).toBeCloseTo(onResults + groups.reduce((sum, group) => sum + costOf(group), 0), 8);
        }
        jobs.forEach((job, of) => over.includes(of) || spending.settle(job, 0, told));
        const unknown = groups.filter(({ of }) => over.includes(of)).reduce((sum, group) => sum + costOf(group), 0);
        expect(spending.spent(told)).toBeCloseTo(onResults + unknown, 8);
      }),
    );
  });

  it("is nothing where all that was under way has cost nothing after all", () => {
    const spending = new Spending(Infinity);
    const jobs = Array.from({ length: 7 }, (_unused, id) => ({ id, options: {}, spec: { image: "a", cpu: 0.1 * (id + 1) }, cores: 1 }) as unknown as PoolJob);
    jobs.forEach((job, index) => spending.start(job, 1000 * index));
    jobs.forEach((job, index) => spending.settle(job, 0, 1e7 + 333 * index));
    expect(spending.spent(1e9)).toBe(0);
  });
});
