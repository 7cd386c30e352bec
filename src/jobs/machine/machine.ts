import type { JobResult } from "../../job-result.js";
import { collected } from "./phases/collected.js";
import { creating } from "./phases/creating.js";
import { deleting } from "./phases/deleting.js";
import { ended } from "./phases/ended.js";
import { intended } from "./phases/intended.js";
import type { Turn } from "./moves.js";
import type { Plan } from "./plan.js";
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
  const move = react({ plan, state, now }, seen);
  const isRequest = !["wait", "save", "finish", "refuse"].includes(move.next.kind);
  return isRequest ? { ...move, state: { ...move.state, requests: move.state.requests + 1 } } : move;
}

function react({ plan, state, now }: Turn, seen: Observation): Move {
  if (seen.kind === "cancel") {
    if (state.cancel !== undefined || !CANCELABLE.includes(state.phase)) return rest(state, now) ?? PHASES[state.phase]({ plan, state, now }, { kind: "none" });
    const canceled = { ...state, cancel: { reason: seen.reason }, wakeAt: 0 };
    return PHASES[state.phase]({ plan, state: canceled, now }, { kind: "none" });
  }
  const resting = seen.kind === "none" ? rest(state, now) : undefined;
  return resting ?? PHASES[state.phase]({ plan, state, now }, seen);
}

function rest(state: MachineState, now: number): Move | undefined {
  return now < state.wakeAt ? { state, next: { kind: "wait", until: state.wakeAt }, events: [] } : undefined;
}

// A job of which nothing has been done yet.
export function begin(plan: Plan, location: string, attempt: number, now: number): MachineState {
  return {
    phase: "intended",
    attempt,
    groupName: `${plan.nameBase}-${attempt}`,
    location,
    pending: { kind: "save" },
    wakeAt: 0,
    tries: 0,
    misses: 0,
    looks: 0,
    requests: 0,
    marks: { intendedAt: now },
    unread: [],
    logs: {},
  };
}

