import { bySessions, type ServerPoolOptions } from "../../../src/index.js";
import type { Dice } from "../world/dice.js";

/** What a pool is to be, and who does what with it. */
export interface FleetPlan {
  readonly rules: Readonly<Record<"min" | "max" | "scaleOutCooldownInMs" | "scaleInCooldownInMs" | "startTimeoutInMs" | "sessionLeaseInMs" | "reportsWithinInMs" | "lostAfterInMs" | "groupLeaseInMs", number>>;
  readonly capacity: number;
  /** `lot`: how many servers there are to be changes now and then, whatever the load is. */
  readonly scaling: "sessions" | "lot";
  readonly hasHealthCheck: boolean;
  readonly isReachable: boolean;
  readonly scalers: number;
  readonly users: number;
  readonly hasMatchmaker: boolean;
  readonly hasOperator: boolean;
  readonly isSwept: boolean;
  /** How many sessions there are, of users who do nothing wrong, when nothing goes wrong any more. */
  readonly load: number;
}

/** Draws a pool. */
export function drawFleet(dice: Dice): FleetPlan {
  const max = dice.between(2, 4);
  const capacity = dice.between(1, 3);
  const sessionLeaseInMs = dice.spread(15_000, 60_000);
  return {
    rules: {
      min: dice.pick([0, 0, 1, 2]),
      max,
      scaleOutCooldownInMs: dice.pick([0, 15_000, 60_000]),
      scaleInCooldownInMs: dice.pick([0, 15_000, 60_000]),
      startTimeoutInMs: dice.pick([60_000, 120_000, 300_000]),
      sessionLeaseInMs,
      reportsWithinInMs: Math.max(sessionLeaseInMs, dice.pick([45_000, 90_000])),
      lostAfterInMs: dice.pick([15_000, 45_000]),
      groupLeaseInMs: dice.pick([600_000, 3_600_000]),
    },
    capacity,
    scaling: dice.pick(["sessions", "lot"] as const),
    hasHealthCheck: dice.chance(0.5),
    isReachable: dice.chance(0.7),
    scalers: dice.pick([1, 1, 2, 2]),
    users: dice.between(1, 4),
    hasMatchmaker: dice.chance(0.4),
    hasOperator: dice.chance(0.15),
    isSwept: dice.chance(0.3),
    load: dice.chance(0.4) ? 0 : dice.between(1, Math.min(4, max * capacity)),
  };
}

export function ruleOf({ scaling, capacity }: FleetPlan, wanted: () => number): ServerPoolOptions["scaling"] {
  return scaling === "sessions" ? bySessions({ capacityPerServer: capacity }) : { name: "by lot", capacityPerServer: capacity, desired: wanted };
}
