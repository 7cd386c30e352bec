import { disappeared, UNSEEN, watchAbsent } from "./absence.js";
import { adopt, latestAttempt } from "./adopt.js";
import { create } from "./creating.js";
import { end, finishUnstarted } from "./end.js";
import { mustSendInputs, sendInputs } from "../files.js";
import { ask, askAgain, isWithoutLogin, isWorthATry, markLate, waitOf, withState, type Turn } from "../moves.js";
import { hasHad } from "../outcome/retry.js";
import type { JobFault } from "../../../job-result.js";
import type { Move, Observation } from "../state.js";

// The intent is to be saved, and a group of an earlier call with the same key to be found.
export function intended(turn: Turn, seen: Observation): Move {
  const { plan, state } = turn;
  if (state.cancel !== undefined) return canceled(turn, state.cancel.reason);
  switch (seen.kind) {
    case "saved":
      return plan.isKeyNew ? prepare(turn) : ask(state, { kind: "list" });
    case "listed":
      return listed(turn, seen.groups);
    case "snapshot":
      return adopt(turn, seen.snapshot);
    case "absent":
      return state.listed === undefined ? prepare(turn) : watchAbsent(turn);
    case "inputsSent":
      return sent(withState(turn, { files: "there", tries: 0 }));
    case "fault":
      return failed(turn, seen);
    default:
      return resumed(turn);
  }
}

// After a pause, or in other hands: somebody may have been quicker.
function resumed(turn: Turn): Move {
  const { state } = turn;
  const isToList = state.pending.kind === "look" && state.listed === undefined && !isLate(turn);
  return ask(state, isToList ? { kind: "list" } : state.pending);
}

function failed(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  const isOver = isLate(turn);
  const late = markLate(turn, isOver);
  const isInVain = (isOver && !(mayBeThere(turn) && isWorthATry(late, seen))) || isWithoutLogin(turn, seen.fault);
  if (!isInVain && (seen.fault.isRetryable || turn.plan.isTakenUp)) return askAgain(late, seen, turn.state.pending);
  const why = turn.state.pending.kind === "sendInputs" ? "its inputs could not be sent, and what was begun of it before is not known" : "it could not be looked for";
  return lookForOwn(turn, seen) ?? giveUp(turn, seen.error, `${why}: ${seen.error.text}`);
}

// What may be there is looked for a few times more, even if it is late.
function mayBeThere({ plan, state }: Turn): boolean {
  return plan.isTakenUp && state.pending.kind !== "sendInputs";
}

function isLate({ plan, state, now }: Turn): boolean {
  return now >= state.marks.intendedAt + plan.limits.startTimeoutInMs;
}

function giveUp(turn: Turn, error: JobFault, reason: string): Move {
  const { earlier, listed } = turn.state;
  // Whoever had it before may have sent something.
  if (turn.plan.isTakenUp) return end(withState(untold(turn), { isUncertain: true }), { outcome: "lost", reason });
  if (earlier === undefined) return finishUnstarted(turn, { outcome: "notRun", error });
  // A job that has had an attempt was run, and the same call does not begin it again. A group that is listed is another's.
  return finishUnstarted(listed === undefined ? turn : unused(turn, listed), { outcome: "neverStarted", error });
}

// Where no list can be read, what may be there under its own name can be looked for all the same.
function lookForOwn(turn: Turn, seen: Observation & { kind: "fault" }): Move | undefined {
  const { marks, pending } = turn.state;
  if (!turn.plan.isTakenUp || pending.kind !== "list" || waitOf(seen) > 0) return undefined;
  const own = withState(untold(turn), { phase: "creating", isUncertain: true, isSent: true, marks: { ...marks, createAt: marks.createAt ?? marks.intendedAt }, listed: undefined, tries: 0, misses: 0, missingSince: undefined });
  return ask(own.state, { kind: "look" });
}

// What the group needs is put in its place first.
function prepare(turn: Turn): Move {
  return mustSendInputs(turn) ? sendInputs(turn) : create(turn);
}

// That may have taken long, and another caller may have been quicker.
function sent(turn: Turn): Move {
  return turn.plan.isKeyNew ? create(turn) : ask(turn.state, { kind: "look" });
}

// A group that was listed and is listed no more is gone: somebody has deleted it, and it may have run. What follows it is on record
// before it is created, as another caller may take the job for lost.
function listed(turn: Turn, groups: (Observation & { kind: "listed" })["groups"]): Move {
  const latest = latestAttempt(turn, groups);
  if (latest === undefined && turn.state.listed !== undefined) return turn.plan.limits.retryOnLost === false ? disappeared(untold(turn)) : ask(unused(turn, turn.state.listed).state, { kind: "save" });
  // One that looks do not find is looked for until its time is over, and even then as often as what may have disappeared.
  const isUnseen = turn.state.misses > 0 && latest?.attempt === turn.state.attempt;
  if (isUnseen && isLate(turn)) return giveUp(turn, { code: "ACI_JOB_NOT_STARTED", text: `The container group could not be looked for: ${UNSEEN}` }, `it could not be looked for: ${UNSEEN}`);
  return ask({ ...turn.state, ...latest, tries: isLate(turn) ? 0 : turn.state.tries, misses: 0, missingSince: undefined }, { kind: "look" });
}

// A name is never used again after a delete.
function unused(turn: Turn, listedAttempt: number): Turn {
  const attempt = listedAttempt + 1;
  return withState(turn, { attempt, groupName: `${turn.plan.nameBase}-${attempt}`, listed: undefined, files: undefined, misses: 0, missingSince: undefined });
}

// What became of an attempt that is over is told already, though a list may still show a group of its name.
function untold(turn: Turn): Turn {
  const { attempt, listed = attempt } = turn.state;
  return hasHad(turn.state, attempt) ? unused(turn, listed) : turn;
}

// Nothing was sent yet by us; but who carries on a job, or shares its key, cannot know what others have sent.
function canceled(turn: Turn, reason: string): Move {
  const verdict = { outcome: "canceled", reason } as const;
  return turn.plan.isKeyNew ? finishUnstarted(turn, verdict) : end(withState(untold(turn), { isUncertain: true }), verdict);
}
