import type { ContainerSnapshot, Snapshot } from "../../../container-group.js";
import type { AciErrorCode } from "../../../errors.js";
import type { CostEstimate, FailedJob, JobAttempt, JobContainer, JobEvent, JobFault, JobResult, JobTimings } from "../../../job-result.js";
import { estimateCost } from "./cost.js";
import { timeOf, type Turn } from "../moves.js";
import type { LogNote, MachineState, Verdict } from "../state.js";
import { allOf, endOfContainer, mainOf } from "./verdict.js";

const CODES: Readonly<Record<FailedJob["outcome"], AciErrorCode>> = {
  failed: "ACI_JOB_FAILED",
  timedOut: "ACI_JOB_TIMED_OUT",
  canceled: "ACI_JOB_CANCELED",
  neverStarted: "ACI_JOB_NOT_STARTED",
  lost: "ACI_JOB_LOST",
  notRun: "ACI_JOB_NOT_STARTED",
};

/** A job, and the time by both clocks. */
export type Moment = Pick<Turn, "state" | "now" | "behindInMs">;

// Puts together what is known of a job. Called when its end is known, which is when there is a verdict, and again when
// its group is gone.
export function buildResult(turn: Turn, cleanup: "done" | "pending" | "kept"): JobResult {
  const { plan, state, now } = turn;
  const verdict = state.verdict as Verdict;
  const { snapshot } = state;
  const log = state.logs[plan.main];
  const facts = {
    key: plan.key,
    groupName: state.groupName,
    attempt: state.attempt,
    location: state.location,
    earlierAttempts: state.earlier ?? [],
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...logOf(log),
    containers: containersOf(state),
    events: eventsOf(snapshot),
    outputs: state.outputs ?? {},
    timings: { ...timingsOf(turn), totalInMs: Math.max(0, now - (state.marks.begunAt ?? state.marks.intendedAt)) },
    requests: state.requests,
    cost: costOf(turn),
    cleanup,
    ...(snapshot === undefined ? {} : { resourceId: snapshot.id }),
  } as const;
  const exitCode = exitCodeOf(turn);
  // Without one a line of a log has ended it.
  if (verdict.outcome === "succeeded") return { outcome: "succeeded", ...(exitCode === undefined ? {} : { exitCode: 0 }), ...facts };
  return { outcome: verdict.outcome, ...(exitCode === undefined ? {} : { exitCode }), ...facts, error: verdict.error ?? faultOf(verdict.outcome, verdict, plan.limits.runTimeoutInMs) };
}

// With the attempts before this one, of which somebody else knew: a result that was built without them tells of them, too.
export function withEarlier(moment: Moment, earlier: readonly JobAttempt[]): MachineState {
  const { result } = moment.state;
  const state = { ...moment.state, earlier };
  return result === undefined ? state : { ...state, result: { ...result, earlierAttempts: earlier, cost: costOf({ ...moment, state }) } };
}

// The main container may have ended long before a job that waits for all of them. What was kept first stays, whatever is seen since.
export function exitCodeOf({ plan, state: { verdict, snapshot, result } }: Turn): number | undefined {
  if (result !== undefined) return result.exitCode;
  const main = mainOf(plan, snapshot);
  return verdict?.exitCode ?? (plan.limits.doneWhen === "all" && main !== undefined ? endOfContainer(plan, main)?.exitCode : undefined);
}

// All groups of the job together.
function costOf(moment: Moment): CostEstimate {
  const { earlier = [] } = moment.state;
  const last = estimateCost(moment.state, moment);
  const amount = earlier.reduce((sum, { cost }) => sum + cost.amount, last.amount);
  return earlier.length === 0 ? last : { ...last, amount: Number(amount.toPrecision(3)) };
}

// Why a job did not succeed, in one sentence.
export function textOf(verdict: Verdict, runTimeoutInMs: number): string {
  return (verdict.error ?? faultOf(verdict.outcome as FailedJob["outcome"], verdict, runTimeoutInMs)).text;
}

function faultOf(outcome: FailedJob["outcome"], { exitCode, reason }: Verdict, runTimeoutInMs: number): JobFault {
  const texts: Readonly<Record<FailedJob["outcome"], string>> = {
    failed: `Job ended with exit code ${exitCode ?? "unknown"}`,
    timedOut: `Job timed out after ${runTimeoutInMs} ms`,
    canceled: `Job was canceled: ${reason ?? "no reason was given"}`,
    lost: `Job was lost: ${reason ?? "its end could not be observed"}`,
    neverStarted: "Job never started",
    notRun: "Job was not run",
  };
  return { code: CODES[outcome], text: texts[outcome] };
}

function containersOf(state: MachineState): Readonly<Record<string, JobContainer>> {
  return Object.fromEntries(allOf(state.snapshot).map((container) => [container.containerName, containerOf(container, state)]));
}

function containerOf({ containerName, currentState, restartCount }: ContainerSnapshot, { logs }: MachineState): JobContainer {
  const { exitCode, detail, startedAt, finishedAt } = currentState ?? {};
  return {
    state: currentState?.state ?? "unknown",
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(detail === undefined ? {} : { reason: detail }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    restartCount,
    ...logOf(logs[containerName]),
  };
}

function logOf(log: LogNote | undefined): Pick<JobContainer, "logs" | "isLogTruncated"> {
  return { logs: log?.tail ?? "", isLogTruncated: log?.isCut ?? log?.isTruncated ?? false };
}

function eventsOf(snapshot: Snapshot | undefined): readonly JobEvent[] {
  const ofContainers = allOf(snapshot).flatMap(({ containerName, events }) => events.map((event) => ({ ...event, containerName })));
  return [...(snapshot?.events ?? []), ...ofContainers].sort((a, b) => a.firstAt.localeCompare(b.firstAt));
}

// How long each part of an attempt took, by our clock.
export function timingsOf(turn: Turn): Omit<JobTimings, "totalInMs"> {
  const { plan, state: { marks, snapshot } } = turn;
  const main = mainOf(plan, snapshot);
  const [startedAt, finishedAt, pulledAt] = [main?.currentState?.startedAt, main?.currentState?.finishedAt, main?.events.find(({ kind }) => kind === "Pulling")?.firstAt].map((told) => known(timeOf(turn, told)));
  return {
    queuedInMs: between(marks.intendedAt, marks.acceptedAt),
    provisionedInMs: between(marks.acceptedAt, pulledAt ?? startedAt),
    pulledInMs: between(pulledAt, startedAt),
    ranInMs: between(startedAt, finishedAt),
    noticedInMs: between(finishedAt, marks.endedAt),
    collectedInMs: between(marks.endedAt, marks.deleteAt),
    deletedInMs: between(marks.deleteAt, marks.goneAt),
  };
}

function known(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : ms;
}

// Event times are whole seconds and clocks differ, so what would be negative took no time that could be seen.
function between(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from);
}
