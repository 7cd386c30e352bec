import { AciError } from "../../errors.js";
import type { JobResult } from "../../job-result.js";
import { jobHash } from "../spec/job-identity.js";
import { JobDetachedError } from "./job-errors.js";
import type { ActiveJob } from "./active-job.js";
import { save } from "./keep.js";
import { step } from "./step.js";

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
  const { abortSignal, detachSignal, onStep } = signals;
  for (;;) {
    if (detachSignal?.aborted === true) throw new JobDetachedError(job.handle, detachSignal.reason);
    const next = await step(job, cancelBy(abortSignal));
    if (onStep?.() === true) return undefined;
    if (next.kind === "refuse") throw new AciError(next.fault.text, { ...next.fault });
    if (next.kind === "finish") return finish(job, next.result);
    if (next.kind === "save") await save(job);
    else await pause(job, next.until, signals);
  }
}

async function finish(job: ActiveJob, result: JobResult): Promise<JobResult> {
  const { attempt } = job.handle.state;
  const hash = jobHash(job.plan.key);
  job.parts.usedAttempts.set(hash, Math.max(attempt, job.parts.usedAttempts.get(hash) ?? 0));
  await save(job);
  return job.logs.complete(result, job.plan.main);
}

// Sleeps until the job may go on, or somebody wants something of it.
async function pause({ parts, handle }: ActiveJob, until: number, { abortSignal, detachSignal }: DriveSignals): Promise<void> {
  const isCanceling = handle.state.cancel !== undefined || handle.state.verdict !== undefined;
  const signals = [detachSignal, isCanceling || abortSignal?.aborted === true ? undefined : abortSignal];
  const waking = new AbortController();
  const wake = (): void => waking.abort();
  const watched = signals.filter((signal) => signal !== undefined);
  for (const signal of watched) signal.addEventListener("abort", wake, { once: true });
  try {
    await parts.clock.sleep(Math.max(0, until - parts.clock.now()), waking.signal);
  } catch (error) {
    if (!waking.signal.aborted) throw error;
  } finally {
    for (const signal of watched) signal.removeEventListener("abort", wake);
  }
}

// What an aborted signal says to the machine.
export function cancelBy(signal: AbortSignal | undefined): { readonly reason: string } | undefined {
  if (signal?.aborted !== true) return undefined;
  const reason: unknown = signal.reason;
  return { reason: reason instanceof Error ? reason.message : String(reason) };
}
