import type { JobAttempt, JobResult } from "../../job-result.js";
import { withEarlier, type Moment } from "./outcome/result.js";
import { hasHad } from "./outcome/retry.js";
import { allOf } from "./outcome/verdict.js";
import { withoutEnds } from "./phases/end.js";
import type { JobPhase, MachineState } from "./state.js";

const PHASES: readonly JobPhase[] = ["intended", "creating", "provisioning", "running", "ended", "collected", "deleting", "done"];

/** What comes of a job of which two processes know something else. */
export interface Met {
  /**
   * Whose word counts. `end`: theirs says how it ended, and ours how the clean-up goes. `left`: it has ended for one who had no
   * group, and the other may have one, which is to be deleted. `apart`: each has its own, and what is kept stays as it is.
   */
  readonly kind: "theirs" | "ours" | "end" | "left" | "apart";
  readonly state: MachineState;
  /** What is kept already knows as much. */
  readonly isKept: boolean;
}

// Weighs what another process has kept of a job against what we know. What either knows of the attempts before is not lost.
export function meet(theirs: MachineState, moment: Moment): Met {
  const { state: ours } = moment;
  // Who has canceled it gets that result; what is kept is left to the attempt that goes on.
  if (ours.phase === "done" && ours.cancel !== undefined && theirs.attempt > ours.attempt) return { kind: "apart", state: ours, isKept: true };
  const knowing = (state: MachineState, other: MachineState): MachineState => withEarlierOf(other, { ...moment, state });
  const left = leftOfEither(theirs, ours);
  if (left !== undefined) return { kind: "left", state: knowing(knowing(left, theirs), ours), isKept: false };
  if (isTheirs(theirs, ours)) {
    const state = knowing(withCancelOf(ours, theirs), ours);
    return { kind: "theirs", state, isKept: state === theirs };
  }
  if (isEndOf(theirs, ours)) return { kind: "end", state: knowing(withEndOf(theirs, ours), ours), isKept: false };
  const state = knowing(withCancelOf(theirs, ours), theirs);
  return { kind: "ours", state, isKept: state === ours && knowing(theirs, ours) === theirs && !isAhead(ours, theirs) };
}

// Whoever has canceled an attempt wants it to end, and no other to follow, whoever knows more of it.
function withCancelOf({ attempt, cancel }: MachineState, other: MachineState): MachineState {
  if (cancel === undefined || other.cancel !== undefined || other.result !== undefined || other.attempt !== attempt) return other;
  return { ...other, cancel, ...(other.verdict === undefined && { wakeAt: 0 }) };
}

// An end that was kept is not replaced by ours.
function leftOfEither(theirs: MachineState, ours: MachineState): MachineState | undefined {
  return leftOf(theirs, ours) ?? (theirs.result === undefined ? leftOf(ours, theirs) : undefined);
}

// Of two ends the one that was kept first counts, unless we alone have seen that the group is gone.
function isTheirs(theirs: MachineState, ours: MachineState): boolean {
  if (!isEndOf(theirs, ours)) return isAhead(theirs, ours);
  const isNews = hasSeenGone(ours) && !hasSeenGone(theirs);
  return !isNews && (theirs.phase === ours.phase || isAhead(theirs, ours));
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
  return theirs.attempt === ours.attempt && theirs.result !== undefined && ours.result !== undefined && !wasNotRun(theirs) && !isRefutedBy(theirs, ours);
}

// What was kept first is the result, with all that it is made of. How the clean-up went is known to who has seen that the group is
// gone, or else to who went on.
function withEndOf(theirs: MachineState, ours: MachineState): MachineState {
  const { verdict, snapshot, logs, outputs, earlier, marks, result } = theirs;
  const { marks: seen, result: told } = hasSeenGone(theirs) && !hasSeenGone(ours) ? theirs : ours;
  const { deleteAt, goneAt, billedUntil } = seen;
  return { ...ours, verdict, snapshot, logs, outputs, earlier, marks: { ...marks, deleteAt, goneAt, billedUntil }, result: { ...(result as JobResult), cleanup: (told as JobResult).cleanup } };
}

// What is left of a group that one may have, whose attempt has ended for another who had none: that end, and a group to delete.
function leftOf(one: MachineState, other: MachineState): MachineState | undefined {
  if (!hasEndedWithout(one) || one.attempt !== other.attempt || isRefutedBy(one, other) || !isThere(other)) return undefined;
  if (!hasGroup(other) && hasSeenGone(one)) return undefined;
  const { verdict, cancel, earlier, result } = one;
  return { ...other, phase: "collected", verdict, cancel, logs: withoutEnds(other.logs, unreadOf(other)), earlier, isUncertain: !hasGroup(other), retry: undefined, unread: [], result: { ...(result as JobResult), cleanup: "pending" }, pending: { kind: "save" }, wakeAt: 0 };
}

// Of which containers the log has not been read to its end.
function unreadOf({ phase, snapshot, unread }: MachineState): readonly string[] {
  if (PHASES.indexOf(phase) > PHASES.indexOf("ended")) return [];
  return phase === "ended" ? unread : allOf(snapshot).map(({ containerName }) => containerName);
}

// Whether an attempt is over for who has no group of it.
function hasEndedWithout(state: MachineState): boolean {
  const isOver = state.phase === "done" || state.marks.goneAt !== undefined;
  return isOver && state.result !== undefined && !wasNotRun(state) && !hasGroup(state);
}

// Whether there may be a group that nobody has seen to go.
function isThere(state: MachineState): boolean {
  return mayHaveGroup(state) && state.phase !== "done" && !hasSeenGone(state);
}

// Whether a group that there may have been was seen to be gone. Who was refused one has seen nothing of another's.
function hasSeenGone(state: MachineState): boolean {
  return state.marks.goneAt !== undefined && hadGroup(state);
}

// Whose group there is decides first, then a result, then who is further on.
function isAhead(theirs: MachineState, ours: MachineState): boolean {
  if (leftOf(ours, theirs) !== undefined) return true;
  if (wasNotRun(ours) || wasNotRun(theirs)) return isAheadOfNone(theirs, ours);
  if (isRefutedBy(ours, theirs) || isRefutedBy(theirs, ours)) return isRefutedBy(ours, theirs);
  const isBetter = isBetterSeen(theirs, ours);
  if (isBetter !== undefined) return isBetter;
  if (isUnknownTo(theirs, ours) || isUnknownTo(ours, theirs)) return isUnknownTo(theirs, ours);
  return isFurther(theirs, ours);
}

// Who was not run speaks for what he intended himself, and knows nothing of what others have begun.
function isAheadOfNone(theirs: MachineState, ours: MachineState): boolean {
  if (wasNotRun(ours) && hasBegun(theirs)) return true;
  if (wasNotRun(theirs) && (hasBegun(ours) || theirs.marks.intendedAt !== ours.marks.intendedAt)) return false;
  return isFurther(theirs, ours);
}

function isFurther(theirs: MachineState, ours: MachineState): boolean {
  if (theirs.result !== undefined && ours.phase === "intended") return true;
  if (theirs.attempt !== ours.attempt) return theirs.attempt > ours.attempt;
  if ((theirs.result === undefined) !== (ours.result === undefined)) return theirs.result !== undefined;
  if (theirs.phase === ours.phase) return mayHaveGroup(theirs) && !mayHaveGroup(ours);
  return PHASES.indexOf(theirs.phase) > PHASES.indexOf(ours.phase);
}

// A result or a group of an attempt that ours did not follow on from, while there is no group of ours: it cannot know what became
// of that one.
function isUnknownTo(theirs: MachineState, ours: MachineState): boolean {
  const isOther = theirs.attempt !== ours.attempt && !hasHad(ours, theirs.attempt);
  return isOther && !mayHaveGroup(ours) && (theirs.result !== undefined || mayHaveGroup(theirs));
}

// Whether a group of the attempt was accepted or seen.
function hasGroup({ marks, snapshot }: MachineState): boolean {
  return marks.acceptedAt !== undefined || snapshot !== undefined;
}

// Whether one was there, or was asked to be deleted in case it was. A result without that, because a create was refused, say,
// tells nothing of one that another caller may have been given.
export function hadGroup(state: MachineState): boolean {
  return hasGroup(state) || state.marks.deleteAt !== undefined;
}

// Or a create was sent whose answer was lost, or is not here yet.
function mayHaveGroup(state: MachineState): boolean {
  return hasGroup(state) || state.isUncertain === true || (state.phase === "creating" && state.pending.kind === "create");
}

// Who never got so far as to create anything.
function wasNotRun({ result }: MachineState): boolean {
  return result?.outcome === "notRun";
}

// Whether it has come so far as to be sent, an attempt was made before, or it has ended otherwise.
function hasBegun(state: MachineState): boolean {
  return !wasNotRun(state) && (state.marks.createAt !== undefined || state.earlier !== undefined || state.result !== undefined);
}

// Whose create was refused, or who could not look for a group, knows nothing of one that another process has of the same
// attempt: the job did start.
function isRefutedBy(one: MachineState, other: MachineState): boolean {
  const outcome = one.verdict?.outcome ?? one.result?.outcome;
  return (outcome === "neverStarted" || outcome === "lost") && !hasGroup(one) && hasGroup(other) && one.attempt === other.attempt;
}

// Whether either has seen more of how the attempt went, so long as no end of it is on record.
function isBetterSeen(theirs: MachineState, ours: MachineState): boolean | undefined {
  if (hasSeenEnd(theirs, ours) || hasStarted(theirs, ours)) return true;
  return hasSeenEnd(ours, theirs) && theirs.result === undefined ? false : undefined;
}

// What is about to be taken for never started was seen to run by another.
function hasStarted(theirs: MachineState, { attempt, verdict, marks }: MachineState): boolean {
  return verdict?.outcome === "neverStarted" && marks.startedAt === undefined && theirs.marks.startedAt !== undefined && theirs.attempt === attempt;
}

// Who has seen how an attempt ended knows better than who ends it without, and may have begun to delete its group. But a line of the
// log ends it, too; and a cancel counts where another attempt would follow.
function hasSeenEnd({ result, verdict, attempt, retry }: MachineState, ours: MachineState): boolean {
  if (result !== undefined || verdict?.exitCode === undefined || attempt !== ours.attempt) return false;
  return isUnseen(ours.verdict) && (retry === undefined || ours.verdict?.outcome !== "canceled");
}

function isUnseen(verdict: MachineState["verdict"]): boolean {
  return verdict !== undefined && verdict.outcome !== "succeeded" && verdict.exitCode === undefined;
}
