import { isAciError, type AciError } from "../../../errors.js";
import { faultData } from "../../../lifecycle/faults/fault-data.js";
import type { Hider } from "../../servers/hider.js";
import type { JobFault } from "../../../job-result.js";

/** What {@link ServerPool.reconcile} found and did. @public */
export interface ReconcileReport {
  /**
   * False if another process acts on the pool at this moment: nothing was done, and nothing else in here is known. Where
   * `skipped` is more than 0 it has begun to while this one took too long to look.
   */
  readonly isActing: boolean;
  /** How many servers there are to be. */
  readonly target: number;
  /** How many there were, by state, before anything was done. */
  readonly servers: { readonly creating: number; readonly running: number; readonly draining: number; readonly deleting: number };
  readonly sessions: number;
  /** Callers that wait for a session. */
  readonly waiting: number;
  readonly actions: readonly PoolAction[];
  /** How many actions were left to the next reconcile, because this one was so slow that another process may act, or does. */
  readonly skipped: number;
  /** What Azure refused, or did not answer. It is tried again by the reconciles that follow. */
  readonly faults: readonly PoolFault[];
}

/** Something that a reconcile did. @public */
export interface PoolAction {
  /**
   * What was done: a group was created or, having lost its row, adopted; a server was taken into use, found at another address,
   * suspected, trusted again, drained, or taken back from being drained; it was deleted, drained and empty (`remove`) or dead
   * (`lose`); its delete was sent again, its group was missed, and missed for good (`forget`); its group's lease was renewed.
   */
  readonly kind: "create" | "adopt" | "start" | "move" | "suspect" | "trust" | "drain" | "resume" | "remove" | "lose" | "deleteAgain" | "miss" | "forget" | "renewLease";
  readonly serverId: string;
  readonly because?: string | undefined;
}

/** Something that a reconcile could not do. @public */
export interface PoolFault {
  readonly request: "look" | "create" | "delete" | "renewLease";
  readonly serverId: string;
  readonly fault: JobFault;
}

const WITHHELD = "What Azure says is not told, as it may have secrets in it which could not be resolved";

// What Azure failed a request with, without secrets. Anything else is a mistake, and is thrown on.
export async function faultOf(error: unknown, hider: Hider): Promise<{ readonly error: AciError; readonly data: JobFault }> {
  if (!isAciError(error)) throw error;
  const data = faultData(error);
  const isAnswer = data.statusCode !== undefined;
  const text = isAnswer ? ((await hider.hide(data.text)) ?? WITHHELD) : hider.hideKnown(data.text);
  return { error, data: { ...data, text, ...(data.serviceCode !== undefined && { serviceCode: hider.hideKnown(data.serviceCode) }) } };
}
