import { whose } from "../../../lifecycle/identity.js";
import type { Snapshot } from "../../../container-group.js";
import { isListed } from "./absence.js";
import { cancelTag } from "./provisioning.js";
import { done } from "./collected.js";
import { cleanupDeadline, SETTLE_IN_MS, unheardForInMs } from "../deadlines.js";
import { isAnothers, mayBeAnothers } from "../outcome/another-group.js";
import { isToCollectAgain, withOutputs, withoutOutputs } from "../files.js";
import { ask, askAgain, askLater, faultEvent, goneNow, withState, type Turn } from "../moves.js";
import type { Move, Observation } from "../state.js";

// How long a group that is still there after a delete was accepted is given before the delete is sent again.
const DELETE_AGAIN_IN_MS = 10_000;
// Between looks, a quarter of the time since the delete.
const SHORTEST_LOOK_IN_MS = 2000;
const LONGEST_LOOK_IN_MS = 15_000;
// So many tries to remove the job's folder; the file store has tries of its own below.
const FOLDER_TRIES = 3;

// The group is deleted and seen to be gone. An answer to a delete proves nothing; 202 proves less, and so does 204 or 404: who
// says that there is no group may be the one that does not find it.
export function deleting(turn: Turn, seen: Observation): Move {
  const { state } = turn;
  switch (seen.kind) {
    case "deleted":
      return ask({ ...state, deleteAnswer: seen.answer, tries: 0, marks: { ...state.marks, deletedAt: turn.now } }, { kind: "look" });
    case "absent":
      return missed(turn);
    case "listed":
      return listed(turn, seen);
    case "snapshot":
      return there(turn, seen.snapshot);
    case "age":
      return aged(turn, seen);
    case "filesRemoved":
      return gone(withState(turn, { files: undefined }));
    case "outputs":
      return done(withOutputs(turn, seen.outputs), "pending");
    case "fault":
      return failed(turn, seen);
    default:
      return resumed(turn);
  }
}

function resumed(turn: Turn): Move {
  const { state } = turn;
  return (state.pending.kind === "removeFiles" ? undefined : late(turn)) ?? ask(state, state.pending);
}

// Files that stay in a store cost next to nothing, and are nobody's fault but the store's.
function unremoved(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  if (seen.fault.isRetryable && turn.state.tries < FOLDER_TRIES) return askAgain(turn, seen, turn.state.pending);
  const move = gone(withState(turn, { files: undefined }));
  return { ...move, events: [faultEvent(turn, seen), ...move.events] };
}

function uncollected(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  if (isToCollectAgain(turn, seen)) return askAgain(turn, seen, turn.state.pending);
  const move = done(withoutOutputs(turn, seen.error.text), "pending");
  return { ...move, events: [faultEvent(turn, seen), ...move.events] };
}

function failed(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  if (turn.state.pending.kind === "removeFiles") return unremoved(turn, seen);
  if (turn.state.pending.kind === "collectOutputs") return uncollected(turn, seen);
  if (!seen.fault.isRetryable) return done(withState(turn, { lastFault: seen.error }), "pending");
  return late(turn) ?? askAgain(turn, seen, turn.state.pending);
}

function missed(turn: Turn): Move {
  const { state, now } = turn;
  const missingSince = state.missingSince ?? now;
  const next = withState(turn, { misses: state.misses + 1, missingSince });
  if (state.isUncertain === true) return missedAgain(next, missingSince + SETTLE_IN_MS - now, SETTLE_IN_MS);
  // A look before the delete proves nothing.
  if (state.deleteAnswer === undefined) return ask(next.state, { kind: "delete" });
  if (state.deleteAnswer === "deleted") return gone(next);
  return missedAgain(next, 0, lookAgainIn(turn));
}

// Two looks and a list, the second one when whoever answers must have heard of the group.
function missedAgain(turn: Turn, unsettledForInMs: number, pauseInMs: number): Move {
  const { plan, state, now } = turn;
  const unheard = unheardForInMs(state, now);
  if (state.misses >= 2 && Math.max(unsettledForInMs, unheard) <= 0) return ask(state, { kind: "list" });
  return late(turn) ?? askLater(turn, Math.min(Math.max(pauseInMs, unheard), cleanupDeadline(plan, state) - now), { kind: "look" });
}

function listed(turn: Turn, { groups }: Observation & { kind: "listed" }): Move {
  if (!isListed(turn.state, groups)) return gone(turn);
  return late(turn) ?? askLater(withState(turn, { misses: 0, missingSince: undefined }), lookAgainIn(turn), { kind: "look" });
}

function there(turn: Turn, snapshot: Snapshot): Move {
  const { plan, state } = turn;
  if (whose(plan.identity, snapshot) !== "ours") return taken(turn);
  // A mark that comes after the end still keeps another attempt from coming.
  const cancel = state.cancel ?? (state.retry && cancelTag(snapshot));
  const next = withState(turn, { misses: 0, missingSince: undefined, isUncertain: undefined, cancel });
  return mayBeAnothers(turn, snapshot) ? ask(next.state, { kind: "readAge" }) : goOn(next);
}

function aged(turn: Turn, seen: Observation & { kind: "age" }): Move {
  return isAnothers(turn.state, turn.now, seen) ? taken(turn) : goOn(turn);
}

// Somebody else has the name by now: ours is gone, and theirs is not to be touched, nor the folder by that name.
function taken(turn: Turn): Move {
  return gone(withState(turn, { files: undefined }));
}

function goOn(turn: Turn): Move {
  const { state, now } = turn;
  if (state.deleteAnswer === undefined) return ask(state, { kind: "delete" });
  const isDue = now - (state.marks.deletedAt ?? 0) >= DELETE_AGAIN_IN_MS;
  return late(turn) ?? askLater(turn, lookAgainIn(turn), isDue ? { kind: "delete" } : { kind: "look" });
}

function lookAgainIn({ state, now }: Turn): number {
  return Math.min(LONGEST_LOOK_IN_MS, Math.max(SHORTEST_LOOK_IN_MS, (now - (state.marks.deleteAt as number)) / 4));
}

function gone(turn: Turn): Move {
  const { marks } = turn.state;
  return done(withState(turn, { marks: marks.goneAt === undefined ? { ...marks, ...goneNow(turn) } : marks }), "done");
}

function late(turn: Turn): Move | undefined {
  return turn.now >= cleanupDeadline(turn.plan, turn.state) ? done(turn, "pending") : undefined;
}
