import { orAbsent } from "../client/find-group.js";
import { watchGone } from "../client/ensure-gone.js";
import { retry } from "../client/retry.js";
import type { Snapshot } from "../container-group.js";
import { isAciError } from "../errors.js";
import type { CreatedGroup, DeleteAnswer } from "../gateway.js";
import { classifyFault } from "../lifecycle/faults/classify-fault.js";
import { billedSince, pricePerHour } from "../lifecycle/cost/prices.js";
import { hasEnded, isKept } from "./judge/is-kept.js";
import type { Expired } from "./judge/judge.js";
import { lookAgain } from "./look-again.js";
import type { Pass } from "./pass.js";
import type { SweepAction } from "./sweep-report.js";

// How long to look whether a group is gone. The next pass looks again.
const GONE_WITHIN_IN_MS = 30_000;

export interface Done {
  readonly action: SweepAction;
  /** If it is another than that of the verdict. */
  readonly reason?: string | undefined;
  readonly costPerHour?: number | undefined;
}

export const ALREADY_GONE: Done = { action: "deleted", reason: "it was gone already" };
export const CHANGED: Done = { action: "alive", reason: "it was changed while the sweep looked at it" };

// Deletes a group whose time is over, unless it is to be kept, has changed, or the pass has deleted enough.
export async function remove(pass: Pass, group: CreatedGroup, { keep }: Expired): Promise<Done> {
  const { options, brake } = pass;
  if (brake.isOn && keep === "never") return { action: "postponed" };
  const look = await lookAgain(pass, group);
  if (look === "gone") return ALREADY_GONE;
  if (look === "changed") return CHANGED;
  if (isKept(keep, look)) return { action: "kept", reason: "its job was to keep it, and nothing in it runs" };
  if (!brake.take()) return { action: "postponed" };
  const costPerHour = costOf(look);
  if (options.isDryRun) return { action: "wouldDelete", costPerHour };
  const answer = await sendDelete(pass, group.groupName);
  return { action: (await isGone(pass, group.groupName, answer)) ? "deleted" : "pending", costPerHour };
}

// What it costs in an hour, if it is billed: from the first pull until nothing runs any more.
function costOf(snapshot: Snapshot): number {
  return billedSince(snapshot) === undefined || hasEnded(snapshot) ? 0 : pricePerHour(snapshot.containers, snapshot.location).amount;
}

async function sendDelete({ parts, options: { abortSignal }, brake }: Pass, groupName: string): Promise<DeleteAnswer> {
  try {
    return await orAbsent(retry(parts.clock, () => parts.gateway.delete(groupName, { abortSignal }), abortSignal), "gone" as const);
  } catch (error) {
    if (!isAciError(error)) throw error;
    // Somebody else's delete is under way, as a rule.
    if (classifyFault(error).kind === "transitioning") return "accepted";
    // A group that cannot be deleted must not keep the others from it.
    if (!error.mayHaveStarted) brake.giveBack();
    throw error;
  }
}

// Intentionally no second delete here: what then has the name may be a new group. A group that was just seen and that its delete
// does not find was deleted by another sweep, as a rule: one look is enough, as the next pass would find it again.
async function isGone({ parts, options: { abortSignal } }: Pass, groupName: string, answer: DeleteAnswer): Promise<boolean> {
  const deadline = parts.clock.now() + GONE_WITHIN_IN_MS;
  return (await watchGone(parts, groupName, answer === "gone" ? "deleted" : answer, { until: deadline, deadline, abortSignal })).isGone;
}
