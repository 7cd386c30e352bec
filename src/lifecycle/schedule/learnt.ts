import type { EarlierRun } from "../../completion-strategy.js";
import { mixture, recordedStart, unknownRun, unknownStart, type LogNormal, type Survival } from "./survival.js";

/** What is expected of a duration. */
export interface Expectation {
  readonly survival: Survival;
  /** The middle of what was learnt; undefined where nothing was. */
  readonly medianInS?: number | undefined;
  /** How far what was learnt is spread. */
  readonly spreadInS?: number | undefined;
}

// However often it was seen, one run in twenty may be unlike the others.
const LEAST_UNKNOWN_SHARE = 0.05;
// What one run says of the next.
const SD_OF_ONE = 0.3;
const LEAST_SD = 0.02;
// A hint is a guess: runs that were seen know better.
const RUNS_BETTER_THAN_A_HINT = 3;
const RECORDED_START_IS_UNKNOWN = 0.2;
const LONGEST_IN_MS = 1e12;

// How long a run may take, by earlier ones and by what the caller expects.
export function expectedRun(earlierRuns: readonly EarlierRun[], expectedDurationInMs?: number): Expectation {
  const runs = earlierRuns.filter(({ ranForInMs }) => isDuration(ranForInMs));
  const seen = runs.map(({ ranForInMs }) => ranForInMs);
  const hint = seen.length < RUNS_BETTER_THAN_A_HINT && isDuration(expectedDurationInMs) ? [expectedDurationInMs] : [];
  const half = medianOf([...seen, ...hint]) / 2;
  const crashed = runs.filter((run) => !run.hasSucceeded && run.ranForInMs < half).map(({ ranForInMs }) => ranForInMs);
  const usual = [...seen.filter((ranForInMs) => ranForInMs >= half || !crashed.includes(ranForInMs)), ...hint];
  if (usual.length === 0) return { survival: unknownRun };
  return expectation(fit(usual), unknownRun, 1 / (usual.length + 2) + crashed.length / seen.length || LEAST_UNKNOWN_SHARE);
}

// How long a start may take.
export function expectedStart(earlierRuns: readonly EarlierRun[]): Expectation {
  const seen = earlierRuns.map(({ startedAfterInMs }) => startedAfterInMs).filter(isDuration);
  if (seen.length === 0) return { survival: mixture(recordedStart, unknownStart, RECORDED_START_IS_UNKNOWN) };
  return expectation(fit(seen), unknownStart, 1 / (seen.length + 2));
}

function expectation(learnt: LogNormal, unknown: Survival, share: number): Expectation {
  const unknownShare = Math.min(1, Math.max(LEAST_UNKNOWN_SHARE, share));
  const medianInS = Math.exp(learnt.mean);
  return { survival: mixture(learnt, unknown, unknownShare), medianInS, spreadInS: medianInS * learnt.sd };
}

// Mean and spread of what was seen, the spread wider the less that was: the next one differs from the mean of the others, which
// is itself a guess.
function fit(durationsInMs: readonly number[]): LogNormal {
  const logs = durationsInMs.map((duration) => Math.log(duration / 1000));
  const k = logs.length;
  const mean = logs.reduce((sum, log) => sum + log, 0) / k;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / Math.max(1, k - 1);
  return { mean, sd: Math.max(LEAST_SD, Math.sqrt(variance * (1 + 1 / k)) * (1 + 1 / k) + SD_OF_ONE / k ** 2) };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function isDuration(value: number | undefined): value is number {
  return value !== undefined && value >= 1 && value <= LONGEST_IN_MS;
}
