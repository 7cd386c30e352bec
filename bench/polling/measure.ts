import { VirtualClock } from "../../src/internal/clock.js";
import { FakeArm } from "./fake-arm.js";
import type { PlannedJob } from "./jobs.js";
import type { Loop } from "./peers.js";

/** What a loop took on one list of jobs, per job. */
export interface Figures {
  readonly requests: number;
  readonly statusReads: number;
  /** From the end of the container to the answer that shows it. Lost jobs count until their loop gave up. */
  readonly meanLagInS: number;
  readonly p95InS: number;
  readonly maxInS: number;
  readonly lost: number;
}

/** One loop on one list of jobs, in virtual time. */
export async function measure(loop: Loop, jobs: readonly PlannedJob[]): Promise<Figures> {
  const clock = new VirtualClock();
  const arm = new FakeArm(clock, jobs);
  const seen = await inVirtualTime(clock, loop(arm, jobs));
  const counts = jobs.map((job) => arm.counts.get(job));
  const lags = seen.map(({ at }, index) => (at - (counts[index]?.finishedAt ?? NaN)) / 1000).sort((a, b) => a - b);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    requests: mean(counts.map((counted) => counted?.requests ?? NaN)),
    statusReads: mean(counts.map((counted) => counted?.statusReads ?? NaN)),
    meanLagInS: mean(lags),
    p95InS: lags[Math.ceil(lags.length * 0.95) - 1] ?? NaN,
    maxInS: lags.at(-1) ?? NaN,
    lost: seen.filter(({ isLost }) => isLost === true).length,
  };
}

/** Moves the time until a promise has settled, and whatever still runs behind it has ended. */
export async function inVirtualTime<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  void promise.catch(() => undefined);
  await clock.advance(0);
  for (let next = clock.nextWakeAt; next !== undefined; next = clock.nextWakeAt) await clock.advance(Math.max(0, next - clock.now()));
  return promise;
}

/** The middle of several rounds, and what they ranged over. */
export function spreadOf(values: readonly number[]): { readonly median: number; readonly text: string } {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? NaN;
  return { median, text: `${median.toFixed(3)} (${sorted[0]?.toFixed(3) ?? ""} to ${sorted.at(-1)?.toFixed(3) ?? ""})` };
}
