import type { JobLimits } from "../../jobs/machine/plan.js";

const LIMITS = /^(\S+) (\S+) (\S+) (never|onFailure|always)$/u;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/u;

// The limits that a job's group carries, or nothing if they are not just as this library writes them.
export function readLimits(text: string | undefined): JobLimits | undefined {
  const [, start, run, cleanup, keep] = LIMITS.exec(text ?? "") ?? [];
  const [startTimeoutInMs, runTimeoutInMs, cleanupTimeoutInMs] = [start, run, cleanup].map(Number) as [number, number, number];
  const isGood = [startTimeoutInMs, runTimeoutInMs, cleanupTimeoutInMs].every((limit) => Number.isFinite(limit) && limit > 0);
  return isGood ? { startTimeoutInMs, runTimeoutInMs, cleanupTimeoutInMs, keep: keep as JobLimits["keep"] } : undefined;
}

// A time as Azure and this library write it, in milliseconds since 1970; nothing for any other text.
export function readTime(text: string | undefined): number | undefined {
  const time = TIME.test(text ?? "") ? Date.parse(text ?? "") : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
