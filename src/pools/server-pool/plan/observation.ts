import type { Snapshot } from "../../../container-group.js";

/** What a reconcile has seen before it plans. */
export interface PoolObservation {
  /** A look at the group of each row, by the server's id. */
  readonly looks: ReadonlyMap<string, Look>;
  /** Groups of the pool that have no row, and are there. */
  readonly orphans: readonly { readonly id: string; readonly groupName: string }[];
  /** Callers that wait for a session. */
  readonly waiting: number;
  /** What the scaling rule has measured. */
  readonly measured: number;
  /** The time by Azure's clock, by which leases of groups go. */
  readonly azureNow: number;
}

export type Look =
  | { readonly kind: "seen"; readonly snapshot: Snapshot; readonly isHealthy: boolean }
  /** The service knows of no such group, and the list of groups has none. */
  | { readonly kind: "absent" }
  /** Azure did not tell, or one word is against another. */
  | { readonly kind: "unknown" };
