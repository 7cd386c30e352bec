import type { AciClient } from "../client/aci-client.js";
import { partsOf } from "../client/parts.js";
import { beginJob, checkJobInput } from "./drive/begin-job.js";
import { drive } from "./drive/drive.js";
import type { JobHandle } from "./drive/job-handle.js";
import { settle } from "./run-container-job.js";
import type { StartContainerJobOptions } from "./options/run-options.js";
import type { ContainerJobSpec } from "./spec/job-spec.js";

/**
 * Starts a job and returns its handle as soon as Azure has accepted its group. Carry it on with
 * {@link stepContainerJob} or {@link resumeContainerJob}, here or elsewhere: nobody else watches it.
 *
 * @throws {@link ContainerJobError} if Azure refused the group.
 * @throws TypeError or RangeError at once, if the input cannot be right.
 *
 * @example
 * ```ts
 * const handle = await startContainerJob(client, { key: "report-2026-11", image: "reports:4" });
 * await queue.send(JSON.stringify(handle));
 * ```
 * @public
 */
export async function startContainerJob(client: AciClient, spec: ContainerJobSpec<string>, options: StartContainerJobOptions = {}): Promise<JobHandle> {
  partsOf(client);
  checkJobInput(spec, options);
  const job = await beginJob(client, spec, options);
  const isUnderWay = (): boolean => !["intended", "creating"].includes(job.handle.state.phase) && job.handle.state.verdict === undefined;
  const result = await drive(job, { abortSignal: options.abortSignal, onStep: isUnderWay });
  if (result !== undefined) settle(result, options);
  return job.handle;
}
