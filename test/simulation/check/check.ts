import type { JobPlan } from "../jobs/job-plan.js";
import type { World } from "../world/world.js";
import { checkCalls } from "./calls.js";
import { checkEnds } from "./ends.js";
import { checkFacts } from "./facts.js";
import { checkFollowing } from "./following.js";
import { checkGroups } from "./groups.js";
import { checkHints } from "./hints.js";
import { checkLogs } from "./logs.js";
import { checkPatience } from "./patience.js";
import { Record } from "./record.js";
import { checkRequests } from "./requests.js";
import { checkResults } from "./results.js";

/** Judges a whole history afterwards, against the invariants of the catalogue. */
export function check(world: World, plans: readonly JobPlan[], isSwept: boolean): readonly string[] {
  const record = new Record(world, plans);
  checkGroups(record, isSwept);
  checkResults(record);
  checkFacts(record);
  checkLogs(record);
  checkRequests(record);
  checkPatience(record);
  checkEnds(record);
  checkFollowing(record);
  checkCalls(record);
  checkHints(record);
  return record.violations;
}
