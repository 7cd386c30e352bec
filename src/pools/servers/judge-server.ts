import type { Snapshot } from "../../container-group.js";

/** What a look tells of a server. `dead` is what no restart policy brings back. */
export type Standing = { readonly kind: "starting" } | { readonly kind: "up" } | { readonly kind: "dead"; readonly because: string };

// Whether a group serves, as far as Azure tells. That its program answers is another question.
export function judgeServer(snapshot: Snapshot, isReachable: boolean): Standing {
  const { provisioningState, state, containers, ip } = snapshot;
  if (provisioningState === "Failed") return { kind: "dead", because: `its provisioning failed: ${eventOf(snapshot)}` };
  if (state === "Stopped") return { kind: "dead", because: "it is stopped" };
  if (state === "Succeeded" || state === "Failed") return { kind: "dead", because: `its containers have ended: ${state}` };
  const isRunning = containers.length > 0 && containers.every(({ currentState }) => currentState?.state === "Running");
  return provisioningState === "Succeeded" && isRunning && (!isReachable || ip !== undefined) ? { kind: "up" } : { kind: "starting" };
}

// The last that went wrong, in the service's words.
function eventOf({ events, containers }: Snapshot): string {
  const all = [...events, ...containers.flatMap((container) => container.events)];
  return all.findLast(({ type }) => type === "Warning")?.text ?? "Azure gives no reason";
}
