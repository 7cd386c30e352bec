import type { EarlierRun } from "../../completion-strategy.js";
import { mixture, unknownRun, unknownStart, unlikeRun, type LogNormal, type Survival } from "./survival.js";

/** What is expected of a duration. */
export interface Expectation {
  readonly survival: Survival;
  /** What was learnt; undefined where nothing was. */
  readonly learnt?: LogNormal | undefined;
  /** The chance that it is unlike what was learnt. */
  readonly unlikeShare: number;
}

// However often it was seen, one run in twenty may be unlike the others.
const LEAST_UNLIKE_SHARE = 0.05;
// What one run says of the next.
const SD_OF_ONE = 0.3;
const LEAST_SD = 0.02;
// A hint is a guess: runs that were seen know better.
const RUNS_BETTER_THAN_A_HINT = 3;
// How long ACI takes to start a container of which nothing is known: 15 to 17 seconds in recordings of the service.
const RECORDED_START: LogNormal = { mean: Math.log(15.5), sd: 0.2 };
const UNLIKE_RECORDED = 0.2;
const LONGEST_IN_MS = 1e12;

// How long a run may take, by earlier ones and by what the caller expects.
export function expectedRun(earlierRuns: readonly EarlierRun[], expectedDurationInMs?: number): Expectation {
  const runs = earlierRuns.filter(({ ranForInMs }) => isDuration(ranForInMs));
  const hint = runs.length < RUNS_BETTER_THAN_A_HINT && isDuration(expectedDurationInMs) ? [expectedDurationInMs] : [];
  const half = medianOf([...runs.map(({ ranForInMs }) => ranForInMs), ...hint]) / 2;
  const usual = runs.filter(({ ranForInMs, hasSucceeded }) => hasSucceeded || ranForInMs >= half).map(({ ranForInMs }) => ranForInMs);
  const like = [...usual, ...hint];
  if (like.length === 0) return { survival: unknownRun, unlikeShare: 1 };
  const crashedShare = (runs.length - usual.length) / (runs.length + hint.length);
  const learnt = fit(like);
  return expectation(learnt, unlikeRun(Math.exp(learnt.mean)), unseenShare(like.length) + crashedShare);
}

// How long a start may take.
export function expectedStart(earlierRuns: readonly EarlierRun[]): Expectation {
  const seen = earlierRuns.map(({ startedAfterInMs }) => startedAfterInMs).filter(isDuration);
  if (seen.length > 0) return expectation(fit(seen), unknownStart, unseenShare(seen.length));
  return { survival: mixture(RECORDED_START, unknownStart, UNLIKE_RECORDED), unlikeShare: 1 };
}

function expectation(learnt: LogNormal, unlike: Survival, share: number): Expectation {
  const unlikeShare = Math.min(1, Math.max(LEAST_UNLIKE_SHARE, share));
  return { survival: mixture(learnt, unlike, unlikeShare), learnt, unlikeShare };
}

// The chance of what was not seen in k tries (Jeffreys).
function unseenShare(k: number): number {
  return 0.5 / (k + 1);
}

// Mean and spread of what the next one will be: wider than what was seen, the more the less that was.
function fit(durationsInMs: readonly number[]): LogNormal {
  const logs = durationsInMs.map((duration) => Math.log(duration / 1000));
  const k = logs.length;
  const mean = logs.reduce((sum, log) => sum + log, 0) / k;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / Math.max(1, k - 1);
  return { mean, sd: Math.max(LEAST_SD, Math.sqrt(variance * (1 + 1 / k)) + SD_OF_ONE / k ** 2) };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function isDuration(value: number | undefined): value is number {
  return value !== undefined && value >= 1 && value <= LONGEST_IN_MS;
}
