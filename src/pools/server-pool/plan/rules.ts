import type { ScalingRule } from "../../scaling/scaling-rule.js";

/** By what a pool is planned. */
export interface PoolRules {
  readonly scaling: ScalingRule;
  readonly min: number;
  readonly max: number;
  readonly scaleOutCooldownInMs: number;
  readonly scaleInCooldownInMs: number;
  readonly startTimeoutInMs: number;
  readonly reportsWithinInMs: number;
  readonly lostAfterInMs: number;
  readonly groupLeaseInMs: number;
  readonly isReachable: boolean;
  /** Whether a look asks the program of a server, or goes by what Azure says alone. */
  readonly hasHealthCheck: boolean;
}

/** How long a scaler may act before another may. */
export const SCALER_LEASE_IN_MS = 120_000;
