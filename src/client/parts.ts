import type { AzureClock } from "../azure/azure-clock.js";
import type { Ledger } from "../budget/ledger.js";
import type { RetryQuota } from "../budget/retry-quota.js";
import type { RunHistory } from "../completion/run-history.js";
import type { Gateway } from "../gateway.js";
import type { Clock } from "../internal/clock.js";
import type { LifecycleEvent } from "../lifecycle-event.js";
import type { SharedLooks } from "../budget/shared-looks.js";

// What the functions of this library take from a client, and nobody else can.
export interface ClientParts {
  readonly gateway: Gateway;
  readonly clock: Clock;
  /** The time as Azure has it, by which what is written on groups goes. */
  readonly azureClock: Pick<AzureClock, "now" | "behindInMs">;
  readonly owner: string;
  readonly location: string;
  readonly onEvent: ((event: LifecycleEvent) => void) | undefined;
  /** Undefined where requests need no turn. */
  readonly budget: Ledger | undefined;
  readonly retryQuota: RetryQuota;
  /** What the jobs of this client took. */
  readonly history: RunHistory;
  readonly looks: SharedLooks;
  /** The highest attempt of each job whose group this client has deleted: its name is not to be used again. */
  readonly usedAttempts: Map<string, number>;
}

const parts = new WeakMap<object, ClientParts>();

// Keeps the parts of a client.
export function setParts(client: object, given: ClientParts): void {
  parts.set(client, given);
}

// The parts of a client, or a TypeError for what is not one.
export function partsOf(client: object | null | undefined): ClientParts {
  const found = parts.get(client as object);
  if (found === undefined) throw new TypeError(`Expected \`client\` to be an AciClient of this copy of aci-lifecycle (another one is there where the package is loaded twice: as ESM and CommonJS, or in two versions), got ${client === null ? "null" : typeof client}.`);
  return found;
}
