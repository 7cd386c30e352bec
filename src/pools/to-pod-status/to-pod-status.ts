import type { Snapshot } from "../../container-group.js";
import type { JobOutcome, JobResult } from "../../job-result.js";
import { containerStatusOf, hasEnded } from "./container-status.js";
import type { PodCondition, PodContainerStatus, PodStatus } from "./pod-status.js";

type Phase = PodStatus["phase"];

const PHASES: Readonly<Record<string, Phase>> = { Running: "Running", Succeeded: "Succeeded", Failed: "Failed", Canceled: "Failed", Creating: "Pending", Repairing: "Pending", Pending: "Pending", Accepted: "Pending" };
const OUTCOMES: Readonly<Record<JobOutcome, Phase>> = { succeeded: "Succeeded", failed: "Failed", timedOut: "Failed", canceled: "Failed", neverStarted: "Failed", lost: "Unknown", notRun: "Unknown" };

/**
 * The status of a pod in the words of Kubernetes, for a group as it is now or for a job that is over.
 *
 * @remarks
 * As Virtual Kubelet makes it: the phase is the group's provisioning state until that has succeeded, and the state of its
 * instances after that; words that are not known are `Unknown`. Unlike there, exit codes are the service's, and a pod that has
 * ended is not ready. A result does not say which of its containers were init containers, nor their images.
 *
 * @param state - A snapshot, of `client.get` for instance, or the result of a job.
 *
 * @example
 * ```ts
 * const { phase, containerStatuses } = toPodStatus(await client.get("web"));
 * ```
 * @public
 */
export function toPodStatus(state: Snapshot | JobResult): PodStatus {
  return isResult(state) ? ofResult(state) : ofSnapshot(state);
}

// A field that is undefined was not given.
function isResult(state: Snapshot | JobResult): state is JobResult {
  return (state as Partial<JobResult>).outcome !== undefined;
}

function ofSnapshot({ provisioningState, state, containers, initContainers, ip }: Snapshot): PodStatus {
  const word = provisioningState === "Succeeded" ? (state ?? "") : provisioningState;
  const phase = (Object.hasOwn(PHASES, word) ? PHASES[word] : undefined) ?? "Unknown";
  const isInitialized = phase !== "Pending" || containers.some(({ currentState }) => currentState?.state === "Running" || hasEnded(currentState));
  return {
    phase,
    ...(phase === "Unknown" && word !== "" && { reason: word }),
    ...(ip !== undefined && { podIP: ip, podIPs: [{ ip }] }),
    ...wholeOf(phase, containers.map(containerStatusOf), { isScheduled: !["Pending", "Accepted"].includes(provisioningState), isInitialized }),
    ...(initContainers.length > 0 && { initContainerStatuses: initContainers.map(containerStatusOf) }),
  };
}

function ofResult(result: JobResult): PodStatus {
  const phase = OUTCOMES[result.outcome];
  const containers = Object.entries(result.containers).map(([containerName, { state, exitCode, reason, startedAt, finishedAt, restartCount }]) =>
    containerStatusOf({ containerName, image: "", restartCount, currentState: { state, exitCode, detail: reason, startedAt, finishedAt } }),
  );
  const fault = result.outcome === "succeeded" ? {} : { reason: result.outcome === "timedOut" ? "DeadlineExceeded" : result.error.code, message: result.error.text };
  const hasRun = !["neverStarted", "notRun"].includes(result.outcome);
  return { phase, ...fault, ...wholeOf(phase, containers, { isScheduled: hasRun, isInitialized: hasRun }) };
}

function wholeOf(phase: Phase, containerStatuses: readonly PodContainerStatus[], { isScheduled, isInitialized }: { readonly isScheduled: boolean; readonly isInitialized: boolean }): Pick<PodStatus, "conditions" | "containerStatuses" | "startTime"> {
  const isReady = phase === "Running" && containerStatuses.length > 0 && containerStatuses.every(({ ready }) => ready);
  const unready = phase === "Succeeded" ? "PodCompleted" : "ContainersNotReady";
  const [first] = containerStatuses.flatMap(({ state }) => state.running?.startedAt ?? state.terminated?.startedAt ?? []).sort();
  return {
    ...(first !== undefined && { startTime: first }),
    conditions: [condition("PodScheduled", isScheduled), condition("Initialized", isInitialized), condition("ContainersReady", isReady, unready), condition("Ready", isReady, unready)],
    containerStatuses,
  };
}

function condition(type: PodCondition["type"], is: boolean, reason?: string): PodCondition {
  return { type, status: is ? "True" : "False", ...(!is && reason !== undefined && { reason }) };
}
