import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runContainerJob } from "../../src/index.js";
import { RetryQuota } from "../../src/budget/retry-quota.js";
import { FakeAzure } from "../jobs/fake-azure.js";

describe("the retries of a client", () => {
  it("are free while they are few", () => {
    const quota = new RetryQuota();
    for (let second = 0; second < 1000; second++) for (let n = 0; n < 10; n++) expect(quota.take(second * 1000)).toBe(0);
  });

  it("are never more than a burst and ten a second, whenever they come", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { minLength: 1, maxLength: 400 }), (gaps) => {
        const quota = new RetryQuota();
        let now = 0;
        const turns = gaps.map((gap) => ((now += gap), now + quota.take(now)));
        for (const from of turns) expect(turns.filter((turn) => turn >= from && turn < from + 1000).length).toBeLessThanOrEqual(111);
      }),
    );
  });

  it("do not take the time back where the clock goes back", () => {
    const quota = new RetryQuota();
    for (let n = 0; n < 100; n++) quota.take(10_000);
    expect(quota.take(0)).toBeGreaterThan(0);
    expect(quota.take(10_000)).toBeGreaterThan(0);
  });

  it("wait for their turn when a thousand jobs meet a service in trouble", async () => {
    const azure = new FakeAzure();
    const client = azure.client({ requestBudget: "unlimited" });
    const lists: number[] = [];
    azure.before = (verb) => {
      if (verb !== "list") return;
      lists.push(azure.clock.now());
      if (azure.clock.now() < (lists[0] ?? 0) + 60_000) throw azure.fault({ statusCode: 503 });
    };
    const runs = Array.from({ length: 1000 }, (_run, n) => runContainerJob(client, { key: String(n), image: "a" }, { reject: false }));
    const results = await azure.until(Promise.all(runs));
    expect(results.every(({ outcome }) => outcome === "succeeded")).toBe(true);
    // Left to themselves they would ask some 7,000 times in that minute.
    const inTrouble = lists.slice(1000).filter((at) => at < (lists[0] ?? 0) + 60_000).length;
    expect(inTrouble).toBeGreaterThan(500);
    expect(inTrouble).toBeLessThanOrEqual(100 + 60 * 10);
  });
});
