import type { JobResult } from "../../job-result.js";
import { withoutResourceGroup } from "./phases/absence.js";
import { collected } from "./phases/collected.js";
import { creating } from "./phases/creating.js";
import { deleting } from "./phases/deleting.js";
import { ended } from "./phases/ended.js";
import { intended } from "./phases/intended.js";
import { withState, type Turn } from "./moves.js";
import { nextAttempt } from "./outcome/retry.js";
import type { Plan } from "./plan.js";
import { hear } from "./watch.js";
import { provisioning } from "./phases/provisioning.js";
import type { MachineState, Move, Observation, JobPhase } from "./state.js";

const PHASES: Readonly<Record<JobPhase, (turn: Turn, seen: Observation) => Move>> = {
  intended,
  creating,
  provisioning,
  running: provisioning,
  ended,
  collected,
  deleting,
  // A job that is done has a result.
  done: ({ state }) => ({ state, next: { kind: "finish", result: state.result as JobResult }, events: [] }),
};

// Phases in which a job can still be canceled: its end is not known yet.
const CANCELABLE: readonly JobPhase[] = ["intended", "creating", "provisioning", "running"];

/**
 * Decides what happens next to a job. Pure: no clock, no randomness, no I/O. What a job is waiting for, it goes on
 * waiting for until its time comes or somebody cancels it.
 */
export function advance(plan: Plan, state: MachineState, seen: Observation, now: number): Move {
  const move = react({ plan, state, now }, withoutResourceGroup(state, seen));
  const isRequest = !["wait", "save", "finish", "refuse"].includes(move.next.kind);
  return isRequest ? { ...move, state: { ...move.state, requests: move.state.requests + 1 } } : move;
}

function react({ plan, state, now }: Turn, seen: Observation): Move {
  if (seen.kind === "cancel") {
    if (isEndingForGood({ plan, state, now })) return rest(state, now) ?? PHASES[state.phase]({ plan, state, now }, { kind: "none" });
    const canceled = { plan, state: { ...state, cancel: { reason: seen.reason } }, now };
    // Where it only keeps another attempt from coming, what is under way goes on at its pace.
    if (!CANCELABLE.includes(state.phase)) return rest(canceled.state, now) ?? PHASES[state.phase](canceled, { kind: "none" });
    return PHASES[state.phase](withState(canceled, { wakeAt: 0 }), { kind: "none" });
  }
  if (seen.kind === "signals") {
    const heard = hear({ plan, state, now }, seen);
    return rest(heard.state, now) ?? PHASES[state.phase](heard, { kind: "none" });
  }
  const resting = seen.kind === "none" ? rest(state, now) : undefined;
  return resting ?? PHASES[state.phase]({ plan, state, now }, seen);
}

// True once a cancel comes too late, or a second time.
function isEndingForGood(turn: Turn): boolean {
  const { phase, cancel, retry } = turn.state;
  return cancel !== undefined || (!CANCELABLE.includes(phase) && retry === undefined && (phase !== "ended" || nextAttempt(turn) === undefined));
}

function rest(state: MachineState, now: number): Move | undefined {
  return now < state.wakeAt ? { state, next: { kind: "wait", until: state.wakeAt }, events: [] } : undefined;
}
