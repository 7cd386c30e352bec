import type { Snapshot } from "../../../container-group.js";
import type { ServerPhase } from "../rows/row.js";

/** What a plan asks for. Each is one write of one row on condition, and what follows from it once that is won. */
export type Action = { readonly kind: "create" } | RowAction;

export type RowAction =
  /** A group of the pool that has no row gets one. */
  | { readonly kind: "adopt"; readonly id: string; readonly groupName: string }
  /** It is up and answers: it takes sessions. */
  | { readonly kind: "start"; readonly id: string; readonly snapshot: Snapshot }
  /** It has another address than before. */
  | { readonly kind: "move"; readonly id: string; readonly snapshot: Snapshot }
  /** Something is wrong with it: no new sessions. */
  | { readonly kind: "suspect"; readonly id: string; readonly because: string }
  | { readonly kind: "trust"; readonly id: string }
  /** It takes no new sessions, and is deleted when it has none. */
  | { readonly kind: "drain"; readonly id: string; readonly because: string }
  /** It was drained, and is needed again. */
  | { readonly kind: "resume"; readonly id: string }
  /** Drained and not in use: it is deleted. */
  | { readonly kind: "remove"; readonly id: string }
  /** It is dead, with the sessions on it: it is deleted, if its row is still as it was seen. */
  | { readonly kind: "lose"; readonly id: string; readonly because: string; readonly seen: Seen }
  /** Its group is there still, though it was deleted. */
  | { readonly kind: "deleteAgain"; readonly id: string }
  /** Its deleted group was not to be seen. */
  | { readonly kind: "miss"; readonly id: string }
  /** Its deleted group is gone. */
  | { readonly kind: "forget"; readonly id: string }
  /** Its group's lease, by which sweeps judge, is to be renewed. */
  | { readonly kind: "renewLease"; readonly id: string; readonly snapshot: Snapshot };

/** What a row said that a server is given up by. Looks take their time, and it may have become another meanwhile. */
export interface Seen {
  readonly phase?: ServerPhase | undefined;
  readonly suspectedAt?: number | undefined;
  /** When it was last reported of. */
  readonly heardAt?: number | undefined;
  /** Nobody held a session on it. */
  readonly isUnleased?: boolean | undefined;
}
