import type { ContainerSnapshot, Snapshot } from "../../../container-group.js";
import type { Turn } from "../moves.js";
import type { MachineState } from "../state.js";
import { decidingOf } from "./verdict.js";

// What so many looks in a row over this time show is no old news: caches lag by seconds, and a container that the platform
// has begun anew waits for longer.
const BELIEVED_AFTER_LOOKS = 3;
const BELIEVED_AFTER_IN_MS = 60_000;

/** A look that shows what is older than what was seen, and is not believed. */
export interface OldNews {
  readonly stale: NonNullable<MachineState["stale"]>;
  /** It would be believed by now, if it could be true. */
  readonly isOver: boolean;
}

// Reads may be served from a cache: what is older than what was seen says nothing. A stopped group has containers without states,
// which is no old news.
export function oldNews(turn: Turn, snapshot: Snapshot, main: ContainerSnapshot | undefined): OldNews | undefined {
  if (snapshot.state === "Stopped" || !isOlder(snapshot, turn)) return undefined;
  const { state, now } = turn;
  const { looks, since } = state.stale ?? { looks: 0, since: now };
  const stale = { looks: looks + 1, since };
  const isLong = stale.looks >= BELIEVED_AFTER_LOOKS && now - since >= BELIEVED_AFTER_IN_MS;
  return isLong && !goesOnKilled(state, main) ? undefined : { stale, isOver: isLong };
}

// What was killed may wait for its next run, or have begun it, but does not go on with the one before.
function goesOnKilled({ killed, snapshot }: MachineState, main: ContainerSnapshot | undefined): boolean {
  const before = snapshot?.containers.find(({ containerName }) => containerName === main?.containerName);
  return killed !== undefined && main?.currentState?.state === "Running" && !startsLater(main, before);
}

function isOlder(snapshot: Snapshot, { plan, state }: Turn): boolean {
  const seen = state.snapshot?.containers ?? [];
  return decidingOf(plan, snapshot).some((container) => isBefore(container, seen.find(({ containerName }) => containerName === container.containerName)));
}

function isBefore(container: ContainerSnapshot, seen: ContainerSnapshot | undefined): boolean {
  if (seen === undefined) return false;
  if (container.restartCount !== seen.restartCount) return container.restartCount < seen.restartCount;
  return rank(container) < rank(seen) && !startsLater(container, seen);
}

// Whether a run is another than one that was seen. A start that is not known is no later one.
export function startsLater(container: ContainerSnapshot, seen: ContainerSnapshot | undefined): boolean {
  return Date.parse(String(container.currentState?.startedAt)) > Date.parse(String(seen?.currentState?.startedAt));
}

// Whether a state is one that is known.
export function tells(container: ContainerSnapshot | undefined): boolean {
  return container !== undefined && rank(container) >= 0;
}

function rank(container: ContainerSnapshot): number {
  return ["Waiting", "Running", "Terminated"].indexOf(String(container.currentState?.state));
}

// One look more that does not tell the state of the main container.
export function untold({ state, now }: Turn, main: ContainerSnapshot | undefined): MachineState["untold"] {
  if (tells(main)) return undefined;
  const { looks, since } = state.untold ?? { looks: 0, since: now };
  return { looks: looks + 1, since };
}
