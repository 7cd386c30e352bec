import type { ContainerSnapshot, Snapshot } from "../../../container-group.js";
import { TAGS, tagOf, whose } from "../../../lifecycle/identity.js";
import { deadlineOf, heartbeatDeadline, runOver, showsRunOver, startDeadline } from "../deadlines.js";
import { end, withoutEnd } from "./end.js";
import { ask, askAgain, askLater, faultEvent, isWorthATry, markLate, tell, timeOf, waitOf, withState, type Turn } from "../moves.js";
import type { JobFault } from "../../../job-result.js";
import type { LogNote, MachineState, Marks, Move, Observation, Verdict } from "../state.js";
import { isEndedByLine, verdictOfLine } from "../outcome/line.js";
import { explainStart, failedStart, hasRunUntold, isStarted, mainOf, mayBeBegunAnew, verdictOf } from "../outcome/verdict.js";
import { pulledSince, pulling } from "../outcome/pulls.js";
import { withKnown } from "../outcome/known.js";
import { oldNews, tells, untold, type OldNews } from "../outcome/old-news.js";
import { goesOnIfBegunAnew } from "../outcome/retry.js";
import { looked, nextLook } from "../watch.js";
import { disappeared, isListed, UNSEEN, watchAbsent, watchListed } from "./absence.js";

// How long a group that says it has failed may still come to life.
const FAILED_GRACE_IN_MS = 30_000;

// After a look that showed what is older, however late it is; each such pause is twice as long as the one before.
const STALE_PAUSE_IN_MS = 1000;
const LONGEST_STALE_PAUSE_IN_MS = 5000;
// A main container without a state that is known is judged by no fewer looks in a row than these, over this time.
const UNTOLD_LOOKS = 3;
const UNTOLD_FOR_IN_MS = 30_000;
const UNTOLD_PAUSE_IN_MS = 5000;
const ABSENCE_GRACE_IN_MS = 60_000;
const FIRST_LOG_AFTER_IN_MS = 60_000;
const LONG_LOG_IN_BYTES = 8 * 1024;
const LONG_LOG_EVERY_IN_MS = 15_000;

// The group was accepted, and its main container is watched from waiting to its end. Phases `provisioning` and `running`
// differ in their pace and their deadline only.
export function provisioning(turn: Turn, seen: Observation): Move {
  const { state } = turn;
  switch (seen.kind) {
    case "snapshot":
      // A group that is not the job's has its name by now.
      return whose(turn.plan.identity, seen.snapshot) === "ours" ? watchSnapshot(turn, seen.snapshot) : disappeared(turn);
    case "absent":
      return canceled(turn) ?? watchAbsent(turn);
    case "listed":
      return listed(turn, seen);
    case "age":
      return nextLook(aged(turn, seen));
    case "operation":
      return end(turn, failedStart(state, seen.body));
    case "logs":
      return read(turn, seen);
    case "fault":
      return failed(turn, seen);
    default:
      return resumed(turn, seen);
  }
}

// However late it is: what has become of it meanwhile is to be seen. Once the files of an attempt that is gone are removed, the
// list says again what has followed it.
function resumed(turn: Turn, seen: Observation): Move {
  if (seen.kind === "filesRemoved") return ask(turn.state, { kind: "list" });
  return stopped(turn) ?? ask({ ...turn.state, marks: { ...turn.state.marks, lookAskedAt: turn.now } }, turn.state.pending);
}

// What was canceled and was not seen to start may have done so since it was last looked at, and then it has a log.
function stopped(turn: Turn): Move | undefined {
  const { cancel, marks, misses, stale } = turn.state;
  const mayHaveStarted = cancel !== undefined && marks.startedAt === undefined && misses === 0 && stale === undefined;
  return mayHaveStarted ? ask(turn.state, { kind: "look" }) : canceled(turn);
}

function failed(turn: Turn, seen: Observation & { kind: "fault" }): Move {
  const { pending } = turn.state;
  if (pending.kind === "readLogs") return nextLook(turn);
  // Files that stay cost next to nothing.
  if (pending.kind === "removeFiles") return ask(turn.state, { kind: "list" }, faultEvent(turn, seen));
  if (pending.kind === "readAge") return nextLook(aged(turn, {}));
  // The operation's address may have expired; the group itself says enough.
  if (pending.kind === "readOperation") return end(turn, failedStart(turn.state, undefined));
  const late = markLate(turn, turn.now >= deadlineOf(turn.plan, turn.state));
  return (isWorthATry(late, seen) ? canceled(unread(late)) : overdue(late, seen.error.text, waitOf(seen))) ?? askAgain(late, seen, pending);
}

// Where it cannot be seen whether it has started, nobody knows of a log either.
function unread(turn: Turn): Turn {
  const { plan, state } = turn;
  return state.marks.startedAt === undefined ? withState(turn, { logs: { [plan.main]: withoutEnd(undefined), ...state.logs } }) : turn;
}

// What a list has and looks do not find is not looked for beyond its deadline either.
function listed(turn: Turn, { groups }: Observation & { kind: "listed" }): Move {
  const found = withState(turn, { missingSince: undefined });
  return (isListed(turn.state, groups) ? overdue(found, UNSEEN) : undefined) ?? watchListed(turn, groups);
}

// Judges what a look at the group showed.
export function watchSnapshot(turn: Turn, snapshot: Snapshot): Move {
  const main = mainOf(turn.plan, snapshot);
  const old = oldNews(turn, snapshot, main);
  const isStale = old !== undefined;
  const seen = withState(looked(turn), {
    stale: old?.stale,
    ...(isStale ? {} : { snapshot: withKnown(turn.state.snapshot, snapshot), untold: untold(turn, main) }),
    cancel: turn.state.cancel ?? cancelTag(snapshot),
    tries: 0,
    misses: 0,
    missingSince: undefined,
    marks: { ...turn.state.marks, ...(isStale ? {} : { ...noted(turn, main), ...pulling(turn, snapshot) }), lookedAt: turn.now, failedAt: failedAt(turn, snapshot) },
  });
  const move = old === undefined ? judge(seen, snapshot, main) : lookPast(seen, old);
  const told = tell(turn, { type: "jobObserved", provisioningState: snapshot.provisioningState, state: snapshot.state ?? "unknown" });
  const restarts = isStale ? [] : restartOf(turn, main);
  return { ...move, events: [told, ...restarts, ...move.events] };
}

// After old news a newer look is wanted.
function lookPast(turn: Turn, { stale, isOver }: OldNews): Move {
  return isOver ? end(turn, outOfTime(turn)) : nextLook(turn, Math.min(STALE_PAUSE_IN_MS * 2 ** (stale.looks - 1), LONGEST_STALE_PAUSE_IN_MS));
}

// What is to be remembered of a look that is no old news.
function noted({ now }: Turn, main: ContainerSnapshot | undefined): Partial<Marks> {
  // A state that says nothing is no proof that it waits.
  if (!tells(main)) return {};
  return { lateAt: undefined, ...(isStarted(main) ? {} : { waitingAt: now }) };
}

// Tells of a run that began anew since the last look.
function restartOf(turn: Turn, main: ContainerSnapshot | undefined): Move["events"] {
  const before = mainOf(turn.plan, turn.state.snapshot);
  if (main === undefined || main.restartCount <= (before?.restartCount ?? 0)) return [];
  return [tell(turn, { type: "jobRestarted", exitCode: main.previousState?.exitCode })];
}

function judge(before: Turn, snapshot: Snapshot, main: ContainerSnapshot | undefined): Move {
  const verdict: Verdict | undefined = verdictOf(before.plan, snapshot, main);
  const turn = withState(before, { killed: killedBy(before, snapshot, verdict) });
  const { killed } = turn.state;
  if (verdict !== undefined && killed === undefined) return end(turn, asTold(turn, verdict));
  // One that has ended by now does not end the job, but runs no longer than that may.
  if (isStarted(main)) {
    const running = started(turn, main);
    return overdue(running) ?? watchRunning(running, main);
  }
  return (isDue(turn) && isUntold(turn) ? askLater(turn, UNTOLD_PAUSE_IN_MS, { kind: "look" }) : overdue(turn)) ?? watchStarting(turn, snapshot);
}

// The end of a container that may be begun anew, as long as nothing else is told. Whoever has canceled the job does not wait for it.
function killedBy(turn: Turn, snapshot: Snapshot, verdict: Verdict | undefined): MachineState["killed"] {
  const { plan, state, now } = turn;
  if (verdict === undefined) return state.untold === undefined ? undefined : state.killed;
  return state.cancel === undefined && mayBeBegunAnew(plan, snapshot) && goesOnIfBegunAnew(turn, verdict) ? { verdict, since: state.killed?.since ?? now } : undefined;
}

function watchStarting(turn: Turn, snapshot: Snapshot): Move {
  const { failedAt, startedAt } = turn.state.marks;
  const hasFailed = startedAt === undefined && failedAt !== undefined && (turn.state.marks.lookAskedAt ?? 0) - failedAt >= FAILED_GRACE_IN_MS;
  if (hasFailed && !isUntold(turn) && !hasRunUntold(turn.plan, snapshot)) return explain(turn);
  return isOfUnknownAge(turn.state) ? ask({ ...turn.state, isAgeAsked: true }, { kind: "readAge" }) : nextLook(turn);
}

// A group that was found has the time to start that is left of it, or it would have all of it whenever somebody takes it up.
function isOfUnknownAge({ marks, isAgeAsked }: MachineState): boolean {
  return marks.acceptedAt === undefined && marks.startedAt === undefined && isAgeAsked === undefined;
}

function aged(turn: Turn, { ageInMs }: Pick<Observation & { kind: "age" }, "ageInMs">): Turn {
  const { marks } = turn.state;
  return withState(turn, { marks: { ...marks, createAt: Math.min(marks.createAt as number, turn.now - (ageInMs ?? 0)), ...pulledSince(turn, ageInMs) } });
}

// Whether it is time for the container to have started.
function isDue({ plan, state, now }: Turn): boolean {
  return state.marks.startedAt === undefined && state.cancel === undefined && now >= startDeadline(plan, state);
}

// Whether the group has not told for too short a time to say that it does not tell: it may have run.
function isUntold({ state, now }: Turn): boolean {
  return state.untold !== undefined && (state.untold.looks < UNTOLD_LOOKS || now - state.untold.since < UNTOLD_FOR_IN_MS);
}

// Who has canceled what is lost has what was asked for. And what has run and does not start again is not what never started.
function asTold({ state }: Turn, verdict: Verdict): Verdict {
  const isStuck = state.marks.startedAt !== undefined && verdict.outcome === "neverStarted";
  if (!isStuck && verdict.outcome !== "lost") return verdict;
  if (state.cancel !== undefined) return { outcome: "canceled", reason: state.cancel.reason };
  if (!isStuck) return verdict;
  return { outcome: "lost", reason: `the platform began the container anew. ${(verdict.error as JobFault).text}`, cause: "platform" };
}

// Asks the operation why the group failed to start, where its address is known.
function explain(turn: Turn): Move {
  const { state } = turn;
  return state.operationUrl === undefined ? end(turn, failedStart(state, undefined)) : ask(state, { kind: "readOperation", url: state.operationUrl });
}

// While it runs its output is read at the pace of the looks, if somebody wants it at once; else now and then.
function watchRunning(turn: Turn, main: ContainerSnapshot): Move {
  const { plan, state } = turn;
  const told = state.phase === "running" ? [] : [tell(turn, { type: "jobStarted", startedAt: main.currentState?.startedAt })];
  const running = withState(turn, { phase: "running" });
  const move = plan.isStreaming || isEndedByLine(plan) || isLogDue(running) ? ask(running.state, { kind: "readLogs", containerName: plan.main }) : nextLook(running);
  return { ...move, events: [...told, ...move.events] };
}

// ACI keeps 16 KB of a container in a stopped group, and where the container ended by itself nobody has said. So what is long
// is read while it runs, with pauses that double until it is.
function isLogDue({ state, now }: Turn): boolean {
  return now >= (state.logDueAt ?? (state.marks.startedAt as number) + FIRST_LOG_AFTER_IN_MS);
}

// What was read while it runs. A line may be what the job was to do.
function read(turn: Turn, seen: Observation & { kind: "logs" }): Move {
  const verdict = verdictOfLine(turn, seen);
  const noted = logNoted(turn, seen.containerName, seen.note);
  return verdict === undefined ? nextLook(noted) : end(noted, verdict);
}

function logNoted(turn: Turn, containerName: string, note: LogNote): Turn {
  const { state, now } = turn;
  const isLong = Buffer.byteLength(note.tail) > LONG_LOG_IN_BYTES;
  const logDueAt = now + (isLong ? LONG_LOG_EVERY_IN_MS : now - (state.marks.startedAt as number));
  return withState(turn, { logDueAt, ...(note.tail !== "" && { logs: { ...state.logs, [containerName]: note } }) });
}

// It may have started before an answer that shows it waiting: that was on its way, or comes from a cache.
const ANSWERED_WITHIN_IN_MS = 30_000;

// Notes when the main container started: Azure's word for it, if that can be true. But of a group that was found nothing else is
// known, and a job that is taken up again and again must end, too.
function started(turn: Turn, main: ContainerSnapshot): Turn {
  const { marks } = turn.state;
  if (marks.startedAt !== undefined) return turn;
  const said = timeOf(turn, main.previousState?.startedAt ?? main.currentState?.startedAt);
  const earliest = Math.max(marks.waitingAt ?? 0, marks.acceptedAt ?? 0);
  const isPossible = said >= earliest - ANSWERED_WITHIN_IN_MS && said <= turn.now;
  const startedAt = isPossible ? Math.max(said, earliest) : turn.now;
  return withState(turn, { looks: 0, marks: { ...marks, startedAt } });
}

// Ends what was canceled or ran out of time. Why it cannot be seen is told where that is so, and for how long it cannot.
function overdue(turn: Turn, unseen?: string, waitInMs = 0): Move | undefined {
  const { plan, state, now } = turn;
  if (state.cancel !== undefined) return canceled(turn);
  const isMissed = unseen !== undefined && isMissing(state);
  const isOver = unseen === undefined ? showsRunOver(plan, state, now) : now >= runOver(plan, state);
  if (isOver && !isMissed) return end(turn, outOfTime(turn));
  const isLate = state.marks.startedAt === undefined ? isStartOver(turn, waitInMs) : isOver;
  if (!isLate) return undefined;
  return end(turn, unseen === undefined ? explainStart(plan, state) : { outcome: "lost", reason: `the container group could not be looked for: ${unseen}` });
}

// Whether it is not found any more. How a container ended that was killed is known all the same.
function isMissing({ missingSince, killed }: MachineState): boolean {
  return missingSince !== undefined && killed === undefined;
}

// A group that was accepted and is not to be found is not one that does not start: whether it is gone comes first, if that can
// be seen in time.
function isStartOver({ plan, state, now }: Turn, waitInMs: number): boolean {
  const deadline = startDeadline(plan, state);
  const graceInMs = state.missingSince === undefined ? 0 : ABSENCE_GRACE_IN_MS;
  return now >= deadline && now + waitInMs >= deadline + graceInMs;
}

function outOfTime({ plan, state, now }: Turn): Verdict {
  if (state.killed !== undefined) return state.killed.verdict;
  if (now < heartbeatDeadline(plan, state)) return { outcome: "timedOut" };
  const text = `No sign of life came from the container for ${String(plan.limits.heartbeatTimeoutInMs)} ms`;
  return { outcome: "timedOut", error: { code: "ACI_JOB_TIMED_OUT", text } };
}

function canceled(turn: Turn): Move | undefined {
  const { cancel } = turn.state;
  return cancel && end(turn, { outcome: "canceled", reason: cancel.reason });
}

function failedAt({ state, now }: Turn, snapshot: Snapshot): number | undefined {
  return snapshot.provisioningState === "Failed" ? (state.marks.failedAt ?? now) : undefined;
}

// Whoever wants a job to be canceled marks its group.
export function cancelTag(snapshot: Snapshot): MachineState["cancel"] {
  const reason = tagOf(snapshot, TAGS.cancel);
  return reason === undefined ? undefined : { reason };
}
