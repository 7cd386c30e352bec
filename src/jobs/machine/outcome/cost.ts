import type { Snapshot } from "../../../container-group.js";
import type { CostEstimate } from "../../../job-result.js";
import { billedSince, pricePerHour } from "../../../lifecycle/cost/prices.js";

// What a group cost from its first pull, or start, until it was gone. ACI bills by the group and the second for what was
// asked for; how it rounds is not published.
export function estimateCost(snapshot: Snapshot | undefined, location: string, until: number): CostEstimate {
  const { amount, ...price } = pricePerHour(snapshot?.containers ?? [], location);
  const since = snapshot && billedSince(snapshot);
  const hours = since === undefined ? 0 : Math.max(0, until - since) / 3_600_000;
  return { amount: Number((amount * hours).toPrecision(3)), ...price };
}
