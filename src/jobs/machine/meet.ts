import type { JobAttempt, JobResult } from "../../job-result.js";
import { withEarlier, type Moment } from "./outcome/result.js";
import { hasHad } from "./outcome/retry.js";
import type { JobPhase, MachineState } from "./state.js";

const PHASES: readonly JobPhase[] = ["intended", "creating", "provisioning", "running", "ended", "collected", "deleting", "done"];

/** What comes of a job of which two processes know something else. */
export interface Met {
  /**
   * Whose word counts. `end`: theirs says how it ended, and ours how the clean-up goes. `left`: they have canceled it, and we
   * have a group that is to be deleted. `apart`: each has its own, and what is kept stays as it is.
   */
  readonly kind: "theirs" | "ours" | "end" | "left" | "apart";
  readonly state: MachineState;
  /** What is kept knows as much. */
  readonly isKept: boolean;
}

// Weighs what another process has kept of a job against what we know. What either knows of the attempts before is not lost.
export function meet(theirs: MachineState, moment: Moment): Met {
  const { state: ours } = moment;
  // Who has canceled it gets that result; what is kept is left to the attempt that goes on.
  if (ours.phase === "done" && ours.cancel !== undefined && theirs.attempt > ours.attempt) return { kind: "apart", state: ours, isKept: true };
  const knowing = (state: MachineState, other: MachineState): MachineState => withEarlierOf(other, { ...moment, state });
  if (isLeaving(theirs, ours)) return { kind: "left", state: knowing(withLeftGroup(theirs, ours), ours), isKept: false };
  if (isAhead(theirs, ours) || isSameEnd(theirs, ours)) {
    const state = knowing(theirs, ours);
    return { kind: "theirs", state, isKept: state === theirs };
  }
  if (isEndOf(theirs, ours)) return { kind: "end", state: knowing(withEndOf(theirs, ours), ours), isKept: false };
  const state = knowing(ours, theirs);
  return { kind: "ours", state, isKept: state === ours && !isAhead(ours, theirs) };
}

// An attempt that was found by a list does not tell what came before it: who began it knows.
function withEarlierOf(other: MachineState, moment: Moment): MachineState {
  const { state } = moment;
  const isMissed = ({ attempt }: JobAttempt): boolean => attempt < state.attempt && !hasHad(state, attempt);
  const missed = (other.earlier ?? []).filter(isMissed);
  if (missed.length === 0) return state;
  return withEarlier(moment, [...(state.earlier ?? []), ...missed].sort((a, b) => a.attempt - b.attempt));
}

// Whether both know how an attempt ended: what was kept first counts.
function isEndOf(theirs: MachineState, ours: MachineState): boolean {
  return theirs.attempt === ours.attempt && theirs.result !== undefined && ours.result !== undefined && !hasGivenUp(theirs) && !isRefutedBy(theirs, ours);
}

// Whether we know nothing of it that was not kept.
function isSameEnd(theirs: MachineState, ours: MachineState): boolean {
  const isNews = ours.marks.goneAt !== undefined && theirs.marks.goneAt === undefined;
  return isEndOf(theirs, ours) && theirs.phase === ours.phase && !isNews;
}

// What was kept first is the result, with all that it is made of. How the clean-up went is known to who has seen that the group is
// gone, or else to who went on.
function withEndOf({ verdict, snapshot, logs, outputs, earlier, marks, result }: MachineState, ours: MachineState): MachineState {
  const isGone = marks.goneAt !== undefined && ours.marks.goneAt === undefined;
  const { deleteAt, goneAt, billedUntil } = isGone ? marks : ours.marks;
  const { cleanup } = (isGone ? result : ours.result) as JobResult;
  return { ...ours, verdict, snapshot, logs, outputs, earlier, marks: { ...marks, deleteAt, goneAt, billedUntil }, result: { ...(result as JobResult), cleanup } };
}

// Whether a job is over for who has no group of its attempt, while there may be one of it: somebody canceled it before he knew of that.
function isLeaving(theirs: MachineState, ours: MachineState): boolean {
  const isOver = theirs.phase === "done" && theirs.verdict?.outcome === "canceled" && !hasGroup(theirs);
  return isOver && mayHaveGroup(ours) && ours.phase !== "done" && ours.marks.goneAt === undefined && ours.attempt === theirs.attempt;
}

// That end, with the group that is left and is to be deleted.
function withLeftGroup({ verdict, cancel, logs, earlier, result }: MachineState, ours: MachineState): MachineState {
  return { ...ours, phase: "collected", verdict, cancel, logs, earlier, retry: undefined, unread: [], result: { ...(result as JobResult), cleanup: "pending" }, pending: { kind: "save" }, wakeAt: 0 };
}

// Whose group there is decides first, then a result, then who is further on.
function isAhead(theirs: MachineState, ours: MachineState): boolean {
  if (hasGivenUp(ours) && hasBegun(theirs)) return true;
  if (hasGivenUp(theirs) && !isGivenUpBy(theirs, ours)) return false;
  if (isRefutedBy(ours, theirs) || isRefutedBy(theirs, ours)) return isRefutedBy(ours, theirs);
  if (isToGoOn(theirs, ours)) return true;
  if (isNewTo(theirs, ours) || isNewTo(ours, theirs)) return isNewTo(theirs, ours);
  return isFurther(theirs, ours);
}

function isFurther(theirs: MachineState, ours: MachineState): boolean {
  if (theirs.result !== undefined && ours.phase === "intended") return true;
  if (theirs.attempt !== ours.attempt) return theirs.attempt > ours.attempt;
  if ((theirs.result === undefined) !== (ours.result === undefined)) return theirs.result !== undefined;
  return PHASES.indexOf(theirs.phase) > PHASES.indexOf(ours.phase);
}

// A result or a group of an attempt that ours did not follow on from, while there is no group of ours: it cannot know what became
// of that one.
function isNewTo(theirs: MachineState, ours: MachineState): boolean {
  const isOther = theirs.attempt !== ours.attempt && !hasHad(ours, theirs.attempt);
  return isOther && !mayHaveGroup(ours) && (theirs.result !== undefined || mayHaveGroup(theirs));
}

// Whether a group of the attempt was accepted or seen.
export function hasGroup({ marks, snapshot }: MachineState): boolean {
  return marks.acceptedAt !== undefined || snapshot !== undefined;
}

// Or a create was sent whose answer was lost.
function mayHaveGroup(state: MachineState): boolean {
  return hasGroup(state) || state.isUncertain === true;
}

// Who never got so far as to create anything knows nothing of what others have created.
function hasGivenUp({ result }: MachineState): boolean {
  return result?.outcome === "notRun";
}

// Whether it has come so far as to be sent, or an attempt was made before.
function hasBegun(state: MachineState): boolean {
  return !hasGivenUp(state) && (state.marks.createAt !== undefined || state.earlier !== undefined);
}

// Who has given up speaks for what he intended himself.
function isGivenUpBy(theirs: MachineState, ours: MachineState): boolean {
  return !hasBegun(ours) && theirs.marks.intendedAt === ours.marks.intendedAt;
}

// Whose create was refused, or who could not look for a group, knows nothing of one that another process has of the same
// attempt: the job did start.
function isRefutedBy(one: MachineState, other: MachineState): boolean {
  const outcome = one.verdict?.outcome ?? one.result?.outcome;
  return (outcome === "neverStarted" || outcome === "lost") && !hasGroup(one) && hasGroup(other) && one.attempt === other.attempt;
}

// An attempt is tried again by who has seen how it ended, and its group, which he has deleted, is missed by who has not.
function isToGoOn(theirs: MachineState, ours: MachineState): boolean {
  const isTriedAgain = theirs.retry !== undefined && theirs.result === undefined && theirs.verdict?.exitCode !== undefined;
  return isTriedAgain && theirs.attempt === ours.attempt && ours.verdict?.outcome === "lost";
}
