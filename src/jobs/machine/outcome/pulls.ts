import type { ContainerEvent, Snapshot } from "../../../container-group.js";
import { timeOf, type Turn } from "../moves.js";
import type { Marks } from "../state.js";
import { allOf } from "./verdict.js";

// How long images have been pulled, by our own clock. Who was not there when it began goes by Azure's events, as far as they can
// be true: nobody has the whole time again because he has found the group, or has taken the job up.
export function pulling(turn: Turn, snapshot: Snapshot): Partial<Marks> {
  const { state: { marks }, now } = turn;
  const { pullingAt, pulledForInMs, lookedAt, acceptedAt } = marks;
  const saidAt = saidOf(turn, snapshot);
  // A group that is found is asked for its age first.
  if (saidAt !== undefined) return { pullingAt: pullingAt ?? (saidAt >= (lookedAt ?? acceptedAt ?? now) && saidAt <= now ? saidAt : now) };
  if (pullingAt !== undefined) return { pullingAt: undefined, pulledForInMs: (pulledForInMs ?? 0) + now - pullingAt };
  return pulledForInMs === undefined ? toldPull(snapshot) : {};
}

// Since when a group that was found has been pulling, once it was asked for its age: not from before it was there.
export function pulledSince(turn: Turn, ageInMs: number | undefined): Partial<Marks> {
  const { state: { marks, snapshot }, now } = turn;
  const saidAt = snapshot && saidOf(turn, snapshot);
  if (marks.pullingAt === undefined || saidAt === undefined || saidAt > now) return {};
  return { pullingAt: ageInMs === undefined ? saidAt : Math.max(saidAt, now - ageInMs) };
}

// When the first of the pulls began that are under way.
function saidOf(turn: Turn, snapshot: Snapshot): number | undefined {
  const times = allOf(snapshot).flatMap(({ currentState, events }) => {
    const last = pullsOf(events).at(-1);
    return last?.kind === "Pulling" && currentState?.state !== "Running" && currentState?.state !== "Terminated" ? [timeOf(turn, last.firstAt)] : [];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

// How long it took where nobody saw it. That is a difference of times of one clock.
function toldPull(snapshot: Snapshot): Partial<Marks> {
  const events = allOf(snapshot).flatMap((container) => pullsOf(container.events));
  const times = (kind: string, by: "firstAt" | "lastAt"): readonly number[] => events.filter((event) => event.kind === kind).map((event) => Date.parse(event[by]));
  const tookInMs = Math.max(...times("Pulled", "lastAt")) - Math.min(...times("Pulling", "firstAt"));
  return Number.isFinite(tookInMs) && tookInMs > 0 ? { pulledForInMs: tookInMs } : {};
}

function pullsOf(events: readonly ContainerEvent[]): readonly ContainerEvent[] {
  return events.filter(({ kind }) => kind === "Pulling" || kind === "Pulled");
}
