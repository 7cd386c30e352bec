import type { RequestStop, StoreStop } from "../points/points.js";

/** At the write of a row: that of a server in this phase, or that of the scaler, who takes the right to act by it. */
export interface RowStop {
  readonly row: "scaler" | "creating" | "draining" | "deleting";
  readonly at: StoreStop["at"];
}

export type PoolStop = { readonly request: RequestStop } | RowStop;

export interface PoolPoint {
  readonly name: string;
  readonly what: string;
  /** `up`: from one server to three. `down`: from three to one, of which one has all the sessions that it takes. */
  readonly way: "up" | "down";
  /** Each is taken in turn. */
  readonly stops: readonly PoolStop[];
}

const request = (on: RequestStop["on"], ...at: readonly RequestStop["at"][]): readonly PoolStop[] => at.map((one) => ({ request: { on, at: one } }));
const row = (kind: RowStop["row"], ...at: readonly StoreStop["at"][]): readonly PoolStop[] => at.map((one) => ({ row: kind, at: one }));

// The point K24 of a pool, in the middle of growing and of shrinking, one by one.
export const POOL_POINTS: readonly PoolPoint[] = [
  { name: "V1", what: "while it takes the right to act", way: "up", stops: row("scaler", "before", "half", "unlinked", "linked", "after") },
  { name: "V2", what: "while it looks", way: "up", stops: [...request("list", "arrived", "served", "halfAnswered", "answered"), ...request("get", "arrived", "served", "halfAnswered", "answered")] },
  { name: "V3", what: "while the row of a new server is written", way: "up", stops: row("creating", "before", "half", "unlinked", "linked") },
  { name: "V4", what: "with the row on the disk, before the create", way: "up", stops: [...row("creating", "after"), ...request("create", "arrived")] },
  { name: "V5", what: "with half of a create sent", way: "up", stops: request("create", "halfSent") },
  { name: "V6", what: "with a create sent and no answer", way: "up", stops: request("create", "served", "halfAnswered") },
  { name: "V7", what: "with a create answered", way: "up", stops: request("create", "answered") },
  { name: "V8", what: "while a drain is written", way: "down", stops: row("draining", "before", "half", "unlinked", "linked") },
  { name: "V9", what: "with the drain on the disk", way: "down", stops: row("draining", "after") },
  { name: "V10", what: "while the end of a server is written", way: "down", stops: row("deleting", "before", "half", "unlinked", "linked") },
  { name: "V11", what: "with the end on the disk, before the delete", way: "down", stops: [...row("deleting", "after"), ...request("delete", "arrived")] },
  { name: "V12", what: "with the delete sent and no answer", way: "down", stops: request("delete", "served", "halfAnswered") },
  { name: "V13", what: "with the delete answered", way: "down", stops: request("delete", "answered") },
];
