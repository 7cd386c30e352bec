import type { RunEnd } from "../../engine.js";
import { noteEvent, type EventView } from "./event-list.js";

/** What `currentState` and `previousState` of a container say. */
export interface StateView {
  readonly state: "Waiting" | "Running" | "Terminated";
  readonly startTime?: string;
  readonly exitCode?: number;
  readonly finishTime?: string;
  readonly detailStatus: string;
}

/** Everything that a container's instance view shows. Changed only by the functions below, each of which answers a new one. */
export interface ContainerState {
  readonly current?: StateView;
  readonly previous?: StateView;
  readonly restartCount: number;
  readonly events: readonly EventView[];
}

/** A container that nothing has happened to; the events of an earlier deployment stay. */
export function fresh(events: readonly EventView[] = []): ContainerState {
  return { restartCount: 0, events };
}

/** Waits for its image, its init containers, or the end of a back-off. */
export function waiting(state: ContainerState, detailStatus: string): ContainerState {
  return { ...withPrevious(state), current: { state: "Waiting", detailStatus } };
}

/** Runs; `isRestart` when the restart policy started it again. */
export function running(state: ContainerState, startedAt: number, isRestart: boolean): ContainerState {
  const current: StateView = { state: "Running", startTime: stateTime(startedAt), detailStatus: "" };
  const moved = { ...withPrevious(state), current, restartCount: state.restartCount + (isRestart ? 1 : 0) };
  return note(moved, startedAt, "Started", "Started container");
}

/** Ended by itself, or was ended. */
export function terminated(state: ContainerState, runId: string, startedAt: number, end: RunEnd, outOfMemory: "Error" | "OOMKilled" = "Error"): ContainerState {
  const finishedAt = Math.max(startedAt, end.finishedAt);
  const current: StateView = {
    state: "Terminated",
    startTime: stateTime(startedAt),
    exitCode: end.exitCode,
    finishTime: stateTime(finishedAt),
    detailStatus: end.exitCode === 0 ? "Completed" : end.isOutOfMemory ? outOfMemory : "Error",
  };
  const moved = { ...state, current };
  return end.startError === undefined ? note(moved, finishedAt, "Killing", `Killing container with id ${runId}.`) : moved;
}

/** The end that a state tells of; undefined while there is none. */
export function endOf({ current }: ContainerState): RunEnd | undefined {
  if (current?.state !== "Terminated" || current.finishTime === undefined) return undefined;
  return { exitCode: current.exitCode ?? 137, finishedAt: Date.parse(current.finishTime), isOutOfMemory: false };
}

/** Was running when a client stopped the group while it was being restarted. */
export function stoppedByClient(state: ContainerState, at: number): ContainerState {
  const current: StateView = { state: "Terminated", finishTime: stateTime(at), detailStatus: "Container stopped per client request" };
  return { ...state, ...(state.current === undefined ? {} : { previous: state.current }), current };
}

/** The same with one more event. */
export function note(state: ContainerState, at: number, name: string, message: string, type: EventView["type"] = "Normal"): ContainerState {
  return { ...state, events: noteEvent(state.events, at, name, message, type) };
}

// Only an end is remembered: a wait after a wait is still the same wait.
function withPrevious(state: ContainerState): ContainerState {
  return state.current?.state === "Terminated" ? { ...state, previous: state.current } : state;
}

// As the service writes it: milliseconds without zeros at their end.
function stateTime(at: number): string {
  return new Date(at).toISOString().replace(/\.?0+Z$/, "Z");
}
