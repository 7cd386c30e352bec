import type { ClientParts } from "../../client/parts.js";
import { jobHash } from "../../lifecycle/identity.js";
import { AciError } from "../../errors.js";
import type { JobResult } from "../../job-result.js";
import { JobDetachedError } from "./job-errors.js";
import { tell, type ActiveJob } from "./active-job.js";
import { save } from "./keep.js";
import { acknowledge, hear, signalsNow, waitForNews, type Wakers } from "../watch/listening.js";
import type { StepEnd } from "./requests/observe.js";
import { step } from "./step.js";

// A key that comes again after so many others has waited long enough.
const MOST_NOTED = 10_000;

export interface DriveSignals {
  /** Cancels the job. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Leaves it. */
  readonly detachSignal?: AbortSignal | undefined;
  /** Called after each step; `true` leaves the job where it is. */
  readonly onStep?: (() => boolean) | undefined;
}

// Moves a job step by step to its end, or to where `onStep` wants it.
export async function drive(job: ActiveJob, signals: DriveSignals): Promise<JobResult | undefined> {
  const { detachSignal, abortSignal, onStep } = signals;
  try {
    await hearWhatCame(job);
    for (;;) {
      if (detachSignal?.aborted === true) throw new JobDetachedError(job.handle, detachSignal.reason);
      const cancel = cancelBy(abortSignal);
      const next = await step(job, cancel, wakers(job, signals, cancel !== undefined));
      if (onStep?.() === true) return undefined;
      if (next.kind !== "wait") {
        const result = await afterStep(job, next);
        if (result !== undefined) return result;
      } else if (await mayPause(job)) job.news = await waitForNews(job, next.until, wakers(job, signals, cancel !== undefined));
    }
  } finally {
    // Whoever waits to create gets its turn.
    job.parts.budget?.creates.drop(job.handle.state.groupName);
  }
}

// Who polls now and then has not been waiting for signals in between.
async function hearWhatCame(job: ActiveJob): Promise<void> {
  const came = await signalsNow(job);
  if (came.length > 0) job.news = hear(job, came);
}

// Does what a step has ended with: keeps the job, or has its result.
async function afterStep(job: ActiveJob, next: Exclude<StepEnd, { kind: "wait" }>): Promise<JobResult | undefined> {
  switch (next.kind) {
    case "refuse":
      throw new AciError(next.fault.text, { ...next.fault });
    case "finish":
      return finish(job, next.result);
    case "save":
      return (await isKept(job)) ? undefined : withoutKeeping(job);
  }
}

// The result of a job that is over, or nothing if another process has gone on to another attempt, which then is the job.
async function finish(job: ActiveJob, result: JobResult): Promise<JobResult | undefined> {
  const { attempt } = job.handle.state;
  noteAttempt(job.parts, jobHash(job.plan.key), attempt);
  await isKept(job);
  await acknowledge(job);
  if (job.handle.state.phase !== "done") return undefined;
  // Somebody may have kept a result before us, which then is the one.
  return job.logs.complete(job.handle.state.result ?? result, job.plan.main, job.handle.state.logs);
}

// The name of a group that was deleted lately is not to be used again.
function noteAttempt({ usedAttempts }: ClientParts, hash: string, attempt: number): void {
  const highest = Math.max(attempt, usedAttempts.get(hash) ?? 0);
  usedAttempts.delete(hash);
  usedAttempts.set(hash, highest);
  const [oldest] = usedAttempts.keys();
  if (usedAttempts.size > MOST_NOTED && oldest !== undefined) usedAttempts.delete(oldest);
}

// Saves a job. A store that fails before the end of the job is known fails the call, and nothing was begun that is not on record.
export async function isKept(job: ActiveJob): Promise<boolean> {
  try {
    await save(job);
    job.isSaved = true;
    return true;
  } catch (error) {
    if (job.handle.state.result === undefined) throw error;
    tell(job, { type: "jobFault", request: "save", kind: "store", text: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

// A result that could not be kept is handed out all the same. Its group stays, because only there it can be had again.
function withoutKeeping(job: ActiveJob): JobResult {
  return job.logs.complete(job.handle.state.result as JobResult, job.plan.main, job.handle.state.logs);
}

// Whether there is nothing to be done before a pause: what came during the step comes first.
async function mayPause(job: ActiveJob): Promise<boolean> {
  return job.news === undefined && (job.signals.length === 0 || (await keepSignals(job)) !== "takenOver");
}

// Signals that a job has taken are done with once it is kept. Where another process, which need not have heard them, has carried
// it further, they are news to what that one knows.
async function keepSignals(job: ActiveJob): Promise<"kept" | "takenOver" | "failed"> {
  const { state } = job.handle;
  try {
    await save(job);
  } catch {
    return "failed";
  }
  if (job.handle.state === state) {
    await acknowledge(job);
    return "kept";
  }
  job.news = { kind: "signals", signals: job.signals };
  return "takenOver";
}

// The signals that still want something of the job: an abort that came before its last step has been told to it, and an ended
// job cannot be canceled.
function wakers({ handle }: ActiveJob, { abortSignal, detachSignal }: DriveSignals, isAbortTold: boolean): Wakers {
  const isOver = handle.state.cancel !== undefined || (handle.state.verdict !== undefined && handle.state.retry === undefined) || isAbortTold;
  return [detachSignal, isOver ? undefined : abortSignal];
}

// What an aborted signal says to the machine.
export function cancelBy(signal: AbortSignal | undefined): { readonly reason: string } | undefined {
  if (signal?.aborted !== true) return undefined;
  const reason: unknown = signal.reason;
  return { reason: reason instanceof Error ? reason.message : String(reason) };
}
