import type { AciClient } from "../client/aci-client.js";
import { partsOf } from "../client/parts.js";
import { AciError } from "../errors.js";
import type { JobResult } from "../job-result.js";
import { activate } from "./drive/active-job.js";
import { cancelBy } from "./drive/drive.js";
import { save } from "./drive/keep.js";
import { step } from "./drive/step.js";
import { resolveRef } from "./find-container-job.js";
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

/** Options for {@link stepContainerJob}. @public */
export interface StepContainerJobOptions extends DriveOptions {
  /** Cancels the job if it is aborted when the step begins. */
  readonly abortSignal?: AbortSignal | undefined;
}

/**
 * Moves a job on by one step: a few requests and no waiting. For hosts that must not wait themselves: a queue, a timer,
 * a durable orchestration.
 *
 * @example
 * ```ts
 * let step = await stepContainerJob(client, handle);
 * if (!step.done) await queue.send(JSON.stringify(step.handle), { delayInMs: step.nextCheckInMs });
 * ```
 * @public
 */
export async function stepContainerJob(client: AciClient, job: JobRef, options: StepContainerJobOptions = {}): Promise<JobStep> {
  checkDriveOptions(options);
  const { handle, version } = await resolveRef(client, job, options.store);
  const active = activate(client, handle, options, { isTakenUp: true });
  if (version !== undefined) active.storeVersion = version;
  const next = await step(active, cancelBy(options.abortSignal));
  if (next.kind === "refuse") throw new AciError(next.fault.text, { ...next.fault });
  await save(active);
  const known = active.handle.state.result;
  const result = known && active.logs.complete(known, active.plan.main, active.handle.state.logs);
  // Unless another process has gone on to another attempt meanwhile.
  if (next.kind === "finish" && active.handle.state.phase === "done") return { done: true, handle: active.handle, result: active.logs.complete(next.result, active.plan.main, active.handle.state.logs) };
  const nextCheckInMs = next.kind === "wait" ? Math.max(0, next.until - partsOf(client).clock.now()) : 0;
  return { done: false, handle: active.handle, nextCheckInMs, ...(result && { result }) };
}
