import type { AciClient } from "../../client/aci-client.js";
import { partsOf } from "../../client/parts.js";
import { randomHex } from "../../internal/random.js";
import type { JobFault, JobResult } from "../../job-result.js";
import { activate, type ActiveJob } from "../../jobs/drive/active-job.js";
import { newHandle } from "../../jobs/drive/job-handle.js";
import { finishUnstarted } from "../../jobs/machine/phases/end.js";
import { resolveLimits } from "../../jobs/options/run-options.js";
import { mainName } from "../../jobs/spec/check-job.js";
import type { ContainerJobSpec } from "../../jobs/spec/job-spec.js";
import { withhold } from "../../jobs/spec/withhold.js";

// A job of which nothing has been done.
export function untouched(client: AciClient, spec: ContainerJobSpec<string>): ActiveJob {
  const handle = newHandle(withhold(spec), spec.key ?? randomHex(16), { limits: resolveLimits({}), main: mainName(spec), completion: undefined }, partsOf(client));
  return activate(client, handle, {}, { spec });
}

// The result of a job that was not even tried, and why.
export function neverBegun(client: AciClient, spec: ContainerJobSpec<string>, error: JobFault): JobResult {
  const { plan, handle, parts } = untouched(client, spec);
  const { state } = finishUnstarted({ plan, state: handle.state, now: parts.clock.now() }, { outcome: "notRun", error });
  return { ...(state.result as JobResult), cleanup: "done" };
}
