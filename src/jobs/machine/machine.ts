import type { JobResult } from "../../job-result.js";
import { withoutResourceGroup } from "./phases/absence.js";
import { collected } from "./phases/collected.js";
import { creating } from "./phases/creating.js";
import { deleting } from "./phases/deleting.js";
import { ended } from "./phases/ended.js";
import { intended } from "./phases/intended.js";
import { withState, type Turn } from "./moves.js";
import { nextAttempt } from "./outcome/retry.js";
import { hear } from "./watch.js";
import { provisioning } from "./phases/provisioning.js";
import type { Move, Observation, JobPhase } from "./state.js";

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
export function advance(turn: Turn, seen: Observation): Move {
  return react(turn, withoutResourceGroup(turn.state, seen));
}

function react(turn: Turn, seen: Observation): Move {
  const { phase } = turn.state;
  if (seen.kind === "cancel") {
    if (isEndingForGood(turn)) return rest(turn) ?? PHASES[phase](turn, { kind: "none" });
    const canceled = withState(turn, { cancel: { reason: seen.reason } });
    // Where it only keeps another attempt from coming, what is under way goes on at its pace.
    if (!CANCELABLE.includes(phase)) return rest(canceled) ?? PHASES[phase](canceled, { kind: "none" });
    return PHASES[phase](withState(canceled, { wakeAt: 0 }), { kind: "none" });
  }
  if (seen.kind === "signals") {
    const heard = hear(turn, seen);
    return rest(heard) ?? PHASES[phase](heard, { kind: "none" });
  }
  const resting = seen.kind === "none" ? rest(turn) : undefined;
  return resting ?? PHASES[phase](turn, seen);
}

// True once a cancel comes too late, or a second time.
function isEndingForGood(turn: Turn): boolean {
  const { phase, cancel, retry } = turn.state;
  return cancel !== undefined || (!CANCELABLE.includes(phase) && retry === undefined && (phase !== "ended" || nextAttempt(turn) === undefined));
}

function rest({ state, now }: Turn): Move | undefined {
  return now < state.wakeAt ? { state, next: { kind: "wait", until: state.wakeAt }, events: [] } : undefined;
}
