import type { CostEstimate } from "../../../job-result.js";
import { billedSince, pricePerHour } from "../../../lifecycle/cost/prices.js";
import type { Turn } from "../moves.js";
import type { MachineState } from "../state.js";

// What a group cost from its first pull, or start, until it was gone, or until now; all by Azure's clock. ACI bills by the group
// and the second for what was asked for; how it rounds is not published.
export function estimateCost({ snapshot, location, marks }: MachineState, { now, behindInMs }: Pick<Turn, "now" | "behindInMs">): CostEstimate {
  const until = marks.billedUntil ?? (marks.goneAt ?? now) - behindInMs;
  const { amount, ...price } = pricePerHour(snapshot?.containers ?? [], location);
  const since = snapshot && billedSince(snapshot);
  const hours = since === undefined ? 0 : Math.max(0, until - since) / 3_600_000;
  return { amount: Number((amount * hours).toPrecision(3)), ...price };
}
