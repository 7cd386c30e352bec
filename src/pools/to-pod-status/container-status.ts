import type { ContainerSnapshot, ContainerState } from "../../container-group.js";
import type { PodContainerState, PodContainerStatus } from "./pod-status.js";

// Words of ACI for a container that has ended; those but the first are of Windows.
const ENDED = ["Terminated", "Succeeded", "Failed", "Canceled"];

export function containerStatusOf({ containerName, image, restartCount, currentState, previousState }: Pick<ContainerSnapshot, "containerName" | "image" | "restartCount" | "currentState" | "previousState">): PodContainerStatus {
  const isRunning = currentState?.state === "Running";
  return {
    name: containerName,
    image,
    imageID: "",
    ready: isRunning,
    started: isRunning,
    restartCount,
    state: currentState === undefined ? { waiting: { reason: "ContainerCreating" } } : stateOf(currentState),
    lastState: previousState === undefined ? {} : stateOf(previousState),
  };
}

export function hasEnded(state: ContainerState | undefined): boolean {
  return state !== undefined && ENDED.includes(state.state);
}

function stateOf(state: ContainerState): PodContainerState {
  const { startedAt, finishedAt, detail = "" } = state;
  if (state.state === "Running") return { running: given({ startedAt }) };
  // `CrashLoopBackOff: Back-off restarting failed` has a reason and a message; a sentence is a message.
  const [, word, rest] = /^(\w+)(?:: *(.*))?$/su.exec(detail) ?? [];
  const message = word === undefined && detail !== "" ? detail : rest;
  if (!hasEnded(state)) return { waiting: given({ reason: word ?? (state.state === "Waiting" ? "ContainerCreating" : state.state), message }) };
  return { terminated: { exitCode: exitCodeOf(state, word), ...given({ reason: word ?? wordFor(state.state), message, startedAt, finishedAt }) } };
}

function exitCodeOf({ state, exitCode }: ContainerState, word: string | undefined): number {
  return exitCode ?? (state === "Succeeded" || word === "Completed" ? 0 : -1);
}

function wordFor(state: string): string | undefined {
  if (state === "Terminated") return undefined;
  return state === "Succeeded" ? "Completed" : state;
}

// Without what is undefined.
function given<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== undefined)) as T;
}
