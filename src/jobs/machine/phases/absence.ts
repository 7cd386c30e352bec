import { TAGS, tagOf, whose } from "../../../lifecycle/identity.js";
import { begin } from "../begin.js";
import { end } from "./end.js";
import { ask, askLater, goneNow, tell, withState, type Turn } from "../moves.js";
import { nextAttempt } from "../outcome/retry.js";
import type { MachineState, Move, Observation, Verdict } from "../state.js";

// ARM answers 404 for a while after a create. A group is gone only when this many looks in a row, over this time, and a
// list say so.
const LOST_AFTER_MISSES = 3;
const LOST_AFTER_IN_MS = 30_000;

const LOST: Verdict = { outcome: "lost", reason: "the container group disappeared" };

// What is gone. A container that was killed is not begun anew any more; but where what is lost is tried again, so is that.
function lossOf(turn: Turn): Verdict {
  const { killed } = turn.state;
  return killed === undefined || nextAttempt(withState(turn, { verdict: LOST })) !== undefined ? LOST : killed.verdict;
}

// Why a group cannot be looked at that a list has until its time is over.
export const UNSEEN = "a list shows it, and looks do not find it";

// A look did not find the group.
export function watchAbsent(turn: Turn): Move {
  const { state, now } = turn;
  const missingSince = state.missingSince ?? now;
  const next = withState(turn, { misses: state.misses + 1, missingSince });
  const left = missingSince + LOST_AFTER_IN_MS - now;
  if (next.state.misses >= LOST_AFTER_MISSES && left <= 0) return ask(next.state, { kind: "list" });
  return askLater(next, Math.max(1000, Math.min(left, LOST_AFTER_IN_MS / LOST_AFTER_MISSES)), { kind: "look" });
}

// With its resource group a group is gone, too. But a new resource group is not found everywhere at once, so it takes as many
// looks and a list. Where nothing was sent yet the job has just been given a wrong name.
export function withoutResourceGroup({ phase, pending }: MachineState, seen: Observation): Observation {
  if (phase === "intended" || seen.kind !== "fault" || seen.error.serviceCode?.toLowerCase() !== "resourcegroupnotfound") return seen;
  switch (pending.kind) {
    case "look":
      return { kind: "absent" };
    case "list":
      return { kind: "listed", groups: [] };
    case "delete":
      return { kind: "deleted", answer: "gone" };
    default:
      return seen;
  }
}

// Whether a list shows the job's group.
export function isListed({ groupName }: MachineState, groups: (Observation & { kind: "listed" })["groups"]): boolean {
  return groups.some((group) => group.groupName.toLowerCase() === groupName.toLowerCase());
}

// The list decides.
export function watchListed(turn: Turn, groups: (Observation & { kind: "listed" })["groups"]): Move {
  const { state } = turn;
  if (isListed(state, groups)) return askLater(withState(turn, { misses: 0, missingSince: undefined }), 1000, { kind: "look" });
  return followed(turn, groups) ?? disappeared(turn);
}

// Another caller, who has seen that the group is gone, may have gone on to a later attempt: where this one would be the last of
// the job, that one is the job from then on. Where its group is gone, too, nothing is begun anew.
function followed(turn: Turn, groups: (Observation & { kind: "listed" })["groups"]): Move | undefined {
  const { plan, state, now } = turn;
  const later = groups.filter((group) => whose(plan.identity, group) === "ours" && attemptOf(group) > state.attempt);
  const [latest] = later.sort((a, b) => attemptOf(b) - attemptOf(a));
  const isLast = state.cancel === undefined && nextAttempt(withState(turn, { verdict: lossOf(turn) })) === undefined;
  if (latest === undefined || !isLast) return undefined;
  // No name is used again: nobody needs the folder of this one any more. The list is read once more after that.
  if (state.files !== undefined) return ask({ ...state, files: undefined }, { kind: "removeFiles" });
  const fresh = begin(plan, latest.location, attemptOf(latest), now);
  const marks = { ...fresh.marks, createAt: now, begunAt: state.marks.begunAt ?? state.marks.intendedAt };
  const { requests, earlier } = state;
  const files = plan.outputs === undefined ? undefined : ("there" as const);
  const next: MachineState = { ...fresh, phase: "provisioning", groupName: latest.groupName, requests, earlier, files, marks };
  return ask(next, { kind: "look" }, tell({ ...turn, state: next }, { type: "jobAdopted" }));
}

function attemptOf(group: (Observation & { kind: "listed" })["groups"][number]): number {
  return Number(tagOf(group, TAGS.attempt));
}

// Its group is gone, whoever has taken it away.
export function disappeared(turn: Turn): Move {
  const { state } = turn;
  const gone = withState(turn, { marks: { ...state.marks, ...goneNow(turn) } });
  return end(gone, state.cancel === undefined ? lossOf(gone) : { outcome: "canceled", reason: state.cancel.reason });
}
