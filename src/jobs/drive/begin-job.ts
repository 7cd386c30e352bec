import type { AciClient } from "../../client/aci-client.js";
import { partsOf } from "../../client/parts.js";
import { randomHex } from "../../internal/random.js";
import { activate, type ActiveJob } from "./active-job.js";
import { expectSameSpec, readStored } from "./keep.js";
import { newHandle, type WholeHandle } from "./job-handle.js";
import type { MachineState } from "../machine/state.js";
import { checkRunOptions, resolveLimits, type RunContainerJobOptions } from "../options/run-options.js";
import { checkDecider, deciderOf } from "../options/done-when.js";
import { checkJob, containersOf, mainName } from "../spec/check-job.js";
import type { ContainerJobSpec } from "../spec/job-spec.js";
import { withhold } from "../spec/withhold.js";
import { shapeOf } from "../watch/job-view.js";
import { known } from "../watch/strategy-of.js";

// Checks what the caller gave, at once.
export function checkJobInput(spec: ContainerJobSpec<string>, options: RunContainerJobOptions): void {
  checkRunOptions(options);
  checkJob(spec);
  if (spec.files !== undefined && options.fileStore === undefined) throw new TypeError("Expected `fileStore` to be given where the spec has `files`.");
  checkDecider(options.doneWhen, containersOf(spec).map(({ name }) => name));
  options.completion?.check?.(shapeOf(spec, rulesOf(spec, options)));
  if (options.locations !== undefined && spec.location !== undefined) throw new TypeError("Expected `locations` not to be given where the spec has a `location`.");
  if (options.store !== undefined && spec.key === undefined) {
    throw new TypeError("Expected `key` to be a string where `store` is given: without it nothing could be found again.");
  }
}

// What of the options says which container decides, and when.
function rulesOf(spec: ContainerJobSpec<string>, options: RunContainerJobOptions): Pick<WholeHandle, "limits" | "main"> {
  return { limits: resolveLimits(options), main: deciderOf(options.doneWhen) ?? mainName(spec) };
}

// The handle of a job of which nothing has been done yet.
export function handleOf(client: AciClient, spec: ContainerJobSpec<string>, key: string, options: RunContainerJobOptions, notRun?: MachineState): WholeHandle {
  return newHandle(withhold(spec), key, { ...rulesOf(spec, options), completion: options.completion && known(options.completion) }, partsOf(client), notRun);
}

// Takes up the job of a spec: a new one, or the one that the store knows by the same key.
export async function beginJob(client: AciClient, spec: ContainerJobSpec<string>, options: RunContainerJobOptions): Promise<ActiveJob> {
  const parts = partsOf(client);
  const key = spec.key ?? randomHex(16);
  const handle = handleOf(client, spec, key, options);
  const stored = options.store && (await readStored(options.store, parts.owner, key));
  if (stored === undefined) {
    // Who has aborted before anything was asked wants nothing to be found either.
    const isKeyNew = spec.key === undefined || options.abortSignal?.aborted === true;
    return activate(client, handle, options, { spec, isKeyNew });
  }
  expectSameSpec(stored.handle, handle);
  const { state } = stored.handle;
  // What was not even tried is no result that stands.
  const isNotRun = state.result?.outcome === "notRun";
  const job = isNotRun ? activate(client, handleOf(client, spec, key, options, state), options, { spec }) : activate(client, stored.handle, options, { spec, isTakenUp: true });
  job.storeVersion = stored.version;
  return job;
}
