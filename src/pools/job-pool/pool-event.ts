import type { JobOutcome, JobResult } from "../../job-result.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";

/**
 * Something that happened to a job in a pool, and how the pool stands then.
 *
 * - `poolQueued`: it was given to the pool.
 * - `poolStarted`: it has its turn. What happens to its group is told by events of its own, see {@link PoolJobEvent}.
 * - `poolFinished`: it has a `result`; or none, and the promise of its caller rejects with something else.
 *
 * @public
 */
export type PoolEvent = (PoolEventBase & { readonly type: "poolQueued" | "poolStarted" }) | (PoolEventBase & { readonly type: "poolFinished"; readonly outcome: JobOutcome | undefined; readonly result?: JobResult | undefined });

/** What happened to a job of a pool itself; `id` is its number in the pool, as in {@link PoolEventBase}. @public */
export type PoolJobEvent = LifecycleEvent & { readonly id: number };

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
