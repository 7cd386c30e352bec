import type { FakeAzure } from "../jobs/fake-azure.js";

export const HOUR = 3_600_000;
export const JOB = "0123456789abcdef";
export const NAME = `aci-${JOB}-1`;
/** 10 minutes to start, an hour to run, 5 minutes to clean up. */
export const LIFETIME = 75 * 60_000;
export const GRACE = 600_000;

export const tagsOf = (job = JOB, more: Record<string, string> = {}): Record<string, string> => ({
  "aci-lifecycle-owner": "default",
  "aci-lifecycle-job": job,
  "aci-lifecycle-attempt": "1",
  "aci-lifecycle-spec": "ffffffffffffffff",
  "aci-lifecycle-main": "main",
  "aci-lifecycle-limits": "600000 3600000 300000 never",
  ...more,
});

/** The hash of a job, by number. */
export const jobOf = (n: number): string => n.toString(16).padStart(16, "0");

/** Puts a group there whose process is gone. Its container runs for `runsInMs` of the fake. */
export function leave(azure: FakeAzure, { name = NAME, tags = tagsOf(), ageInMs = 24 * HOUR }: { name?: string; tags?: Record<string, string>; ageInMs?: number } = {}): void {
  const createdAt = azure.clock.now() + azure.aheadInMs - ageInMs;
  azure.groups.set(name, { spec: { name, location: "eastus", containers: [{ name: "main", image: "alpine:3" }] }, createdAt, tags: { ...tags } });
}

/** Leaves so many jobs' groups there. */
export function leaveMany(azure: FakeAzure, count: number, ageInMs = 24 * HOUR): void {
  for (let n = 0; n < count; n++) leave(azure, { name: `aci-${jobOf(n)}-1`, tags: tagsOf(jobOf(n)), ageInMs });
}
