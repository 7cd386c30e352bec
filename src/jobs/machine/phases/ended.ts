import { collect, readNext } from "./end.js";
import { ask, askAgain, faultEvent, withState, type Turn } from "../moves.js";
import type { LogNote, Move, Observation } from "../state.js";

// How long after the end a log may still be on its way.
const LOGS_LATE_IN_MS = 30_000;
// An empty log of a container that has just ended is read once more after this.
const EMPTY_AGAIN_IN_MS = 1000;

const NO_LOG: LogNote = { tail: "", isTruncated: "unknown" };

// The final logs are read, one container after the other. Logs never fail a job.
export function ended(turn: Turn, seen: Observation): Move {
  const { state, now } = turn;
  const isLate = now >= (state.marks.endedAt as number) + LOGS_LATE_IN_MS;
  switch (seen.kind) {
    case "logs":
      return noted(turn, seen.containerName, seen.note);
    case "fault": {
      const isWorthTrying = seen.fault.kind === "absent" ? false : seen.fault.isRetryable && !isLate;
      if (isWorthTrying) return askAgain(turn, seen, state.pending);
      const move = kept(turn, state.unread[0] as string, NO_LOG);
      return { ...move, events: [faultEvent(turn, seen), ...move.events] };
    }
    default:
      return ask(state, readNext(state.unread));
  }
}

function noted(turn: Turn, containerName: string, note: LogNote): Move {
  const { state, now } = turn;
  const isFirstAndEmpty = note.tail === "" && state.logs[containerName] === undefined;
  if (!isFirstAndEmpty || state.verdict?.exitCode === undefined) return kept(turn, containerName, note);
  const until = now + EMPTY_AGAIN_IN_MS;
  const next = { ...state, logs: { ...state.logs, [containerName]: note }, pending: readNext(state.unread), wakeAt: until };
  return { state: next, next: { kind: "wait", until }, events: [] };
}

function kept(turn: Turn, containerName: string, note: LogNote): Move {
  const { state } = turn;
  const unread = state.unread.filter((name) => name !== containerName);
  const next = withState(turn, { unread, tries: 0, logs: { ...state.logs, [containerName]: note } });
  return unread.length === 0 ? collect(next) : ask(next.state, readNext(unread));
}
