import type { JobAttempt } from "../../../job-result.js";
import { fractionOf } from "../../../lifecycle/faults/backoff.js";
import { locationName } from "../../../lifecycle/identity.js";
import { estimateCost } from "./cost.js";
import { withState, type Turn } from "../moves.js";
import { textOf, timingsOf } from "./result.js";
import type { MachineState, Verdict } from "../state.js";

/** What is tried again, where and when. Stored in the handle. */
export interface RetryPlan {
  readonly maxAttempts: number;
  readonly on: readonly ("platform" | "lost" | "capacity")[];
  readonly exitCodes: readonly number[] | "nonZero";
  readonly firstDelayInMs: number;
  readonly longestDelayInMs: number;
  /** Where the job may run, best first. Empty: only where it was begun. */
  readonly locations: readonly string[];
}

/** The attempt that comes next. */
export interface NextAttempt {
  readonly location: string;
  readonly delayInMs: number;
}

// How much of an earlier attempt's output a handle keeps.
const TAIL_IN_CHARS = 4096;

// The attempt that follows on this one's end, or undefined if this end is final.
export function nextAttempt({ plan, state }: Turn): NextAttempt | undefined {
  const { retry, retryOnLost } = plan.limits;
  const { verdict, earlier = [] } = state;
  if (retry === undefined || verdict === undefined || state.cancel !== undefined) return undefined;
  // Those count, too, that another caller has made.
  const made = Math.max(earlier.length + 1, state.attempt);
  if (made >= retry.maxAttempts || !isToRetry(retry, verdict, retryOnLost === false)) return undefined;
  const pause = Math.round(Math.min(retry.longestDelayInMs, retry.firstDelayInMs * 2 ** (made - 1)) * (0.5 + fractionOf(`${plan.key}/retry/${state.attempt}`) / 2));
  if (!isForRoom(verdict)) return { location: state.location, delayInMs: pause };
  const elsewhere = untried(retry, state);
  return elsewhere === undefined ? { location: retry.locations[made % retry.locations.length] ?? state.location, delayInMs: pause } : { location: elsewhere, delayInMs: 0 };
}

// Whether a container that the platform is about to begin anew does not end the job like one that was killed for good.
export function goesOnIfBegunAnew(turn: Turn, verdict: Verdict): boolean {
  const isFollowed = (cause: Verdict["cause"]): boolean => nextAttempt(withState(turn, { verdict: { ...verdict, cause } })) !== undefined;
  return turn.plan.limits.onRestart === "continue" || (!isFollowed(verdict.cause) && isFollowed("platform"));
}

// Whether a location is left that has not been short of room for this job.
export function canGoElsewhere({ plan, state }: Turn): boolean {
  const { retry } = plan.limits;
  return retry?.on.includes("capacity") === true && untried(retry, state) !== undefined;
}

// Whether an attempt was made before this one, and is over.
export function hasHad({ earlier = [] }: MachineState, attempt: number): boolean {
  return earlier.some((one) => one.attempt === attempt);
}

// What is kept of an attempt that another one follows. Its group is gone by then.
export function attemptOf(turn: Turn): JobAttempt {
  const { plan, state } = turn;
  const verdict = state.verdict as Verdict;
  const { attempt, groupName, location, marks, logs } = state;
  return {
    attempt,
    groupName,
    location,
    outcome: verdict.outcome,
    ...(verdict.exitCode === undefined ? {} : { exitCode: verdict.exitCode }),
    text: textOf(verdict, plan.limits.runTimeoutInMs),
    logs: (logs[plan.main]?.tail ?? "").slice(-TAIL_IN_CHARS),
    beganAt: new Date(marks.intendedAt).toISOString(),
    endedAt: new Date(marks.endedAt as number).toISOString(),
    timings: timingsOf(turn),
    cost: estimateCost(state, turn),
  };
}

function isToRetry(retry: RetryPlan, verdict: Verdict, isLostFinal: boolean): boolean {
  const { outcome, cause, exitCode = 0 } = verdict;
  if (outcome === "failed" && isExitCode(retry, exitCode)) return true;
  const reason = isForRoom(verdict) ? "capacity" : (cause ?? (outcome === "lost" && !isLostFinal ? "lost" : undefined));
  return reason !== undefined && retry.on.includes(reason);
}

function isExitCode({ exitCodes }: RetryPlan, exitCode: number): boolean {
  return exitCodes === "nonZero" ? exitCode !== 0 : exitCodes.includes(exitCode);
}

function isForRoom({ error }: Verdict): boolean {
  return error?.code === "ACI_CAPACITY" || error?.code === "ACI_QUOTA_EXCEEDED";
}

function untried({ locations }: RetryPlan, { location, earlier = [] }: MachineState): string | undefined {
  const tried = [location, ...earlier.filter(({ outcome }) => outcome === "neverStarted").map((attempt) => attempt.location)].map(locationName);
  return locations.find((place) => !tried.includes(locationName(place)));
}
