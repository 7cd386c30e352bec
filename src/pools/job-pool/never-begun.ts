import type { AciClient } from "../../client/aci-client.js";
import { randomHex } from "../../internal/random.js";
import type { JobFault, JobResult } from "../../job-result.js";
import { activate, momentOf, type ActiveJob } from "../../jobs/drive/active-job.js";
import { handleOf } from "../../jobs/drive/begin-job.js";
import { finishUnstarted } from "../../jobs/machine/phases/end.js";
import type { RunContainerJobOptions } from "../../jobs/options/run-options.js";
import type { ContainerJobSpec } from "../../jobs/spec/job-spec.js";

// A job of which nothing has been done.
export function untouched(client: AciClient, spec: ContainerJobSpec<string>, options: RunContainerJobOptions): ActiveJob {
  return activate(client, handleOf(client, spec, spec.key ?? randomHex(16), options), {}, { spec });
}

// The result of a job that was not even tried, and why.
export function neverBegun(client: AciClient, spec: ContainerJobSpec<string>, error: JobFault): JobResult {
  return unstarted(untouched(client, spec, {}), { outcome: "notRun", error });
}

// The result of a job that has had an attempt, whose group is gone, and of which the next could not be begun.
export function notBegunAgain(job: ActiveJob, error: JobFault): JobResult {
  return unstarted(job, { outcome: "neverStarted", error });
}

function unstarted(job: ActiveJob, verdict: { readonly outcome: "notRun" | "neverStarted"; readonly error: JobFault }): JobResult {
  const { state } = finishUnstarted(momentOf(job), verdict);
  return { ...(state.result as JobResult), cleanup: "done" };
}
