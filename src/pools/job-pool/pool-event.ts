import type { JobOutcome } from "../../job-result.js";

/**
 * Something that happened to a job in a pool, and how the pool stands then.
 *
 * - `poolQueued`: it was given to the pool.
 * - `poolStarted`: it has its turn. What happens to its group is told by events of its own, with the same `key`.
 * - `poolFinished`: it has a result, or was never begun.
 *
 * @public
 */
export type PoolEvent = (PoolEventBase & { readonly type: "poolQueued" | "poolStarted" }) | (PoolEventBase & { readonly type: "poolFinished"; readonly outcome: JobOutcome | undefined });

/** What every {@link PoolEvent} tells. @public */
export interface PoolEventBase {
  /** The number of the job in this pool, from 1. */
  readonly id: number;
  /** Undefined where the spec has none and none was drawn yet. */
  readonly key?: string | undefined;
  readonly queued: number;
  readonly running: number;
  readonly finished: number;
  /** ISO 8601 in UTC. */
  readonly at: string;
}
