import type { Snapshot } from "../../../container-group.js";
import type { Turn } from "../moves.js";
import type { MachineState, Observation } from "../state.js";
import { startsLater } from "./old-news.js";
import { mainOf } from "./verdict.js";

// Whether a group that is the job's by its tags may be one that another caller has made by the same name since: its container
// has begun later than the one that was seen, and the platform says of none that it was begun anew.
export function mayBeAnothers({ plan, state }: Turn, snapshot: Snapshot): boolean {
  const [main, seen] = [mainOf(plan, snapshot), mainOf(plan, state.snapshot)];
  return main !== undefined && seen !== undefined && main.restartCount <= seen.restartCount && startsLater(main, seen);
}

// Whether it is, by its age: it was made after the job had ended, and no delete of ours has met it.
export function isAnothers({ marks: { endedAt = Infinity, deletedAt = -Infinity } }: MachineState, now: number, { ageInMs, isAtLeast }: Observation & { kind: "age" }): boolean {
  return ageInMs !== undefined && isAtLeast !== true && now - ageInMs > Math.max(endedAt, deletedAt);
}
