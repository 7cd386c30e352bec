import type { Snapshot } from "../../container-group.js";
import type { JobLimits } from "../../jobs/machine/plan.js";
import { doneOfTag } from "../../jobs/options/done-when.js";
import { TAGS } from "../../lifecycle/identity.js";

// Whether nothing of a group runs any more, so that it costs nothing.
export function hasEnded({ state, containers }: Snapshot): boolean {
  if (state === "Stopped" || state === "Succeeded" || state === "Failed") return true;
  return containers.length > 0 && containers.every(({ currentState }) => currentState?.state === "Terminated");
}

// Whether somebody wanted this group to be left there, to look at. What still runs is not kept: it would cost for ever.
export function isKept(keep: JobLimits["keep"], snapshot: Snapshot): boolean {
  if (keep === "never" || !hasEnded(snapshot)) return false;
  return keep === "always" || hasFailed(snapshot);
}

// Whether a group whose containers have all ended is a job's that has failed, as far as it tells. Whose job a line of a log was to
// end had not come so far.
function hasFailed({ tags, containers }: Snapshot): boolean {
  const doneWhen = doneOfTag(tags[TAGS.done]);
  const deciding = containers.filter(({ containerName }) => doneWhen === "all" || containerName === tags[TAGS.main]);
  return typeof doneWhen === "object" || deciding.length === 0 || deciding.some(({ currentState }) => currentState?.exitCode !== 0);
}
