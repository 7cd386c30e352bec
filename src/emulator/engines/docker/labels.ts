import type { EngineSession } from "../../engine.js";
import { ownMark } from "../owner.js";

// What everything that an emulator makes is marked with, so that it can be found and removed.
export const LABELS = { session: "aci-lifecycle.session", owner: "aci-lifecycle.owner", state: "aci-lifecycle.state", group: "aci-lifecycle.group", container: "aci-lifecycle.container", run: "aci-lifecycle.run", role: "aci-lifecycle.role" } as const;

// A filter for Docker's lists: what has all of these.
export function labeled(labels: Readonly<Record<string, string>>): { readonly all: 1; readonly filters: { readonly label: readonly string[] } } {
  return { all: 1, filters: { label: Object.entries(labels).map(([label, value]) => `${label}=${value}`) } };
}

// The labels that say whose something is: the emulator that made it, and the state folder, if one keeps it.
export function labelsOf({ id, state }: EngineSession): Readonly<Record<string, string>> {
  return { [LABELS.session]: id, [LABELS.owner]: ownMark(), ...(state === undefined ? {} : { [LABELS.state]: state.folder }) };
}
