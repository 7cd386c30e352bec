import type { ContainerSnapshot, Snapshot } from "../../container-group.js";
import { locationName } from "../identity.js";

// List prices of Linux containers in USD per hour, as the Retail Prices API gave them that day. Spot costs 30 % of them, and
// Windows more, which is left out: an estimate may be too high for the one and is too low for the other.
const EASTUS = { cpu: 0.0405, gb: 0.00445 };
const RATES: Readonly<Record<string, typeof EASTUS>> = {
  eastus: EASTUS,
  swedencentral: { cpu: 0.0466, gb: 0.00511 },
};

/** What all prices here are in, and of which day. */
export const PRICES = { currency: "USD", ratesAsOf: "2026-10-09" } as const;

// What ACI asks for these containers, an hour, while their group is billed; by the rates of East US where ours has none here.
export function pricePerHour(containers: readonly ContainerSnapshot[], location: string): typeof PRICES & { readonly amount: number; readonly ratesOf: string } {
  const place = locationName(location);
  const ratesOf = place in RATES ? place : "eastus";
  const rates = RATES[place] ?? EASTUS;
  const sum = (values: readonly (number | undefined)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const amount = rates.cpu * sum(containers.map(({ cpu }) => cpu)) + rates.gb * sum(containers.map(({ memoryInGB }) => memoryInGB));
  return { amount, ...PRICES, ratesOf };
}

// When the meter began to run: at the first event of a container, a pull as a rule; undefined if it has not.
export function billedSince(snapshot: Snapshot): number | undefined {
  const times = [...snapshot.initContainers, ...snapshot.containers]
    .flatMap(({ events, currentState, previousState }) => [...events.map(({ firstAt }) => firstAt), previousState?.startedAt, currentState?.startedAt])
    .map((time) => Date.parse(time ?? ""))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.min(...times);
}
