import type { AciClient } from "../client/aci-client.js";
import { partsOf } from "../client/parts.js";
import { beginJob, checkJobInput } from "./drive/begin-job.js";
import { LazyJobPoller, type JobPoller } from "./job-poller.js";
import type { RunContainerJobOptions } from "./options/run-options.js";
import type { ContainerJobSpec } from "./spec/job-spec.js";

/**
 * A job with the verbs of Azure's pollers. Nothing is sent before its first poll.
 *
 * @throws TypeError or RangeError at once, if the input cannot be right.
 *
 * @example
 * ```ts
 * const poller = beginContainerJob(client, { image: "alpine:3", command: ["date"] });
 * poller.onProgress(({ phase }) => console.log(phase));
 * const { logs } = await poller.pollUntilDone();
 * ```
 * @public
 */
export function beginContainerJob<O extends string = never>(client: AciClient, spec: ContainerJobSpec<O>, options: RunContainerJobOptions = {}): JobPoller<O> {
  partsOf(client);
  checkJobInput(spec, options);
  return new LazyJobPoller(client, () => beginJob(client, spec, options), options);
}
