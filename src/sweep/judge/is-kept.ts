import type { Snapshot } from "../../container-group.js";
import type { JobLimits } from "../../jobs/machine/plan.js";
import { TAGS } from "../../lifecycle/identity.js";

// Whether nothing of a group runs any more, so that it costs nothing.
export function hasEnded({ state, containers }: Snapshot): boolean {
  if (state === "Stopped" || state === "Succeeded" || state === "Failed") return true;
  return containers.length > 0 && containers.every(({ currentState }) => currentState?.state === "Terminated");
}

// Whether somebody wanted this group to be left there, to look at. What still runs is not kept: it would cost for ever.
export function isKept(keep: JobLimits["keep"], snapshot: Snapshot): boolean {
  if (keep === "never" || !hasEnded(snapshot)) return false;
  const main = snapshot.containers.find(({ containerName }) => containerName === snapshot.tags[TAGS.main]);
  return keep === "always" || main?.currentState?.exitCode !== 0;
}
