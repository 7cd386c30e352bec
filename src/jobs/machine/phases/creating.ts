import { adopt } from "./adopt.js";
import { end, finishUnstarted } from "./end.js";
import { ask, askAgain, askLater, faultEvent, tell, withState, type Turn } from "../moves.js";
import { startDeadline } from "../deadlines.js";
import { canGoElsewhere } from "../outcome/retry.js";
import type { Fault } from "../../../lifecycle/classify-fault.js";
import type { Move, Observation } from "../state.js";
import { startingGapInMs } from "../../../lifecycle/watch.js";

// Two looks this far apart must miss a group before a PUT whose answer was lost is sent again.
const SETTLE_IN_MS = 10_000;
// A registry that refuses so often in a row is not going to let us in.
const REGISTRY_TRIES = 6;

// Sends the group for the first time.
export function create(turn: Turn): Move {
  const marks = { ...turn.state.marks, createAt: turn.now };
  const creating = withState(turn, { phase: "creating", marks, misses: 0, missingSince: undefined, tries: 0 });
  return ask(creating.state, { kind: "create" }, tell(creating, { type: "jobCreating" }));
}

// A PUT was sent, or is about to be. It is never sent again without a look.
export function creating(turn: Turn, seen: Observation): Move {
  switch (seen.kind) {
    case "created":
      return accepted(turn, seen);
    case "snapshot":
      return adopt(turn, seen.snapshot);
    case "absent":
      return missing(turn);
    case "fault":
      return turn.state.pending.kind === "create" ? refused(turn, seen) : unseen(turn, seen);
    default:
      return resumed(turn);
  }
}

function accepted(turn: Turn, seen: Observation & { kind: "created" }): Move {
  const { state, now } = turn;
  const provisioning = withState(turn, {
    phase: "provisioning",
    marks: { ...state.marks, acceptedAt: now },
    snapshot: seen.snapshot ?? state.snapshot,
    operationUrl: seen.operationUrl,
    isUncertain: undefined,
    tries: 0,
  });
  const told = tell(turn, { type: "jobAccepted", queuedInMs: now - state.marks.intendedAt });
  return askLater(provisioning, startingGapInMs(0), { kind: "look" }, told);
}

function refused(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  const { fault, error } = seen;
  const isUncertain = turn.state.isUncertain === true || fault.mayHaveStarted;
  const next = withState(turn, { isUncertain, misses: 0, missingSince: undefined, lastFault: error });
  if (isUncertain) return giveUp(next) ?? askAgain(next, seen, { kind: "look" });
  // The name lives in another location: perhaps it is our own earlier attempt.
  if (error.serviceCode === "InvalidResourceLocation") return askAgain(next, seen, { kind: "look" });
  if (mayBeAcceptedLater(next, fault)) return giveUp(next) ?? askAgain(next, seen, { kind: "look" });
  const move = finishUnstarted(next, { outcome: "neverStarted", error });
  return { ...move, events: [faultEvent(turn, seen), ...move.events] };
}

// Quota comes free again when other groups end.
function mayBeAcceptedLater(turn: Turn, fault: Fault): boolean {
  if (fault.location === "waitForQuota") return !canGoElsewhere(turn);
  return fault.isRetryable && (fault.kind !== "registry" || turn.state.tries < REGISTRY_TRIES);
}

// Time has passed, or another process takes up the job: a PUT that was about to be sent may have been.
function resumed(turn: Turn): Move {
  const next = turn.state.pending.kind === "create" ? withState(turn, { isUncertain: true }) : turn;
  return giveUp(next) ?? ask(next.state, { kind: "look" });
}

function unseen(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  return giveUp(turn) ?? askAgain(turn, seen, { kind: "look" });
}

function missing(turn: Turn): Move {
  const { plan, state, now } = turn;
  const missingSince = state.missingSince ?? now;
  const next = withState(turn, { misses: state.misses + 1, missingSince });
  const isSettled = state.isUncertain !== true || (next.state.misses >= 2 && now - missingSince >= SETTLE_IN_MS);
  if (!isSettled) return askLater(next, SETTLE_IN_MS - (now - missingSince), { kind: "look" });
  // A group that there may have been, and is no more.
  if (state.isUncertain === true && plan.limits.retryOnLost === false) return end(next, { outcome: "lost", reason: "the create had no answer, and no container group is there" });
  const settled = withState(next, { isUncertain: undefined });
  return giveUp(settled) ?? ask({ ...settled.state, misses: 0, missingSince: undefined }, { kind: "create" });
}

// Ends what was canceled or took too long; the group is looked for if there may be one.
function giveUp(turn: Turn): Move | undefined {
  const { state, now, plan } = turn;
  const isLate = now >= startDeadline(plan, state);
  if (state.cancel === undefined && !isLate) return undefined;
  const text = `Azure did not accept the container group within ${plan.limits.startTimeoutInMs} ms`;
  const verdict =
    state.cancel === undefined
      ? ({ outcome: "neverStarted", error: state.lastFault ?? { code: "ACI_JOB_NOT_STARTED", text } } as const)
      : ({ outcome: "canceled", reason: state.cancel.reason } as const);
  return state.isUncertain === true ? end(turn, verdict) : finishUnstarted(turn, verdict);
}
