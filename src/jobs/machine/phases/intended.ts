import { TAGS, tagOf, whose } from "../../../lifecycle/identity.js";
import { adopt } from "./adopt.js";
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
      return ask({ ...state, ...latestAttempt(turn, seen.groups) }, { kind: "look" });
    case "snapshot":
      return adopt(turn, seen.snapshot);
    case "absent":
      return prepare(unused(turn));
    case "inputsSent":
      return sent(withState(turn, { files: "there", tries: 0 }));
    case "fault":
      return failed(turn, seen);
    default:
      return ask(state, state.pending);
  }
}

function failed(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  const { plan, state, now } = turn;
  const isLate = now >= state.marks.intendedAt + plan.limits.startTimeoutInMs;
  return seen.fault.isRetryable && !isLate ? askAgain(turn, seen, state.pending) : finishUnstarted(turn, { outcome: "neverStarted", error: seen.error });
}

// What the group needs is put in its place first.
function prepare(turn: Turn): Move {
  return mustSendInputs(turn) ? sendInputs(turn) : create(turn);
}

// That may have taken long, and another caller may have been quicker.
function sent(turn: Turn): Move {
  return turn.plan.isKeyNew ? create(turn) : ask(turn.state, { kind: "look" });
}

// The group of the latest attempt that the list shows. One before our own is none of those that we have seen to be gone.
function latestAttempt({ plan, state }: Turn, groups: (Observation & { kind: "listed" })["groups"]): Partial<typeof state> {
  const ours = groups.filter((group) => whose({ ...plan.identity, spec: undefined }, group) === "ours");
  const attempts = ours.map((group) => ({ attempt: Number(tagOf(group, TAGS.attempt)), groupName: group.groupName })).sort((a, b) => b.attempt - a.attempt);
  const [latest] = attempts;
  return latest === undefined ? {} : { ...latest, listed: Math.max(latest.attempt, state.attempt - 1) };
}

// A group was listed and is gone: somebody has deleted it, and a name is never used again after a delete.
function unused(turn: Turn): Turn {
  const { plan, state } = turn;
  if (state.listed === undefined) return turn;
  const attempt = state.listed + 1;
  return withState(turn, { attempt, groupName: `${plan.nameBase}-${attempt}`, listed: undefined });
}

// Nothing was sent yet by us; but who carries on a job, or shares its key, cannot know what others have sent.
function canceled(turn: Turn, reason: string): Move {
  const verdict = { outcome: "canceled", reason } as const;
  return turn.plan.isKeyNew ? finishUnstarted(turn, verdict) : end(withState(turn, { isUncertain: true }), verdict);
}
