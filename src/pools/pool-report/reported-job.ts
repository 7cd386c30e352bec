import type { JobAttempt, JobOutcome, JobResult } from "../../job-result.js";
import type { PoolFinishedEvent } from "../job-pool/pool-event.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";
import { short } from "./short.js";

/** One group of a job, as far as it was heard of. Times are in milliseconds since 1970, by the clock of this process. */
export interface ReportedAttempt {
  readonly attempt: number;
  readonly groupName: string;
  /** When the job was queued, or its attempt before was over. */
  readonly fromAt: number;
  acceptedAt?: number | undefined;
  /** Its group was found: what the group did before is not known by the clock of this process. */
  isFound?: true | undefined;
  /** When its container started, by Azure's clock where Azure has told. */
  startedAt?: number | undefined;
  /** When its end was known. */
  endedAt?: number | undefined;
  overAt?: number | undefined;
  outcome?: JobOutcome | undefined;
  location?: string | undefined;
  /** Why it did not succeed. */
  text?: string | undefined;
  timings?: JobAttempt["timings"];
  cost?: number | undefined;
}

/** A job as a report keeps it. */
export interface ReportedJob {
  readonly id: number;
  key?: string | undefined;
  readonly queuedAt: number;
  startedAt?: number | undefined;
  finishedAt?: number | undefined;
  outcome?: JobOutcome | undefined;
  /** Why it has no result. */
  text?: string | undefined;
  /** Its result was there before: nothing was done for it. */
  isKnown?: true | undefined;
  requests?: number | undefined;
  readonly attempts: ReportedAttempt[];
}

type Mark = (attempt: ReportedAttempt, at: number, event: LifecycleEvent) => void;

const MARKS: { readonly [type in LifecycleEvent["type"]]?: Mark } = {
  jobAccepted: (attempt, at) => void (attempt.acceptedAt ??= at),
  jobAdopted(attempt, at) {
    attempt.acceptedAt ??= at;
    attempt.isFound = true;
  },
  jobStarted: (attempt, at, event) => void (attempt.startedAt = timeOf(event) ?? at),
  jobEnded(attempt, at, event) {
    attempt.endedAt ??= at;
    if (event.type === "jobEnded") attempt.outcome = event.outcome;
  },
  jobRetrying: (attempt, at) => void (attempt.overAt = at),
  jobDone: (attempt, at) => void (attempt.overAt = at),
};

/** Notes what has happened to a job. */
export function note(job: ReportedJob, event: LifecycleEvent): void {
  job.key ??= short(event.key);
  // The end of a job that is known already is told, too.
  if (event.type === "jobDone" && job.attempts.length === 0) return;
  const attempt = attemptOf(job, event);
  MARKS[event.type]?.(attempt, Date.parse(event.at), event);
}

/** Notes what has come of a job: a result, or why there is none. */
export function finish(job: ReportedJob, { result, error }: Pick<PoolFinishedEvent, "result" | "error">, at: number): void {
  job.finishedAt = at;
  const last = job.attempts.at(-1);
  if (last !== undefined) last.overAt ??= at;
  job.text = error && short(error.text);
  if (result === undefined) return;
  job.key = short(result.key);
  job.outcome = result.outcome;
  if (last === undefined && result.outcome !== "notRun") job.isKnown = true;
  else job.requests = result.requests;
  if (last === undefined) job.attempts.push({ attempt: result.attempt, groupName: result.groupName, fromAt: job.queuedAt, overAt: at, outcome: result.outcome, location: result.location, text: textOf(result) });
  else fillIn(job.attempts, result);
}

// What only the result tells of the attempts.
function fillIn(attempts: readonly ReportedAttempt[], result: JobResult): void {
  const earlier = new Map(result.earlierAttempts.map((one) => [one.attempt, one]));
  for (const attempt of attempts) {
    const facts = earlier.get(attempt.attempt);
    if (facts !== undefined) Object.assign(attempt, { outcome: facts.outcome, location: facts.location, text: short(facts.text), timings: facts.timings, cost: facts.cost.amount });
    else if (attempt.attempt === result.attempt) Object.assign(attempt, { outcome: result.outcome, location: result.location, text: textOf(result), timings: result.timings, cost: lastCostOf(result) });
  }
}

function textOf(result: JobResult): string | undefined {
  return result.outcome === "succeeded" ? undefined : short(result.error.text);
}

// The cost of a result is that of all its attempts.
function lastCostOf({ cost, earlierAttempts }: JobResult): number {
  return Math.max(0, earlierAttempts.reduce((left, earlier) => left - earlier.cost.amount, cost.amount));
}

function attemptOf(job: ReportedJob, { attempt, groupName }: LifecycleEvent): ReportedAttempt {
  const known = job.attempts.find((one) => one.attempt === attempt);
  if (known !== undefined) return known;
  const before = job.attempts.at(-1);
  const fresh: ReportedAttempt = { attempt, groupName, fromAt: before?.overAt ?? job.queuedAt };
  job.attempts.push(fresh);
  return fresh;
}

function timeOf(event: LifecycleEvent): number | undefined {
  const ms = event.type === "jobStarted" ? Date.parse(event.startedAt ?? "") : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
