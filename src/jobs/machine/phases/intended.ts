import { watchAbsent } from "./absence.js";
import { adopt, latestAttempt } from "./adopt.js";
import { create } from "./creating.js";
import { end, finishUnstarted } from "./end.js";
import { mustSendInputs, sendInputs } from "../files.js";
import { ask, askAgain, withState, type Turn } from "../moves.js";
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
function resumed({ state }: Turn): Move {
  return ask(state, state.pending.kind === "look" && state.listed === undefined ? { kind: "list" } : state.pending);
}

function failed(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  const { plan, state, now } = turn;
  const isLate = now >= state.marks.intendedAt + plan.limits.startTimeoutInMs;
  if (!isLate && (seen.fault.isRetryable || plan.isTakenUp)) return askAgain(turn, seen, state.pending);
  if (!plan.isTakenUp) return finishUnstarted(turn, { outcome: "notRun", error: seen.error });
  // Whoever had it before may have sent something.
  return end(withState(turn, { isUncertain: true }), { outcome: "lost", reason: `it could not be looked for: ${seen.error.text}` });
}

// What the group needs is put in its place first.
function prepare(turn: Turn): Move {
  return mustSendInputs(turn) ? sendInputs(turn) : create(turn);
}

// That may have taken long, and another caller may have been quicker.
function sent(turn: Turn): Move {
  return turn.plan.isKeyNew ? create(turn) : ask(turn.state, { kind: "look" });
}

// A group that was listed and is listed no more is gone: somebody has deleted it.
function listed(turn: Turn, groups: (Observation & { kind: "listed" })["groups"]): Move {
  const latest = latestAttempt(turn, groups);
  if (latest === undefined && turn.state.listed !== undefined) return prepare(unused(turn, turn.state.listed));
  return ask({ ...turn.state, ...latest, misses: 0, missingSince: undefined }, { kind: "look" });
}

// A name is never used again after a delete.
function unused(turn: Turn, listedAttempt: number): Turn {
  const attempt = listedAttempt + 1;
  return withState(turn, { attempt, groupName: `${turn.plan.nameBase}-${attempt}`, listed: undefined, files: undefined, misses: 0, missingSince: undefined });
}

// Nothing was sent yet by us; but who carries on a job, or shares its key, cannot know what others have sent.
function canceled(turn: Turn, reason: string): Move {
  const verdict = { outcome: "canceled", reason } as const;
  return turn.plan.isKeyNew ? finishUnstarted(turn, verdict) : end(withState(turn, { isUncertain: true }), verdict);
}
