import type { AciClient } from "../../src/index.js";
import { newHandle, type WholeHandle } from "../../src/jobs/drive/job-handle.js";
import type { MachineState } from "../../src/jobs/machine/state.js";
import { resolveLimits } from "../../src/jobs/options/run-options.js";
import { partsOf } from "../../src/client/parts.js";

/** The handle of a job `k` in a state of its own. */
export function handleIn(client: AciClient, state: Partial<MachineState> = {}): WholeHandle {
  const handle = newHandle({ key: "k", image: "a" }, "k", { limits: resolveLimits({}), main: "main" }, partsOf(client));
  return { ...handle, state: { ...handle.state, ...state } };
}
