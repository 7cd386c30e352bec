import { isHeld, isLive, sessionsOn, type ServerRow } from "../rows/row.js";
import type { Action } from "./action.js";
import type { ScalerMemory } from "./memory.js";
import type { PoolObservation } from "./observation.js";
import type { PoolRules } from "./rules.js";

// How many servers there are to be from now on: what the rule wants, as the cooldowns allow.
export function aim(memory: ScalerMemory, rows: readonly ServerRow[], { waiting, measured }: PoolObservation, now: number, rules: PoolRules): ScalerMemory {
  const within = (count: number): number => Math.min(rules.max, Math.max(rules.min, count));
  const target = within(memory.target);
  // Who waits cannot be put on an adopted server that is held: where somebody does, it is as good as full.
  const { capacityPerServer = 0 } = rules.scaling;
  const load = (row: ServerRow): number => Math.max(sessionsOn(row, now), waiting > 0 && isHeld(row, now) ? capacityPerServer : 0);
  const sessions = rows.filter(({ phase }) => phase !== "deleting").reduce((sum, row) => sum + load(row), 0);
  const desired = rules.scaling.desired({ servers: target, sessions, waiting, measured });
  if (!Number.isFinite(desired)) throw new RangeError(`Expected \`desired\` of scaling rule "${rules.scaling.name}" to answer a number, got \`${String(desired)}\`.`);
  const wanted = within(Math.ceil(desired));
  const { scaledOutAt = -Infinity, scaledInAt = -Infinity } = memory;
  if (wanted > target && now - scaledOutAt >= rules.scaleOutCooldownInMs) return { ...memory, target: wanted, scaledOutAt: now };
  if (wanted < target && now - Math.max(scaledOutAt, scaledInAt) >= rules.scaleInCooldownInMs) return { ...memory, target: wanted, scaledInAt: now };
  return { ...memory, target };
}

/** The servers once the plan's other actions are done. */
export interface Fleet {
  /** Those that serve, or are about to. */
  readonly live: readonly ServerRow[];
  readonly draining: readonly ServerRow[];
  /** How many were deleted before, and are there still. */
  readonly leaving: number;
}

// What brings the servers to the target.
export function scale({ target, backoff }: ScalerMemory, { live, draining, leaving }: Fleet, now: number, { max }: PoolRules): Action[] {
  const lacking = target - live.length;
  if (lacking <= 0) return [...live].sort(byUse(now)).slice(0, -lacking).flatMap(({ id }): Action[] => [{ kind: "drain", id, because: "there are more servers than are needed" }, { kind: "remove", id }]);
  const back = draining.filter(({ isDismissed, suspectedAt }) => isDismissed !== true && suspectedAt === undefined).sort(byUse(now)).reverse().slice(0, lacking);
  // A drained server costs as much as any other, and so does one whose delete comes to nothing.
  const room = Math.max(0, max - live.length - draining.length - leaving);
  const creates = Math.min(lacking - back.length, room, creatable(backoff, live, now));
  return [...back.map(({ id }): Action => ({ kind: "resume", id })), ...Array.from({ length: creates }, (): Action => ({ kind: "create" }))];
}

// How many creates may be sent. While they fail, one at a time, to see whether that has passed.
function creatable(backoff: ScalerMemory["backoff"], live: readonly ServerRow[], now: number): number {
  if (backoff === undefined) return Infinity;
  return now >= backoff.until && !live.some(({ phase }) => phase === "creating") ? 1 : 0;
}

// Those that would be missed least come first: not ready, suspected, with few sessions, young.
function byUse(now: number): (a: ServerRow, b: ServerRow) => number {
  const rank = (row: ServerRow): readonly number[] => [row.phase === "creating" ? 0 : 1, row.suspectedAt === undefined ? 1 : 0, sessionsOn(row, now), -row.createdAt];
  return (a, b) => {
    const [ofA, ofB] = [rank(a), rank(b)];
    const at = ofA.findIndex((value, i) => value !== ofB[i]);
    return at === -1 ? (a.id < b.id ? -1 : 1) : (ofA[at] ?? 0) - (ofB[at] ?? 0);
  };
}

export function liveIn(rows: readonly ServerRow[], lost: ReadonlySet<string>): readonly ServerRow[] {
  return rows.filter((row) => isLive(row) && !lost.has(row.id));
}
