import type { ContainerState } from "./container-state.js";

/** How far a container has come in its deployment: what it takes to go on where another process left it. */
export interface Progress {
  /** How many runs it had in all; the next one has this number. */
  runs: number;
  /** How often its image could not be had. */
  failedPulls: number;
  isPulled: boolean;
  /** How many ends in a row count for the back-off. */
  streak: number;
  /** When the present wait is over. */
  wakesAt: number | undefined;
  /** True where the engine could not run it at all. */
  hasGivenUp: boolean;
}

/** A container as it is written down. */
export interface ContainerRecord {
  readonly state: ContainerState;
  readonly progress: Progress;
  /** Its image as events name it. */
  readonly image: string;
  /** The last run of this deployment. */
  readonly run?: { readonly id: string; readonly startedAt: number };
  /** What is kept of runs that are gone, in base64. */
  readonly kept?: readonly [plain: string, stamped: string];
}

/** A container that has not come far; only its runs are counted on. */
export function beginning(runs = 0): Progress {
  return { runs, failedPulls: 0, isPulled: false, streak: 0, wakesAt: undefined, hasGivenUp: false };
}
