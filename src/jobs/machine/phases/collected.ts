import { ask, tell, withState, type Turn } from "../moves.js";
import { buildResult } from "../result.js";
import type { Move, Observation } from "../state.js";

// The result is known and is to be saved before anything is deleted.
export function collected(turn: Turn, seen: Observation): Move {
  const { plan, state } = turn;
  if (seen.kind !== "saved") return ask(state, { kind: "save" });
  if (state.marks.goneAt !== undefined) return done(turn, "done");
  const isKept = plan.limits.keep === "always" || (plan.limits.keep === "onFailure" && state.result?.outcome !== "succeeded");
  if (isKept && state.verdict?.outcome !== "canceled") return done(turn, "kept");
  const deleting = withState(turn, { phase: "deleting", tries: 0, misses: 0, missingSince: undefined, marks: { ...state.marks, deleteAt: turn.now } });
  // Where the PUT's answer was lost it may not be our group that has the name: look before the delete.
  const request = state.isUncertain === true ? ({ kind: "look" } as const) : ({ kind: "delete" } as const);
  return ask(deleting.state, request, tell(turn, { type: "jobDeleting" }));
}

// Nothing is left to do, but for the job's own folder: it goes when no container can write to it any more.
export function done(turn: Turn, cleanup: "done" | "pending" | "kept"): Move {
  if (cleanup === "done" && turn.state.files !== undefined) return ask({ ...turn.state, phase: "deleting", tries: 0 }, { kind: "removeFiles" });
  const result = buildResult(turn, cleanup);
  const finished = withState(turn, { phase: "done", result });
  const told = tell(turn, { type: "jobDone", outcome: result.outcome, cleanup });
  return { state: { ...finished.state, pending: { kind: "save" }, wakeAt: 0 }, next: { kind: "finish", result }, events: [told] };
}
