import { newRow, type ServerRow } from "../rows/row.js";
import type { Action, RowAction } from "./action.js";
import { inspect, isBlindAt } from "./look.js";
import { backOff, type ScalerMemory } from "./memory.js";
import type { Look, PoolObservation } from "./observation.js";
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
  const lookAt = ({ id }: ServerRow): Look => observation.looks.get(id) ?? { kind: "unknown" };
  const adopted = observation.orphans.map(({ id, groupName }): RowAction => ({ kind: "adopt", id, groupName }));
  const circumstances = { now, azureNow: observation.azureNow, isBlind: isBlindAt(state.rows, lookAt, now, rules) };
  const inspected = state.rows.flatMap((row) => inspect(row, lookAt(row), circumstances, rules));
  // Adopted servers count from the beginning, so that no others are created beside them.
  const rows = [...state.rows, ...observation.orphans.map(({ id, groupName }) => newRow(id, groupName, now))];
  const told = (kind: RowAction["kind"]): ReadonlySet<string> => new Set(inspected.flatMap((action) => (action.kind === kind ? [action.id] : [])));
  const [lost, started] = [told("lose"), told("start")];
  const live = liveIn(rows, lost);
  const draining = rows.filter(({ phase, id }) => phase === "draining" && !lost.has(id));
  // What is lost is replaced at once. Where its group is there still by the next plan, it takes the place of another.
  const leaving = rows.filter((row) => row.phase === "deleting" && lookAt(row).kind !== "absent").length;
  const memory = aim(learn(state, { lost, started, live: live.length }, now, rules), rows, observation, now, rules);
  const scaled = scale(memory, { live, draining, leaving }, now, rules);
  // What is needed again is not removed.
  const resumed = new Set(scaled.flatMap((action) => (action.kind === "resume" ? [action.id] : [])));
  const own = inspected.filter(({ kind, id }) => kind !== "remove" || !resumed.has(id));
  return { actions: [...adopted, ...own, ...scaled], memory };
}

/** What has become of servers: which are lost, which have come up, and how many are left. */
interface News {
  readonly lost: ReadonlySet<string>;
  readonly started: ReadonlySet<string>;
  readonly live: number;
}

// What is remembered, with what has become of the creates since.
function learn({ rows, memory }: PoolState, { lost, started, live }: News, now: number, { startTimeoutInMs }: PoolRules): ScalerMemory {
  // The first scaler keeps what is there for a cooldown: it may have lost its memory.
  if (memory === undefined) return { target: live, scaledInAt: now };
  const { backoff } = memory;
  // One that was adopted, which is held for a while, says nothing of what there is room for now.
  const own = rows.filter(({ heldUntil }) => heldUntil === undefined);
  const isYoung = ({ createdAt }: ServerRow): boolean => now - createdAt < startTimeoutInMs;
  const proves = (row: ServerRow): boolean => (backoff?.isByDeath === true ? isLasting(row) && !isYoung(row) : started.has(row.id));
  const isOver = backoff !== undefined && own.some((row) => row.createdAt >= backoff.until && proves(row));
  const kept = isOver ? { ...memory, backoff: undefined } : memory;
  if (own.some((row) => row.phase !== "creating" && lost.has(row.id) && isYoung(row))) return backOff(kept, now, 0, true);
  return rows.some(({ id, phase }) => phase === "creating" && lost.has(id)) ? backOff(kept, now) : kept;
}

function isLasting({ phase, suspectedAt }: ServerRow): boolean {
  return phase === "running" && suspectedAt === undefined;
}
