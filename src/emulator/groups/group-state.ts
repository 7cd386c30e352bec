import type { StateView } from "./containers/container-state.js";

/**
 * The state word of a group's instance view.
 *
 * @public
 */
export type GroupState = "Pending" | "Running" | "Stopped" | "Succeeded" | "Failed";

/** What the group's state is, from those of its main containers. A container that backs off counts as running. */
export function groupState(
  group: { readonly isStopped: boolean; readonly hasFailed: boolean },
  containers: readonly { readonly current?: StateView; readonly previous?: StateView }[],
): GroupState {
  if (group.isStopped) return "Stopped";
  const current = containers.map((container) => container.current?.state);
  if (current.length > 0 && current.every((state) => state === "Terminated")) {
    return containers.every((container) => container.current?.exitCode === 0) ? "Succeeded" : "Failed";
  }
  const isUp = current.includes("Running") || containers.some((container) => container.previous !== undefined || container.current?.state === "Terminated");
  if (isUp) return "Running";
  return group.hasFailed ? "Failed" : "Pending";
}
