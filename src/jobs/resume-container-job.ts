import type { AciClient } from "../client/aci-client.js";
import { partsOf } from "../client/parts.js";
import { activate } from "./drive/active-job.js";
import { resolveRef } from "./find-container-job.js";
import { LazyJobPoller, type JobPoller } from "./job-poller.js";
import type { JobRef } from "./drive/job-handle.js";
import { checkDriveOptions, type DriveOptions } from "./options/run-options.js";

/**
 * Takes a job up again: by its handle, or by its key while its group exists or `store` knows it. Where the store knows more
 * than the handle, that counts. Its limits are those it was begun with. There is no `abortSignal` here: that of
 * {@link JobPoller.pollUntilDone} stops a wait, and {@link JobPoller.cancel} the job.
 *
 * @throws {@link AciError} `ACI_NOT_FOUND` if nothing is found of the key, `ACI_JOB_CONFLICT` if the store knows the key with
 * another spec.
 * @throws TypeError if `job` or an option cannot be right.
 *
 * @example
 * ```ts
 * const job = await resumeContainerJob(client, JSON.parse(message));
 * const { exitCode } = await job.pollUntilDone();
 * ```
 * @public
 */
export async function resumeContainerJob(client: AciClient, job: JobRef, options: DriveOptions = {}): Promise<JobPoller> {
  partsOf(client);
  checkDriveOptions(options);
  const { handle, version, isStored = false } = await resolveRef(client, job, options.store);
  // Where there is a store, it is to have what the handle has.
  const active = activate(client, handle, options, { isTakenUp: true, isSaved: options.store === undefined || isStored });
  if (version !== undefined) active.storeVersion = version;
  const poller = new LazyJobPoller(client, () => Promise.resolve(active), options);
  return poller;
}
