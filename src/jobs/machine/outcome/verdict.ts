import type { ContainerEvent, ContainerSnapshot, Snapshot } from "../../../container-group.js";
import type { OperationBody } from "../../../gateway.js";
import type { AciErrorCode } from "../../../errors.js";
import type { JobFault } from "../../../job-result.js";
import { classifyFault, errorCodeOf } from "../../../lifecycle/faults/classify-fault.js";
import type { Plan } from "../plan.js";
import { withoutLine } from "./line.js";
import type { MachineState, Verdict } from "../state.js";

// So many failed pulls in a row are no passing trouble: the group is billed while it tries.
const PULL_TRIES = 3;
// Larger ones are of containers that a signal or the platform has ended.
const LARGEST_OWN_EXIT_CODE = 128;
// Exit codes of a container whose command could not be started, as of some whose command ended with them.
const FAILED_START_CODES: readonly number[] = [126, 127, 128];
// Exit codes of a container that the platform ended for maintenance.
const PLATFORM_EXIT_CODES: readonly number[] = [7147, 7148];

// How the job ended, if a snapshot says that it has. The containers' own states decide, the main one's or those of all; what
// the group says of its operations decides nothing.
export function verdictOf(plan: Plan, snapshot: Snapshot, main: ContainerSnapshot | undefined): Verdict | undefined {
  const end = plan.limits.doneWhen === "all" ? endOfAll(plan, snapshot) : main && endOfContainer(plan, main);
  if (end !== undefined) return withoutLine(plan, end);
  if (snapshot.state === "Stopped") return lost("the container group was stopped");
  if (isStarted(main)) return plan.limits.doneWhen === "all" ? besideIt(pullFailure(snapshot)) : undefined;
  return initFailure(snapshot) ?? pullFailure(snapshot);
}

// The main container of a job, as a look shows it.
export function mainOf({ main }: Pick<Plan, "main">, snapshot: Snapshot | undefined): ContainerSnapshot | undefined {
  return snapshot?.containers.find(({ containerName }) => containerName === main);
}

// All containers that a look shows, those first that run first.
export function allOf(snapshot: Snapshot | undefined): readonly ContainerSnapshot[] {
  return [...(snapshot?.initContainers ?? []), ...(snapshot?.containers ?? [])];
}

// The containers whose ends are the job's: its main one, or all.
export function decidingOf({ main, limits: { doneWhen } }: Pick<Plan, "main" | "limits">, { containers }: Snapshot): readonly ContainerSnapshot[] {
  return doneWhen === "all" ? containers : containers.filter(({ containerName }) => containerName === main);
}

// Whether a container is known to have run.
export function isStarted(container: ContainerSnapshot | undefined): container is ContainerSnapshot {
  return container?.currentState?.state === "Running" || container?.currentState?.state === "Terminated";
}

// How one container ended, if it has.
export function endOfContainer(plan: Plan, container: ContainerSnapshot): Verdict | undefined {
  if (isRestarted(plan, container)) return restarted(container);
  const { state, exitCode, detail } = container.currentState ?? {};
  return state === "Terminated" ? withFailedStart(endOf(exitCode, detail), container) : undefined;
}

// An exit code does not tell a command that is not there from one that has failed. The events do.
function withFailedStart(verdict: Verdict, { events }: ContainerSnapshot): Verdict {
  const failed = events.find(({ kind, text }) => kind === "Failed" && !/pull/iu.test(text));
  if (failed === undefined || !FAILED_START_CODES.includes(verdict.exitCode ?? 0)) return verdict;
  return { ...verdict, error: { code: "ACI_JOB_FAILED", text: `The container could not be started (exit code ${String(verdict.exitCode)}): ${failed.text}` } };
}

// How a job ended that has when all of its containers have: as its main one did, unless that did well and another did not. The
// exit code is always the main one's.
function endOfAll(plan: Plan, { containers }: Snapshot): Verdict | undefined {
  const ends = containers.map((container) => ({ ...container, end: endOfContainer(plan, container) }));
  const main = ends.find(({ containerName }) => containerName === plan.main)?.end;
  if (ends.some(({ end }) => end === undefined)) return undefined;
  if (main?.outcome !== "succeeded") return main;
  const other = ends.find(({ end }) => end?.outcome !== "succeeded");
  return other?.end === undefined ? main : { ...other.end, exitCode: main.exitCode, reason: main.reason, error: faultOfOther(other.containerName, other.end) };
}

function faultOfOther(containerName: string, { outcome, exitCode, reason }: Verdict): JobFault {
  const what = `Container "${containerName}"`;
  return outcome === "lost" ? { code: "ACI_JOB_LOST", text: `${what} was lost: ${String(reason)}` } : { code: "ACI_JOB_FAILED", text: `${what} ended with exit code ${String(exitCode)}` };
}

// What keeps another container from starting while the main one has: the job has run, and has failed.
function besideIt(failure: Verdict | undefined): Verdict | undefined {
  return failure?.error && { outcome: "failed", error: { ...failure.error, code: "ACI_JOB_FAILED" } };
}

// True if the platform has begun the container anew, though the group restarts nothing by its policy, and only its first
// run is the job's.
export function isRestarted({ limits }: Plan, { restartCount }: ContainerSnapshot): boolean {
  return restartCount > 0 && limits.onRestart !== "continue";
}

// Whether a look shows a run of the main container that is not the job's.
export function isOfAnotherRun(plan: Plan, snapshot: Snapshot | undefined): boolean {
  const main = mainOf(plan, snapshot);
  return main !== undefined && isRestarted(plan, main);
}

// Whether a container that decides was killed or ended without a word: the platform may be about to begin it anew.
export function mayBeBegunAnew(plan: Plan, snapshot: Snapshot): boolean {
  return decidingOf(plan, snapshot).some(({ currentState }) => currentState?.state === "Terminated" && (currentState.exitCode ?? Infinity) > LARGEST_OWN_EXIT_CODE);
}

// The run before was the job's. What is known of its end is the truth.
function restarted({ previousState }: ContainerSnapshot): Verdict {
  const verdict = previousState?.exitCode === undefined ? lost("the platform restarted the container") : endOf(previousState.exitCode, previousState.detail);
  return verdict.outcome === "succeeded" ? verdict : { ...verdict, cause: "platform" };
}

function endOf(exitCode: number | undefined, detail: string | undefined): Verdict {
  if (exitCode === undefined) return lost(detail === undefined || detail === "" ? "the container ended without an exit code" : detail);
  if (exitCode === 0) return { outcome: "succeeded", exitCode, reason: detail };
  if (PLATFORM_EXIT_CODES.includes(exitCode)) return { ...lost(`the platform ended the container (exit code ${exitCode})`), exitCode, cause: "platform" };
  return { outcome: "failed", exitCode, reason: detail };
}

function lost(reason: string): Verdict {
  return { outcome: "lost", reason };
}

// With the policy `Never` a failed init container is the end: the others never start.
function initFailure(snapshot: Snapshot): Verdict | undefined {
  for (const { containerName, currentState } of snapshot.initContainers) {
    if (currentState?.state !== "Terminated" || currentState.exitCode === 0 || currentState.exitCode === undefined) continue;
    const text = `Init container "${containerName}" ended with exit code ${currentState.exitCode}`;
    return { outcome: "failed", reason: "init container failed", error: { code: "ACI_JOB_FAILED", text } };
  }
  return undefined;
}

function pullFailure(snapshot: Snapshot): Verdict | undefined {
  for (const container of allOf(snapshot)) {
    const { containerName, events } = container;
    const backOff = events.find(({ kind, text }) => kind === "BackOff" && /pulling image/iu.test(text));
    if (backOff === undefined || backOff.count < PULL_TRIES || isPulled(container, backOff)) continue;
    const why = events.find(({ kind, text }) => kind === "Failed" && /pull/iu.test(text))?.text ?? backOff.text;
    return { outcome: "neverStarted", error: { code: "ACI_JOB_NOT_STARTED", text: `The image of container "${containerName}" could not be pulled: ${why}` } };
  }
  return undefined;
}

// Events stay: what failed at first may have been pulled since. They tell whole seconds, in which a pull is what came last.
function isPulled({ currentState, events }: ContainerSnapshot, { lastAt }: ContainerEvent): boolean {
  if (["Running", "Terminated"].includes(String(currentState?.state))) return true;
  return events.some((event) => event.kind === "Pulled" && Date.parse(event.lastAt) >= Date.parse(lastAt));
}

// Why the group failed before its main container ran, which a snapshot has shown: what the operation says, else the latest trouble among its events.
export function failedStart(state: MachineState, operation: OperationBody | undefined): Verdict {
  const event = operation?.events.find(({ kind }) => !/^(pull|start|creat|kill)/iu.test(kind)) ?? trouble(state.snapshot as Snapshot);
  const serviceText = operation?.errorText ?? event?.text;
  const text = `Azure could not start the container group: ${serviceText ?? "it gave no reason"}`;
  return { outcome: "neverStarted", error: { code: startCode(event?.kind, serviceText), text, serviceCode: event?.kind } };
}

function startCode(serviceCode: string | undefined, serviceText: string | undefined): AciErrorCode {
  const { kind } = classifyFault({ statusCode: 409, serviceCode, serviceText });
  return kind === "capacity" || kind === "quota" ? errorCodeOf(kind) : "ACI_JOB_NOT_STARTED";
}

// The start deadline is over, and a look has just not shown that it has started: says what it was waiting for.
export function explainStart(plan: Plan, state: MachineState): Verdict {
  const snapshot = state.snapshot as Snapshot;
  if (hasRunUntold(plan, snapshot)) return lost(`the container group says ${String(snapshot.state)}, and its container does not tell ${snapshot.state === "Running" ? "whether it runs" : "how it ended"}`);
  const { startTimeoutInMs, pullTimeoutInMs } = plan.limits;
  const isLatePull = pullTimeoutInMs !== undefined && state.marks.pullingAt !== undefined;
  const what = isLatePull ? `The images were not pulled within ${pullTimeoutInMs} ms` : `The container did not start within ${startTimeoutInMs} ms`;
  const text = `${what}: ${waitedFor(plan, snapshot)}`;
  return { outcome: "neverStarted", error: { code: "ACI_JOB_NOT_STARTED", text } };
}

// A group that says that it runs, or has ended, may have run whatever its main container leaves out. One that could not be made
// says that it has failed, too.
export function hasRunUntold(plan: Plan, snapshot: Snapshot): boolean {
  const { provisioningState, state } = snapshot;
  const saysSo = state === "Running" || state === "Succeeded" || (state === "Failed" && provisioningState !== "Failed");
  return saysSo && mainOf(plan, snapshot)?.currentState?.state !== "Waiting";
}

function waitedFor(plan: Plan, snapshot: Snapshot): string {
  const main = mainOf(plan, snapshot);
  const words = [trouble(snapshot)?.text, main?.events.at(-1)?.text, main?.currentState?.detail, main?.currentState?.state, snapshot.provisioningState];
  return String(words.find((word) => word !== undefined && word !== ""));
}

function trouble(snapshot: Snapshot): ContainerEvent | undefined {
  const events = [...snapshot.events, ...snapshot.containers.flatMap((container) => container.events)];
  return events.findLast(({ kind, type }) => type === "Warning" || /fail|backoff|insufficient/iu.test(kind));
}
