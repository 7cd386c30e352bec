import type { AciClient } from "../client/aci-client.js";
import { partsOf } from "../client/parts.js";
import { AciError } from "../errors.js";
import type { JobResult } from "../job-result.js";
import { expectList, expectObject } from "../lifecycle/expect.js";
import { activate, type ActiveJob } from "./drive/active-job.js";
import { cancelBy, isKept } from "./drive/drive.js";
import type { StepEnd } from "./drive/requests/observe.js";
import { step } from "./drive/step.js";
import { resolveRef } from "./find-container-job.js";
import type { Signal } from "../signal.js";
import { acknowledge, signalsNow } from "./watch/listening.js";
import type { JobHandle, JobRef } from "./drive/job-handle.js";
import { checkDriveOptions, type DriveOptions } from "./options/run-options.js";

/** Where a job stands after a step. @public */
export type JobStep =
  | {
      readonly done: false;
      /** Keep it before you step again. */
      readonly handle: JobHandle;
      /** Step again after this; 0 means at once. */
      readonly nextCheckInMs: number;
      /** As soon as it is known, which is before the group is gone. */
      readonly result?: JobResult | undefined;
    }
  | { readonly done: true; readonly handle: JobHandle; readonly result: JobResult };

// A store that has just failed is left alone for so long.
const SAVE_AGAIN_IN_MS = 5000;

/** Options for {@link stepContainerJob}. @public */
export interface StepContainerJobOptions extends DriveOptions {
  /** Cancels the job if it is aborted when the step begins. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Signals that this host was told of, by `onSignal` of a receiver. Those of the strategy's mailbox are read besides. */
  readonly signals?: readonly Signal[] | undefined;
}

/**
 * Moves a job on by one step: a few requests and no waiting. For hosts that must not wait themselves: a queue, a timer,
 * a durable orchestration.
 *
 * A `store` that fails fails the step, and the handle that you have goes on. Once the result is known it is handed out all the
 * same, with a handle that has it; the group is not deleted before the store has it, too.
 *
 * @example
 * ```ts
 * let step = await stepContainerJob(client, handle);
 * if (!step.done) await queue.send(JSON.stringify(step.handle), { delayInMs: step.nextCheckInMs });
 * ```
 * @public
 */
export async function stepContainerJob(client: AciClient, job: JobRef, options: StepContainerJobOptions = {}): Promise<JobStep> {
  partsOf(client);
  expectObject("options", options);
  checkDriveOptions(options, "abortSignal", "signals");
  const { signals = [] } = options;
  expectList("signals", signals);
  const { handle, version, isStored = false } = await resolveRef(client, job, options.store);
  // Where there is a store, it is to have what the handle has.
  const active = activate(client, handle, options, { isTakenUp: true, isSaved: options.store === undefined || isStored });
  if (version !== undefined) active.storeVersion = version;
  await takeSignals(active, signals);
  const next = await step(active, cancelBy(options.abortSignal));
  if (next.kind === "refuse") throw new AciError(next.fault.text, { ...next.fault });
  const isSaved = await isSavedWithSignals(active);
  return stepOf(active, next, isSaved ? 0 : SAVE_AGAIN_IN_MS);
}

// Keeps a job, and acknowledges its signals where a store has it by now. Where another process has carried it further, which need
// not have heard them, what that one knows is kept once more with them.
async function isSavedWithSignals(job: ActiveJob): Promise<boolean> {
  const { state } = job.handle;
  const isSaved = await isKept(job);
  if (job.options.store === undefined || !isSaved) return isSaved;
  if (job.handle.state !== state && job.signals.length + job.given.length > 0) return isSavedWithSignals(job);
  await acknowledge(job);
  return true;
}

// What the last step has taken is acknowledged now that its handle has come back. What is new is what this step begins with.
async function takeSignals(job: ActiveJob, given: readonly Signal[]): Promise<void> {
  const received = await signalsNow(job);
  job.signals = received.filter(({ id }) => job.handle.taken?.includes(id));
  await acknowledge(job);
  job.signals = received.filter(({ id }) => !job.handle.taken?.includes(id));
  job.handle = { ...job.handle, taken: job.signals.map(({ id }) => id) };
  job.given = given;
  const signals = [...given, ...job.signals];
  if (signals.length > 0) job.news = { kind: "signals", signals };
}

// Where a job stands after what a step has ended with, and is not to be asked again before a pause.
function stepOf({ handle, logs, plan, parts }: ActiveJob, next: StepEnd, pauseInMs: number): JobStep {
  const complete = (result: JobResult): JobResult => logs.complete(result, plan.main, handle.state.logs);
  // Unless another process has gone on to another attempt meanwhile.
  if (next.kind === "finish" && handle.state.phase === "done") return { done: true, handle, result: complete(handle.state.result ?? next.result) };
  const nextCheckInMs = next.kind === "wait" ? Math.max(pauseInMs, handle.state.wakeAt - parts.clock.now()) : pauseInMs;
  return { done: false, handle, nextCheckInMs, ...(handle.state.result && { result: complete(handle.state.result) }) };
}
