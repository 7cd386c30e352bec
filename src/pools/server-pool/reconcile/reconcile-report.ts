import type { JobFault } from "../../../job-result.js";
import type { Action } from "../plan/action.js";
import type { ServerPhase } from "../rows/row.js";

/** What {@link ServerPool.reconcile} found and did. @public */
export interface ReconcileReport {
  /** False if another process acts on the pool at this moment: nothing was done, and nothing else in here is known. */
  readonly isActing: boolean;
  /** How many servers there are to be. */
  readonly target: number;
  /** How many there were, by state, before anything was done. */
  readonly servers: Readonly<Record<ServerPhase, number>>;
  readonly sessions: number;
  /** Callers that wait for a session. */
  readonly waiting: number;
  readonly actions: readonly PoolAction[];
  /** What Azure refused, or did not answer. It is tried again by the reconciles that follow. */
  readonly faults: readonly PoolFault[];
}

/** Something that a reconcile did. @public */
export interface PoolAction {
  readonly kind: Action["kind"];
  readonly serverId: string;
  readonly because?: string | undefined;
}

/** Something that a reconcile could not do. @public */
export interface PoolFault {
  readonly request: "create" | "delete" | "renewLease";
  readonly serverId: string;
  readonly fault: JobFault;
}
