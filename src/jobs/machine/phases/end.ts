import { ask, goneNow, tell, withState, type Turn } from "../moves.js";
import { buildResult } from "../outcome/result.js";
import { isLineSought } from "../outcome/line.js";
import { nextAttempt } from "../outcome/retry.js";
import { collectOutputs, mustCollectOutputs } from "../files.js";
import type { LogNote, MachineState, Move, Request, Verdict } from "../state.js";
import { tells } from "../outcome/old-news.js";
import { allOf, isOfAnotherRun } from "../outcome/verdict.js";

// The job has ended, or is to be ended: its logs come next, where there can be any. The first verdict stays.
export function end(turn: Turn, given: Verdict): Move {
  const verdict = turn.state.verdict ?? given;
  const ran = containersThatRan(turn);
  // The log of a run that is not the job's is not read.
  const hasAnotherRun = isOfAnotherRun(turn.plan, turn.state.snapshot);
  const unread = turn.state.marks.goneAt === undefined ? ran.filter((name) => name !== turn.plan.main || !hasAnotherRun) : [];
  const logs = withoutEnds(turn.state.logs, [...ran, ...containersThatHadRun(turn)].filter((name) => !unread.includes(name)));
  const ended = withState(turn, { phase: "ended", verdict, unread, logs, tries: 0, marks: { ...turn.state.marks, endedAt: turn.now } });
  const [first] = unread;
  if (first === undefined) return collect(ended, [tellEnd(ended)]);
  const told = isLineSought(ended) ? [] : [tellEnd(ended)];
  return ask(ended.state, { kind: "readLogs", containerName: first }, ...told, tell(turn, { type: "jobCollecting" }));
}

// Tells how the job ended, once there is a verdict that no log can change.
export function tellEnd(turn: Turn): Move["events"][number] {
  const { outcome, exitCode } = turn.state.verdict as Verdict;
  return tell(turn, { type: "jobEnded", outcome, exitCode });
}

// The result is known from here on, whatever becomes of the clean-up; or that another attempt follows.
export function collect(turn: Turn, told: Move["events"] = []): Move {
  const retry = nextAttempt(turn);
  if (retry !== undefined) return ask({ ...turn.state, phase: "collected", retry }, { kind: "save" }, ...told);
  if (mustCollectOutputs(turn)) return collectOutputs(turn, told);
  const collected = withState(turn, { phase: "collected", result: buildResult(turn, "pending") });
  return ask(collected.state, { kind: "save" }, ...told);
}

// No group was ever made, so there is nothing to read and nothing to delete.
export function finishUnstarted(turn: Turn, verdict: Verdict): Move {
  const marks = { ...turn.state.marks, endedAt: turn.now, ...goneNow(turn) };
  const told = tell(turn, { type: "jobEnded", outcome: verdict.outcome });
  return collect(withState(turn, { verdict: turn.state.verdict ?? verdict, marks }), [told]);
}

// What is known of a log whose end cannot be read.
export function withoutEnd(note: LogNote | undefined): LogNote {
  return note === undefined ? { tail: "", isTruncated: "unknown" } : { ...note, isTruncated: true, isEndMissing: true };
}

export function withoutEnds(logs: MachineState["logs"], names: readonly string[]): MachineState["logs"] {
  return { ...logs, ...Object.fromEntries(names.map((name) => [name, withoutEnd(logs[name])])) };
}

// The log to read next. There is one as long as the phase is `ended`.
export function readNext(unread: readonly string[]): Request {
  return { kind: "readLogs", containerName: unread[0] as string };
}

// Only a container that has a state has a log, or the main one where nothing else is told. It comes first: it matters most.
function containersThatRan(turn: Turn): readonly string[] {
  const { plan: { main }, state: { snapshot } } = turn;
  const ran = [...(snapshot?.containers ?? []), ...(snapshot?.initContainers ?? [])]
    .filter(({ currentState, restartCount }) => restartCount > 0 || currentState?.startedAt !== undefined || currentState?.state === "Terminated")
    .map(({ containerName }) => containerName);
  return ran.includes(main) || mayHaveLog(turn) ? [main, ...ran.filter((name) => name !== main)] : ran;
}

// Those that were seen to run before, though the last look need not show it. Where their group is stopped their logs are gone.
function containersThatHadRun({ plan: { main }, state: { marks, snapshot } }: Turn): readonly string[] {
  const had = allOf(snapshot).filter(({ previousState }) => previousState?.startedAt !== undefined).map(({ containerName }) => containerName);
  return marks.startedAt === undefined ? had : [main, ...had];
}

// Whether the main container was seen to run before, or does not tell while its group runs. A stopped group has no logs.
function mayHaveLog({ plan: { main }, state: { snapshot, marks } }: Turn): boolean {
  if (marks.startedAt !== undefined) return snapshot?.state !== "Stopped";
  return snapshot?.state === "Running" && snapshot.containers.some((container) => container.containerName === main && !tells(container));
}
