import type { Snapshot } from "../../../container-group.js";
import { whose } from "../../../lifecycle/identity.js";
import { isSeenLately, logDeadline } from "../deadlines.js";
import { collect, readNext, tellEnd, withoutEnd, withoutEnds } from "./end.js";
import { isToCollectAgain, mustCollectOutputs, withOutputs, withoutOutputs } from "../files.js";
import { ask, askAgain, askLater, faultEvent, goneNow, LATE_TRIES, withState, type Turn } from "../moves.js";
import { isAnothers, mayBeAnothers } from "../outcome/another-group.js";
import { isLineSought, verdictOfLine } from "../outcome/line.js";
import { exitCodeOf } from "../outcome/result.js";
import { isOfAnotherRun } from "../outcome/verdict.js";
import type { LogNote, Move, Observation } from "../state.js";

// An empty log of a container that has just ended is read again after this, and once more when it cannot be late any more.
const EMPTY_AGAIN_IN_MS = 1000;
const EMPTY_UNTIL_IN_MS = 5000;

// The result is known by then, and a log that is late is not waited for any longer than this at a time.
const LONGEST_LOG_WAIT_IN_MS = 60_000;

// The final logs are read, one container after the other, and then the outputs are collected. Logs never fail a job, but one may
// have the line that it was waited for, and its end is told when that has been looked for.
export function ended(turn: Turn, seen: Observation): Move {
  const move = judge(turn, seen);
  const after = { ...turn, state: move.state };
  return isLineSought(turn) && !isLineSought(after) ? told(tellEnd(after), move) : move;
}

function judge(turn: Turn, seen: Observation): Move {
  const { state } = turn;
  switch (seen.kind) {
    case "logs":
      return noted(withState(turn, { verdict: verdictOfLine(turn, seen) ?? state.verdict }), seen);
    case "outputs":
      return collect(withOutputs(turn, seen.outputs));
    case "fault":
      return state.pending.kind === "collectOutputs" ? uncollected(turn, seen) : failed(turn, seen);
    case "snapshot":
      return shown(withState(turn, { marks: { ...state.marks, lookedAt: turn.now } }), seen.snapshot);
    case "age":
      return isAnothers(state, turn.now, seen) ? taken(turn) : unreadable(turn);
    case "absent":
      return readNow(turn);
    default:
      return goOn(turn);
  }
}

function goOn(turn: Turn): Move {
  const { state } = turn;
  if (state.pending.kind !== "readLogs") return ask(state, state.pending);
  // Long after its end was seen another group may have its name, which has a log, too.
  return isSeenLately(state, turn.now) ? readNow(turn) : ask(state, { kind: "look" });
}

function readNow({ state, now }: Turn): Move {
  return ask({ ...state, marks: { ...state.marks, logAskedAt: now } }, readNext(state.unread));
}

function shown(turn: Turn, snapshot: Snapshot): Move {
  const { plan, state } = turn;
  if (whose(plan.identity, snapshot) !== "ours") return taken(turn);
  if (mayBeAnothers(turn, snapshot)) return ask(state, { kind: "readAge" });
  return state.unread.includes(plan.main) && isOfAnotherRun(plan, snapshot) ? kept(turn, plan.main, withoutEnd(state.logs[plan.main])) : readNow(turn);
}

// Another group has the name: the job's is gone, and what is in the folder by that name is not its own.
function taken(turn: Turn): Move {
  const gone = withState(turn, { files: undefined, marks: { ...turn.state.marks, ...goneNow(turn) } });
  return unreadable(mustCollectOutputs(gone) ? withoutOutputs(gone, "Another container group has its name") : gone);
}

function unreadable(turn: Turn): Move {
  const { state } = turn;
  return collect(withState(turn, { unread: [], tries: 0, logs: withoutEnds(state.logs, state.unread) }));
}

function failed(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  const { state, now } = turn;
  // However late it is: tries may have had to wait for their turn, or another process may have taken the job up long after.
  const isWorthATry = state.tries < LATE_TRIES && (seen.fault.retryAfterInMs ?? 0) <= LONGEST_LOG_WAIT_IN_MS;
  const isLate = now >= logDeadline(state) && !isWorthATry;
  if (seen.fault.kind !== "absent" && seen.fault.isRetryable && !isLate) return askAgain(turn, seen, state.pending);
  return told(faultEvent(turn, seen), without(turn));
}

// What is done without what was asked for.
function without(turn: Turn): Move {
  const { pending, unread, logs } = turn.state;
  if (pending.kind === "look") return readNow(turn);
  const name = unread[0] as string;
  return pending.kind === "readLogs" ? kept(turn, name, withoutEnd(logs[name])) : unreadable(turn);
}

function uncollected(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  if (isToCollectAgain(turn, seen)) return askAgain(turn, seen, turn.state.pending);
  return told(faultEvent(turn, seen), collect(withoutOutputs(turn, seen.error.text)));
}

function told(event: Move["events"][number], move: Move): Move {
  return { ...move, events: [event, ...move.events] };
}

function noted(turn: Turn, { containerName, note, isEmpty }: Observation & { kind: "logs" }): Move {
  const { plan, state, now } = turn;
  const isSureAt = (state.marks.endedAt as number) + EMPTY_UNTIL_IN_MS;
  if (!isEmpty || containerName !== plan.main || exitCodeOf(turn) === undefined) return kept(turn, containerName, note);
  // What counts is when it was asked for: the answer may have been long on its way.
  const askedAt = Math.max(state.marks.logAskedAt ?? 0, state.marks.endedAt as number);
  if (askedAt >= isSureAt) return kept(turn, containerName, note.tail === "" ? note : withoutEnd(note));
  return askLater(withState(turn, { tries: state.tries + 1 }), state.tries === 0 ? EMPTY_AGAIN_IN_MS : Math.max(0, isSureAt - now), readNext(state.unread));
}

function kept(turn: Turn, containerName: string, note: LogNote): Move {
  const { state } = turn;
  const unread = state.unread.filter((name) => name !== containerName);
  const next = withState(turn, { unread, tries: 0, logs: { ...state.logs, [containerName]: note } });
  return unread.length === 0 ? collect(next) : ask(next.state, readNext(unread));
}
