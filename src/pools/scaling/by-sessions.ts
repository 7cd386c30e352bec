import { expectFields, expectPositive, fail } from "../../lifecycle/expect.js";
import type { ScalingRule } from "./scaling-rule.js";

/** Options of {@link bySessions}. @public */
export interface BySessionsOptions {
  /** How many sessions a server takes. A whole number. */
  readonly capacityPerServer: number;
  /** The share of all places in use above which there are too few servers. @defaultValue `0.8` */
  readonly scaleOutAt?: number | undefined;
  /** The share of all places in use below which there are too many. @defaultValue `0.6` */
  readonly scaleInAt?: number | undefined;
}

/**
 * As many servers as the sessions need. Beyond either mark the pool goes straight to the number of servers that brings the use
 * between the two, so that one move is enough, and none follows it while the load stays as it is.
 *
 * @throws TypeError or RangeError if an option cannot be right.
 *
 * @example
 * ```ts
 * const scaling = bySessions({ capacityPerServer: 12 });
 * ```
 * @public
 */
export function bySessions(options: BySessionsOptions): ScalingRule {
  expectFields("bySessions", options, ["capacityPerServer", "scaleOutAt", "scaleInAt"]);
  const { capacityPerServer, scaleOutAt = 0.8, scaleInAt = 0.6 } = options;
  expectPositive("capacityPerServer", capacityPerServer, 1);
  if (!Number.isInteger(capacityPerServer)) fail("capacityPerServer", "a whole number", capacityPerServer);
  expectPositive("scaleOutAt", scaleOutAt);
  expectPositive("scaleInAt", scaleInAt);
  if (scaleOutAt > 1) fail("scaleOutAt", "a share of at most 1", scaleOutAt);
  if (scaleInAt >= scaleOutAt) fail("scaleInAt", "less than `scaleOutAt`", scaleInAt);
  const aim = (scaleInAt + scaleOutAt) / 2;
  return Object.freeze({
    name: "bySessions",
    capacityPerServer,
    desired({ servers, sessions, waiting }) {
      const load = sessions + waiting;
      const use = load / (servers * capacityPerServer);
      // What is a whole number but for the last bit is one.
      const aimed = Math.max(0, Math.ceil(load / (capacityPerServer * aim) - 1e-9));
      // With no servers the use is no number, or infinite.
      if (servers === 0 || use > scaleOutAt) return Math.max(servers, aimed);
      return use < scaleInAt ? Math.min(servers, aimed) : servers;
    },
  } satisfies ScalingRule);
}
