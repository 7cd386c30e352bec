import type { ContainerSnapshot, Snapshot } from "../../container-group.js";

/**
 * What a look tells of a server. `dead` is what no restart policy brings back; of what has `failed` no container was ever begun,
 * and is not sure to be: one that was up may be moved at this moment.
 */
export type Standing = { readonly kind: "starting" } | { readonly kind: "up" } | { readonly kind: "dead" | "failed"; readonly because: string };

// Whether a group serves, as far as Azure tells. That its program answers is another question. The provisioning state is that of
// the last operation: a group may be Failed, Unhealthy, Repairing or Updating, and its containers run.
export function judgeServer(snapshot: Snapshot, isReachable: boolean): Standing {
  const { provisioningState, state, containers, ip } = snapshot;
  if (state === "Stopped") return { kind: "dead", because: "it is stopped" };
  const isRunning = containers.length > 0 && containers.every(({ currentState }) => currentState?.state === "Running");
  if (isRunning && (!isReachable || ip !== undefined)) return { kind: "up" };
  if (provisioningState === "Failed" && !containers.some(hasRun)) return { kind: "failed", because: `its provisioning failed: ${eventOf(snapshot)}` };
  if (state === "Succeeded" || state === "Failed") return { kind: "dead", because: `its containers have ended: ${state}` };
  return { kind: "starting" };
}

function hasRun({ currentState, previousState, restartCount }: ContainerSnapshot): boolean {
  return restartCount > 0 || previousState !== undefined || currentState?.startedAt !== undefined;
}

// The last that went wrong, in the service's words.
function eventOf({ events, containers }: Snapshot): string {
  const all = [...events, ...containers.flatMap((container) => container.events)];
  return all.findLast(({ type }) => type === "Warning")?.text ?? "Azure gives no reason";
}
