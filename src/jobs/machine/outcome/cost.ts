import type { Snapshot } from "../../../container-group.js";
import type { CostEstimate } from "../../../job-result.js";

// List prices in USD per hour, as the Retail Prices API gave them that day. Spot costs 30 % of them.
const RATES_AS_OF = "2026-10-09";
const EASTUS = { cpu: 0.0405, gb: 0.00445 };
const RATES: Readonly<Record<string, typeof EASTUS>> = {
  eastus: EASTUS,
  swedencentral: { cpu: 0.0466, gb: 0.00511 },
};

// What a group cost from its first pull, or start, until it was gone. ACI bills by the group and the second for what was
// asked for; how it rounds is not published.
export function estimateCost(snapshot: Snapshot | undefined, location: string, until: number): CostEstimate {
  const place = location.toLowerCase().replaceAll(" ", "");
  const ratesOf = place in RATES ? place : "eastus";
  const rates = RATES[place] ?? EASTUS;
  const containers = snapshot?.containers ?? [];
  const sum = (values: (number | undefined)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const perHour = rates.cpu * sum(containers.map(({ cpu }) => cpu)) + rates.gb * sum(containers.map(({ memoryInGB }) => memoryInGB));
  const since = billedSince(snapshot);
  const hours = since === undefined ? 0 : Math.max(0, until - since) / 3_600_000;
  return { amount: Number((perHour * hours).toPrecision(3)), currency: "USD", ratesAsOf: RATES_AS_OF, ratesOf };
}

function billedSince(snapshot: Snapshot | undefined): number | undefined {
  const all = [...(snapshot?.initContainers ?? []), ...(snapshot?.containers ?? [])];
  const times = all
    .flatMap(({ events, currentState }) => [...events.map(({ firstAt }) => firstAt), currentState?.startedAt])
    .map((time) => Date.parse(time ?? ""))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.min(...times);
}
