import { expectKeys, expectPositive, fail } from "../lifecycle/expect.js";
import { Ledger, type Limits } from "./ledger.js";

/** Options of {@link RequestBudget}. The defaults are Azure's limits for one principal, one subscription and one region. @public */
export interface RequestBudgetOptions {
  /**
   * The share of the limits of Azure Resource Manager that may be used, above 0 and up to 1. The rest is for others who work
   * as the same principal.
   *
   * @defaultValue `0.8`
   */
  readonly share?: number | undefined;
  /** Reads a second; ten times as many at once. @defaultValue `25` */
  readonly readsPerSecond?: number | undefined;
  /** Writes a second, and as many deletes; twenty times as many at once. @defaultValue `10` */
  readonly writesPerSecond?: number | undefined;
  /** Groups that may be created in five minutes, whatever ACI allows. @defaultValue what ACI tells for this subscription; 100 before it has */
  readonly createsPerFiveMinutes?: number | undefined;
  /** Groups that may be created in an hour, whatever ACI allows. @defaultValue what ACI tells; 300 before it has */
  readonly createsPerHour?: number | undefined;
}

const DEFAULTS: Limits = { share: 0.8, readsPerSecond: 25, writesPerSecond: 10 };
const FIELDS = ["share", "readsPerSecond", "writesPerSecond", "createsPerFiveMinutes", "createsPerHour"];
const ledgers = new WeakMap<object, Ledger>();

/**
 * What may be asked of Azure, spent on purpose: requests wait for their turn here before Azure refuses them there. Every
 * {@link AciClient} has one; clients of one subscription share one, if they are given the same.
 *
 * Azure Resource Manager lets a principal read 25 times a second, with 250 at once, and write and delete 10 times, with 200 at
 * once; ACI creates 100 groups in five minutes and 300 in an hour. What Azure says of what is left, and its 429s, are heeded
 * for all requests together. Deletes, logs and looks before a create go before looks at jobs that run; of those the one goes
 * next that is most likely to show something.
 *
 * @example
 * ```ts
 * const requestBudget = new RequestBudget({ share: 0.5 });
 * const clients = ["westeurope", "northeurope"].map((location) => new AciClient({ subscriptionId, resourceGroup, location, requestBudget }));
 * ```
 * @public
 */
export class RequestBudget {
  /** What it was made with, and the defaults. */
  readonly options: Readonly<RequestBudgetOptions>;

  /** @throws TypeError or RangeError if an option cannot be right. */
  constructor(options: RequestBudgetOptions = {}) {
    const limits = resolveRequestBudgetOptions(options);
    this.options = limits;
    ledgers.set(this, new Ledger(limits));
  }
}

// The inside of a budget, a new one where none is given, and none where nothing is limited. Throws for what is no budget.
export function ledgerOf(budget: RequestBudget | "unlimited" | undefined): Ledger | undefined {
  if (budget === "unlimited") return undefined;
  const ledger = budget === undefined ? new Ledger(DEFAULTS) : ledgers.get(budget);
  return ledger ?? fail("requestBudget", 'a RequestBudget of this copy of aci-lifecycle, or "unlimited"', budget, "type");
}

function resolveRequestBudgetOptions(options: RequestBudgetOptions): Limits {
  expectKeys("options", options, FIELDS);
  for (const [name, value] of Object.entries(options)) expectPositive(name, value);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const resolved = { ...DEFAULTS, ...(Object.fromEntries(given) as RequestBudgetOptions) } as Limits;
  if (resolved.share > 1) fail("share", "at most 1", resolved.share);
  return resolved;
}
