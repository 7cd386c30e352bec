import { AciError } from "../../errors.js";
import type { FailedJob } from "../../job-result.js";
import type { JobHandle } from "./job-handle.js";

/**
 * A job did not succeed. It has every field of the {@link FailedJob}: outcome, exit code, logs, events, what may still be
 * running. `toJSON()` gives just those.
 *
 * @public
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the constructor assigns what the interface adds
export class ContainerJobError extends AciError {
  readonly #result: FailedJob;

  /** @param cause - Why it was canceled, where an abort signal said so. */
  constructor(result: FailedJob, cause?: unknown) {
    const { code, text, serviceCode, statusCode, requestId } = result.error;
    const { resourceId } = result;
    super(`${text} in container group "${result.groupName}"`, { code, serviceCode, statusCode, requestId, resourceId, cause });
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

/** Somebody stopped waiting for a job that goes on. `handle` carries it on. @public */
export class JobDetachedError extends AciError {
  readonly handle: JobHandle;

  /** @param handle - The job. */
  constructor(handle: JobHandle, cause: unknown) {
    super(`Stopped waiting for job "${handle.key}", which goes on`, { code: "ACI_JOB_DETACHED", cause });
    this.handle = handle;
  }
}
Object.defineProperty(JobDetachedError.prototype, "name", { value: "JobDetachedError", configurable: true, writable: true });
