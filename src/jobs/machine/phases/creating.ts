import { isListed } from "./absence.js";
import { adopt, latestAttempt } from "./adopt.js";
import { end, finishUnstarted } from "./end.js";
import { ask, askAgain, askLater, faultEvent, isWithoutLogin, isWorthATry, markLate, tell, withState, type Turn } from "../moves.js";
import { SETTLE_IN_MS, startDeadline, unheardForInMs } from "../deadlines.js";
import { canGoElsewhere } from "../outcome/retry.js";
import { nextLook } from "../watch.js";
import type { Fault } from "../../../lifecycle/faults/classify-fault.js";
import type { Move, Observation } from "../state.js";

// A registry that refuses so often in a row is not going to let us in.
const REGISTRY_TRIES = 6;

// Sends the group for the first time.
export function create(turn: Turn): Move {
  const marks = { ...turn.state.marks, createAt: turn.now, sentAt: turn.now };
  const creating = withState(turn, { phase: "creating", marks, misses: 0, missingSince: undefined, tries: 0 });
  return ask(creating.state, { kind: "create" }, tell(creating, { type: "jobCreating" }));
}

// A PUT was sent, or is about to be. It is never sent again without a look.
export function creating(turn: Turn, seen: Observation): Move {
  switch (seen.kind) {
    case "created":
      return accepted(turn, seen);
    case "heldBack":
      return heldBack(turn, seen.until);
    case "snapshot":
      return adopt(isOwn(turn) ? turn : withState(turn, { marks: { ...turn.state.marks, createAt: undefined } }), seen.snapshot);
    case "absent":
      return missing(turn);
    case "listed":
      return listed(turn, seen.groups);
    case "fault":
      return turn.state.pending.kind === "create" ? refused(turn, seen) : unseen(turn, seen);
    default:
      return resumed(turn);
  }
}

// Whether a group that is there may be of our own create. Where that was refused, or never sent, it is another's, whose time to start
// has nothing to do with ours.
function isOwn({ state: { isUncertain, marks } }: Turn): boolean {
  return isUncertain === true && marks.sentAt !== undefined;
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
  const move = nextLook(provisioning);
  return { ...move, events: [told, ...move.events] };
}

// Its time to start begins when it may be created for the first time. Somebody may be quicker.
function heldBack(turn: Turn, until: number): Move {
  const { state, plan, now } = turn;
  const held = state.isSent === true ? turn : withState(turn, { isHeldBack: true, marks: { ...state.marks, createAt: until } });
  const wait = Math.max(0, Math.min(until, startDeadline(plan, held.state)) - now);
  return askLater(held, wait, { kind: "look" }, tell(turn, { type: "jobHeldBack", heldBackForInMs: wait }));
}

function refused(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  const { fault, error } = seen;
  const isUncertain = turn.state.isUncertain === true || fault.mayHaveStarted;
  const next = withState(turn, { isUncertain, isSent: true, misses: 0, missingSince: undefined, lastFault: error });
  const isForLater = mayBeAcceptedLater(next, fault);
  // Even if it is too late: what is there may have run, and another caller may have been given a group.
  if ((isUncertain || isForLater) && isOver(next) && mayBeThere(next)) return lookAtOnce(next, seen);
  // The name lives in another location: perhaps it is our own earlier attempt.
  if (isUncertain || error.serviceCode === "InvalidResourceLocation") return askAgain(next, seen, { kind: "look" });
  if (isForLater) return giveUp(next, isWithoutLogin(turn, fault)) ?? askAgain(next, seen, { kind: "look" });
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
  const next = turn.state.pending.kind === "create" ? withState(turn, { isUncertain: true, isSent: true }) : turn;
  return (mayBeThere(next) ? undefined : giveUp(next)) ?? ask(next.state, { kind: "look" });
}

// Whether there may be a group: our own, or one that another caller was given where ours was refused. It is looked for before the
// job ends without one.
function mayBeThere({ plan: { isKeyNew }, state: { isUncertain } }: Turn): boolean {
  return isUncertain === true || !isKeyNew;
}

function lookAtOnce(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  return ask(turn.state, { kind: "look" }, faultEvent(turn, seen));
}

// What may be there is looked for a few times more, even if it is late.
function unseen(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  const late = markLate(turn, isOver(turn));
  const isTried = turn.state.isUncertain !== true || !isWorthATry(late, seen);
  // The clean-up of what is canceled goes on looking.
  const isUncertain = late.state.cancel === undefined ? late.state.isUncertain : mayBeThere(late);
  const move = isTried ? giveUp(withState(late, { lastFault: seen.error, isUncertain }), isWithoutLogin(turn, seen.fault)) : undefined;
  return move === undefined ? askAgain(late, seen, { kind: "look" }) : { ...move, events: [faultEvent(turn, seen), ...move.events] };
}

// Whether another caller may have a group of another attempt: a later one, or an earlier one that was gone and was made again.
function mayHaveAnother({ plan: { isKeyNew, limits }, state }: Turn): boolean {
  return !isKeyNew && (state.attempt > 1 || (limits.retry?.maxAttempts ?? 1) > 1);
}

function listed(turn: Turn, groups: (Observation & { kind: "listed" })["groups"]): Move {
  const found = withState(turn, { misses: 0, missingSince: undefined });
  const latest = latestAttempt(turn, groups);
  // When that one was made has nothing to do with our create.
  if (latest !== undefined && latest.attempt !== turn.state.attempt) return ask({ ...found.state, ...latest, phase: "intended", isUncertain: undefined, marks: { ...found.state.marks, createAt: undefined } }, { kind: "look" });
  return isListed(turn.state, groups) ? (giveUp(withState(found, { isUncertain: true })) ?? askLater(found, 1000, { kind: "look" })) : again(turn);
}

function missing(turn: Turn): Move {
  const { state, now } = turn;
  const missingSince = state.missingSince ?? now;
  const next = withState(turn, { misses: state.misses + 1, missingSince });
  // Where another caller has a group of another attempt, the list shows it.
  if (state.isUncertain !== true) return mayHaveAnother(turn) ? ask(next.state, { kind: "list" }) : again(next);
  // The same create is sent again, or nothing is known of the job any more: then whoever answers must have heard of the last one.
  const unsettledForInMs = Math.max(missingSince + SETTLE_IN_MS - now, isOver(turn) ? unheardForInMs(state, now) : 0);
  // Where a look misses a group that is new, the list has it.
  return next.state.misses >= 2 && unsettledForInMs <= 0 ? ask(next.state, { kind: "list" }) : askLater(next, Math.max(1000, unsettledForInMs), { kind: "look" });
}

// Sends it again, as there is none.
function again(turn: Turn): Move {
  const { plan, state } = turn;
  // A group that there may have been, and is no more.
  if (state.isUncertain === true && plan.limits.retryOnLost === false) return end(turn, { outcome: "lost", reason: "the create had no answer, and no container group is there" });
  const settled = withState(turn, { isUncertain: undefined, isHeldBack: undefined, misses: 0, missingSince: undefined });
  const sending = withState(settled, { marks: { ...state.marks, sentAt: turn.now } });
  return giveUp(settled) ?? ask(sending.state, { kind: "create" }, ...(state.isHeldBack === true ? [tell(turn, { type: "jobCreating" })] : []));
}

function isOver({ plan, state, now }: Turn): boolean {
  return state.cancel !== undefined || now >= startDeadline(plan, state);
}

// Ends what was canceled or took too long, or what else is in vain.
function giveUp(turn: Turn, isInVain = false): Move | undefined {
  if (!isOver(turn) && !isInVain) return undefined;
  const { state, plan } = turn;
  const isUnknown = state.isUncertain === true;
  if (state.cancel !== undefined) return (isUnknown ? end : finishUnstarted)(turn, { outcome: "canceled", reason: state.cancel.reason });
  if (isUnknown) return end(turn, { outcome: "lost", reason: `the create had no answer, and the container group could not be looked for${state.lastFault === undefined ? "" : `. The last fault was: ${state.lastFault.text}`}` });
  const text = `Azure did not accept the container group within ${plan.limits.startTimeoutInMs} ms`;
  return finishUnstarted(turn, { outcome: "neverStarted", error: state.lastFault ?? { code: "ACI_JOB_NOT_STARTED", text } });
}
