import { begin } from "../begin.js";
import { isSeenLately } from "../deadlines.js";
import { ask, askLater, tell, withState, type Turn } from "../moves.js";
import { collectOutputs, mustCollectOutputs, mustRemoveFiles } from "../files.js";
import { buildResult } from "../outcome/result.js";
import { attemptOf, type NextAttempt } from "../outcome/retry.js";
import type { Move, Observation, Verdict } from "../state.js";

// The result is known and is to be saved before anything is deleted.
export function collected(turn: Turn, seen: Observation): Move {
  const { state } = turn;
  if (seen.kind !== "saved") return ask(state, { kind: "save" });
  if (state.marks.goneAt !== undefined) return done(turn, "done");
  const isKept = state.retry === undefined && isToKeep(turn);
  if (isKept) return done(turn, "kept");
  const deleting = withState(turn, { phase: "deleting", tries: 0, misses: 0, missingSince: undefined, marks: { ...state.marks, deleteAt: turn.now } });
  return ask(deleting.state, { kind: mustLookFirst(turn) ? "look" : "delete" }, tell(turn, { type: "jobDeleting" }));
}

// Where the PUT's answer was lost, or the last look is long ago, it may not be our group that has the name. And where another
// attempt is to follow, somebody may have marked this one as canceled since its end was seen.
function mustLookFirst(turn: Turn): boolean {
  const { isUncertain, retry, cancel } = turn.state;
  return isUncertain === true || !isSeenLately(turn.state, turn.now) || (retry !== undefined && cancel === undefined);
}

function isToKeep({ plan, state }: Turn): boolean {
  const { keep } = plan.limits;
  return state.verdict?.outcome !== "canceled" && (keep === "always" || (keep === "onFailure" && state.result?.outcome !== "succeeded"));
}

// Nothing is left to do, but for the job's own folder.
export function done(turn: Turn, cleanup: "done" | "pending" | "kept"): Move {
  const { retry, cancel } = turn.state;
  if (cleanup === "done" && mustRemoveFiles(turn)) return ask({ ...turn.state, phase: "deleting", tries: 0 }, { kind: "removeFiles" });
  if (retry === undefined) return finish(turn, cleanup);
  // What was to be tried again is the last attempt where its group does not go: its outputs are the job's.
  if (cleanup === "pending" && mustCollectOutputs(turn)) return collectOutputs(turn);
  if (cancel !== undefined) return finish(withState(turn, { verdict: { outcome: "canceled", reason: cancel.reason } }), cleanup);
  return cleanup === "done" ? again(turn, retry) : finish(turn, cleanup);
}

function finish(turn: Turn, cleanup: "done" | "pending" | "kept"): Move {
  const result = buildResult(turn, cleanup);
  const finished = withState(turn, { phase: "done", result });
  const told = tell(turn, { type: "jobDone", outcome: result.outcome, cleanup });
  return { state: { ...finished.state, pending: { kind: "save" }, wakeAt: 0 }, next: { kind: "finish", result }, events: [told] };
}

// The next attempt. Nothing of the one before is left but what is told of it.
function again(turn: Turn, { location, delayInMs }: NextAttempt): Move {
  const { plan, state, now } = turn;
  const fresh = begin(plan, location, state.attempt + 1, now);
  const begunAt = state.marks.begunAt ?? state.marks.intendedAt;
  const next = { ...fresh, requests: state.requests, earlier: [...(state.earlier ?? []), attemptOf(turn)], marks: { ...fresh.marks, begunAt } };
  const told = tell(turn, { type: "jobRetrying", outcome: (state.verdict as Verdict).outcome, location, delayInMs });
  return askLater({ ...turn, state: next }, delayInMs, { kind: "save" }, told);
}
