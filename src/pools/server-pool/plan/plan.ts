import { newRow, type ServerRow } from "../rows/row.js";
import type { Action, RowAction } from "./action.js";
import { inspect } from "./look.js";
import { backOff, type ScalerMemory } from "./memory.js";
import type { PoolObservation } from "./observation.js";
import type { PoolRules } from "./rules.js";
import { aim, liveIn, scale } from "./scale.js";

/** What a pool is known to be. */
export interface PoolState {
  readonly rows: readonly ServerRow[];
  /** What the scaler before has left; undefined for the first. */
  readonly memory: ScalerMemory | undefined;
}

export interface Plan {
  /** In order for each server; those of different servers do not depend on each other. */
  readonly actions: readonly Action[];
  readonly memory: ScalerMemory;
}

// What is to be done about a pool. Pure: no clock, no requests, nothing random.
export function plan(rules: PoolRules, state: PoolState, observation: PoolObservation, now: number): Plan {
  const adopted = observation.orphans.map(({ id, groupName }): RowAction => ({ kind: "adopt", id, groupName }));
  const inspected = state.rows.flatMap((row) => inspect(row, observation.looks.get(row.id) ?? { kind: "unknown" }, now, rules));
  // Adopted servers count from the beginning, so that no others are created beside them.
  const rows = [...state.rows, ...observation.orphans.map(({ id, groupName }) => newRow(id, groupName, now))];
  const lost = new Set(inspected.filter(({ kind }) => kind === "lose").map(({ id }) => id));
  const live = liveIn(rows, lost);
  const draining = rows.filter(({ phase, id }) => phase === "draining" && !lost.has(id));
  const memory = aim(learn(state, inspected, live.length, now), rows, observation, now, rules);
  const scaled = scale(memory, live, draining, now, rules);
  // What is needed again is not removed.
  const resumed = new Set(scaled.flatMap((action) => (action.kind === "resume" ? [action.id] : [])));
  const own = inspected.filter(({ kind, id }) => kind !== "remove" || !resumed.has(id));
  return { actions: [...adopted, ...own, ...scaled], memory };
}

// What is remembered, with what has become of the creates since.
function learn({ rows, memory }: PoolState, inspected: readonly RowAction[], live: number, now: number): ScalerMemory {
  // The first scaler keeps what is there for a cooldown: it may have lost its memory.
  if (memory === undefined) return { target: live, scaledInAt: now };
  const creating = new Map(rows.filter(({ phase }) => phase === "creating").map((row) => [row.id, row]));
  const { backoff } = memory;
  // One that was adopted, which is held for a while, says nothing of what there is room for now.
  const isNews = ({ createdAt, heldUntil }: ServerRow): boolean => heldUntil === undefined && createdAt >= (backoff?.since ?? Infinity);
  const isOver = inspected.some(({ kind, id }) => kind === "start" && [creating.get(id)].some((row) => row !== undefined && isNews(row)));
  const kept = isOver ? { ...memory, backoff: undefined } : memory;
  return inspected.some(({ kind, id }) => kind === "lose" && creating.has(id)) ? backOff(kept, now) : kept;
}
