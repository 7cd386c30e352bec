import { describe, expect, it } from "vitest";
import { runContainerJob, sweep } from "../../src/index.js";
import { FakeAzure } from "../jobs/fake-azure.js";
import { GRACE, HOUR, jobOf, leave, LIFETIME, tagsOf } from "./left-behind.js";

const MINUTE = 60_000;

// Sweeps every five minutes for so long. Answers how many groups were deleted in all.
async function sweepFor(azure: FakeAzure, hours: number, look: () => void = () => undefined): Promise<number> {
  let deleted = 0;
  for (let passes = 0; passes < hours * 12; passes++) {
    await azure.clock.advance(5 * MINUTE);
    deleted += (await azure.until(sweep(azure.client()))).counts.deleted;
    look();
  }
  return deleted;
}

describe("sweep on a timer", () => {
  it("never gets in the way of jobs that are alive, be it those that use up their limits", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 10 * HOUR;
    const jobs = Array.from({ length: 12 }, (_, n) => runContainerJob(azure.client(), { image: "alpine:3", key: `job-${n}` }, { runTimeoutInMs: (1 + (n % 3)) * HOUR, reject: false }));
    const done = Promise.all(jobs);
    expect(await sweepFor(azure, 4)).toBe(0);
    expect((await done).map(({ outcome, cleanup }) => `${outcome}, ${cleanup}`)).toEqual(jobs.map(() => "timedOut, done"));
  });

  it("leaves no group there for longer than its time, the grace and two passes", async () => {
    const azure = new FakeAzure();
    for (let n = 0; n < 10; n++) leave(azure, { name: `aci-${jobOf(n)}-1`, tags: tagsOf(jobOf(n)), ageInMs: n * 7 * MINUTE });
    const born = new Map([...azure.groups].map(([name, { createdAt }]) => [name, createdAt]));
    const deleted = await sweepFor(azure, 2, () => {
      for (const name of azure.groups.keys()) expect(azure.clock.now() - (born.get(name) ?? 0)).toBeLessThanOrEqual(LIFETIME + GRACE + 10 * MINUTE);
    });
    expect([deleted, azure.groups.size]).toEqual([10, 0]);
  });
});
