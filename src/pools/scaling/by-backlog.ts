import { expectFields, expectKeys, expectPositive, fail } from "../../lifecycle/expect.js";
import type { ScalingRule } from "./scaling-rule.js";

/** Options of {@link byBacklog}. @public */
export interface ByBacklogOptions {
  /** How many items of the backlog are work for one server. */
  readonly itemsPerServer: number;
  /** How many items there are, in work or not. Asked once for each reconcile. */
  readonly length: () => Promise<number>;
  /** Workers elsewhere, in a cluster or in this process, that come first: servers are for what is more than they take. */
  readonly base?: BacklogBase | undefined;
}

/** Workers that a pool has not to pay for. @public */
export interface BacklogBase {
  readonly workers: number | (() => number);
  readonly itemsPerWorker: number;
}

/**
 * As many servers as a backlog needs, at once, and none when there is none: what the workers of `base` cannot take overflows to
 * servers, and drains back.
 *
 * @remarks
 * A server that works on an item is not to be deleted: let it say so, with `report(id, { sessions: 1, observedAt })` as long as
 * it has one, or keep items in a queue that hands them out again.
 *
 * @throws TypeError or RangeError if an option cannot be right.
 *
 * @example
 * ```ts
 * const scaling = byBacklog({ itemsPerServer: 10, length: () => queue.length(), base: { workers: 1, itemsPerWorker: 10 } });
 * ```
 * @public
 */
export function byBacklog(options: ByBacklogOptions): ScalingRule {
  expectFields("byBacklog", options, ["itemsPerServer", "length", "base"]);
  const { itemsPerServer, length, base } = options;
  expectPositive("itemsPerServer", itemsPerServer);
  if (itemsPerServer === (undefined as unknown)) fail("itemsPerServer", "a number greater than 0", itemsPerServer, "type");
  if (typeof length !== "function") fail("length", "a function", length, "type");
  checkBase(base);
  return Object.freeze({
    name: "byBacklog",
    async measure() {
      const items = await length();
      if (!Number.isFinite(items) || items < 0) fail("length", "a function that answers a number of at least 0", items);
      return Math.max(0, items - takenBy(base));
    },
    desired: ({ measured }) => Math.ceil(measured / itemsPerServer),
  } satisfies ScalingRule);
}

function checkBase(base: BacklogBase | undefined): void {
  if (base === undefined) return;
  expectKeys("base", base, ["workers", "itemsPerWorker"]);
  if (typeof base.workers !== "function") expectPositive("base.workers", base.workers, 0);
  expectPositive("base.itemsPerWorker", base.itemsPerWorker);
}

// What the base takes. One that cannot tell takes nothing.
function takenBy(base: BacklogBase | undefined): number {
  if (base === undefined) return 0;
  const workers = typeof base.workers === "function" ? base.workers() : base.workers;
  return Number.isFinite(workers) && workers > 0 ? workers * base.itemsPerWorker : 0;
}
