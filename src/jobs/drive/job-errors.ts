import { AciError, isAciError } from "../../errors.js";
import type { FailedJob } from "../../job-result.js";
import type { JobHandle, WholeHandle } from "./job-handle.js";

/**
 * A job did not succeed. It has every field of the {@link FailedJob}: outcome, exit code, logs, events, what may still be
 * running. `toJSON()` gives just those. `isRetryable` is always false: `outcome` says whether to run it again. Recognise it with
 * {@link isContainerJobError}.
 *
 * @public
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the constructor assigns what the interface adds
export class ContainerJobError extends AciError {
  readonly #result: FailedJob;

  /** @param cause - Why it was canceled, where an abort signal said so. */
  constructor(result: FailedJob, cause?: unknown) {
    const { code, text, serviceCode, statusCode, requestId } = result.error;
    const { resourceId, groupName } = result;
    // Named once, and only if there was one.
    const place = resourceId === undefined || text.includes(groupName) ? "" : ` in container group "${groupName}"`;
    super(`${text}${place}`, { code, serviceCode, statusCode, requestId, resourceId, cause });
    this.#result = result;
    Object.assign(this, result);
  }

  /** The result as data. */
  toJSON(): FailedJob {
    return this.#result;
  }
}
Object.defineProperty(ContainerJobError.prototype, "name", { value: "ContainerJobError", configurable: true, writable: true });

/** The fields of the result are the error's own. @public */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type -- the constructor assigns them all
export interface ContainerJobError extends Omit<FailedJob, "resourceId"> {}

/**
 * Somebody stopped waiting for a job. `handle` carries it on: one that has no group yet gets none before it is resumed. Recognise
 * it with {@link isJobDetachedError}.
 *
 * @public
 */
export class JobDetachedError extends AciError {
  readonly handle: JobHandle;

  /** @param handle - The job. */
  constructor(handle: JobHandle, cause: unknown) {
    const when = (handle as Partial<WholeHandle>).state?.phase === "intended" ? " when it is resumed" : "";
    super(`Stopped waiting for job "${handle.key}", which goes on${when}`, { code: "ACI_JOB_DETACHED", cause });
    this.handle = handle;
  }
}
Object.defineProperty(JobDetachedError.prototype, "name", { value: "JobDetachedError", configurable: true, writable: true });

/**
 * True for a {@link ContainerJobError} of any copy and any format of this package.
 *
 * @example
 * ```ts
 * if (isContainerJobError(error)) console.error(error.outcome, error.exitCode, error.logs);
 * ```
 * @public
 */
export function isContainerJobError(error: unknown): error is ContainerJobError {
  return isAciError(error) && error.name === "ContainerJobError";
}

/**
 * True for a {@link JobDetachedError} of any copy and any format of this package.
 *
 * @example
 * ```ts
 * if (isJobDetachedError(error)) await queue.send(JSON.stringify(error.handle));
 * ```
 * @public
 */
export function isJobDetachedError(error: unknown): error is JobDetachedError {
  return isAciError(error) && error.name === "JobDetachedError";
}
