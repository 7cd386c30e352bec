import type { JobStore, ServerPoolOptions } from "aci-lifecycle";

/** How many sessions a server takes, and the most servers. */
export const CAPACITY = 2;
export const MAX = 3;

/** The same pool in each process. */
export function poolOptions(store: JobStore, wanted: () => number): ServerPoolOptions {
  return {
    name: "arena",
    server: { image: "arena" },
    scaling: { name: "as told", capacityPerServer: CAPACITY, desired: wanted },
    store,
    max: MAX,
    scaleOutCooldownInMs: 0,
    scaleInCooldownInMs: 0,
    sessionLeaseInMs: 3_600_000,
  };
}
