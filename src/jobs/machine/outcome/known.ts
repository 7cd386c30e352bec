import type { ContainerSnapshot, Snapshot } from "../../../container-group.js";
import { tells } from "./old-news.js";

// A look with what was known of containers of which it shows nothing, be it because their group is stopped, or by a mistake of
// the service: when they began, and their events.
export function withKnown(before: Snapshot | undefined, snapshot: Snapshot): Snapshot {
  if (before === undefined) return snapshot;
  const inOne = (which: "containers" | "initContainers"): readonly ContainerSnapshot[] =>
    snapshot[which].map((container) => knownOf(container, before[which].find(({ containerName }) => containerName === container.containerName)));
  return { ...snapshot, containers: inOne("containers"), initContainers: inOne("initContainers") };
}

function knownOf(container: ContainerSnapshot, before: ContainerSnapshot | undefined): ContainerSnapshot {
  if (before === undefined || tells(container)) return container;
  const previousState = container.previousState ?? (tells(before) ? before.currentState : before.previousState);
  return { ...container, ...(previousState && { previousState }), events: container.events.length > 0 ? container.events : before.events };
}
