import type { AciClient } from "../client/aci-client.js";
import { partsOf } from "../client/parts.js";
import type { FailedJob, JobResult, SucceededJob } from "../job-result.js";
import { beginJob, checkJobInput } from "./drive/begin-job.js";
import { drive } from "./drive/drive.js";
import { ContainerJobError } from "./drive/job-errors.js";
import type { RunContainerJobOptions } from "./options/run-options.js";
import type { ContainerJobSpec } from "./spec/job-spec.js";

/**
 * Runs one container to its end and deletes it.
 *
 * Creates a container group from `spec`, waits until its main container has ended, reads the logs, and deletes the
 * group, in that order. The group is deleted on every path: success, failure, timeout and abort; it stays only where `keep` or
 * `detachSignal` wants that, or the `store` does not take the result. `cleanup` says `pending` if it could not be seen to be gone.
 *
 * @param client - Where to run, and as whom.
 * @param spec - The image and what it needs. What this library does not rely on is left to Azure to check.
 * @param options - Limits, where results and logs are kept, and how to stop. See {@link RunContainerJobOptions}.
 * @returns What happened: exit code, logs, outputs, timings, cost.
 *
 * @throws {@link ContainerJobError} if the job did not succeed. It has the same fields as the result. With
 * `reject: false` the result is returned instead.
 * @throws {@link AciError} `ACI_JOB_CONFLICT` if the key is in use with another spec, `ACI_NAME_CONFLICT` if its group's
 * name is somebody else's, `ACI_JOB_NEEDS_SECRETS` if a secret could not be resolved.
 * @throws {@link JobDetachedError} if `detachSignal` was aborted.
 * @throws TypeError or RangeError at once, if the input cannot be right.
 *
 * @example
 * ```ts
 * const { exitCode, logs } = await runContainerJob(client, { image: "alpine:3", command: ["date"] });
 * ```
 * @public
 */
export async function runContainerJob<O extends string = never>(client: AciClient, spec: ContainerJobSpec<O>, options?: RunContainerJobOptions & { readonly reject?: true | undefined }): Promise<SucceededJob<O>>;
/** @public */
export async function runContainerJob<O extends string = never>(client: AciClient, spec: ContainerJobSpec<O>, options: RunContainerJobOptions): Promise<JobResult<O>>;
export async function runContainerJob<O extends string = never>(client: AciClient, spec: ContainerJobSpec<O>, options: RunContainerJobOptions = {}): Promise<JobResult<O>> {
  partsOf(client);
  checkJobInput(spec, options);
  const result = await drive(await beginJob(client, spec, options), options);
  // A succeeded job has what its spec names: the machine sees to it.
  return settle(result as JobResult<O>, options);
}

// Returns a result, or throws it where the caller wants that.
export function settle<O extends string>(result: JobResult<O>, { reject = true, abortSignal }: Pick<RunContainerJobOptions, "reject" | "abortSignal">): JobResult<O> {
  if (result.outcome === "succeeded" || !reject) return result;
  throw toError(result, abortSignal);
}

function toError(result: FailedJob, abortSignal: AbortSignal | undefined): ContainerJobError {
  const isAborted = result.outcome === "canceled" && abortSignal?.aborted === true;
  return new ContainerJobError(result, isAborted ? abortSignal.reason : undefined);
}
