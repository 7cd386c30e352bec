import type { JobFault, JobOutcome, JobResult } from "../../job-result.js";
import type { JobHandle } from "../../jobs/drive/job-handle.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";

/**
 * Something that happened to a job in a pool, and how the pool stands then.
 *
 * - `poolQueued`: it was given to the pool.
 * - `poolStarted`: it has its turn; another one where the store has failed, or its secrets have come, meanwhile. What happens to its group is told by events of its own, see {@link PoolJobEvent}.
 * - `poolFinished`: the pool is done with it, see {@link PoolFinishedEvent}.
 *
 * @public
 */
export type PoolEvent = (PoolEventBase & { readonly type: "poolQueued" | "poolStarted" }) | PoolFinishedEvent;

/**
 * A pool is done with a job: it has a `result`; or none, and `error` says why. `ACI_JOB_DETACHED` is one that was let go of, and
 * goes on if it has a group: its `handle` carries it on. `ACI_JOB_CONFLICT` is one whose key is another's.
 *
 * @public
 */
export type PoolFinishedEvent = PoolEventBase & { readonly type: "poolFinished" } & (
    | { readonly outcome: JobOutcome; readonly result: JobResult; readonly error?: undefined; readonly handle?: undefined }
    | { readonly outcome?: undefined; readonly result?: undefined; readonly error: JobFault; readonly handle?: JobHandle | undefined }
  );

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
