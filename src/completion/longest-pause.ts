import type { CompletionStrategy } from "../completion-strategy.js";

// However seldom a strategy wants a look, one comes by then.
const LONGEST_IN_MS = 600_000;
// That of the schedule that serves where a strategy has none.
export const SCHEDULE_IN_MS = 30_000;

// The longest time without a look at a job by this strategy.
export function longestPauseOf(strategy: CompletionStrategy): number {
  const { longestPauseInMs } = strategy;
  if (strategy.nextCheck === undefined) return SCHEDULE_IN_MS;
  return typeof longestPauseInMs === "number" && longestPauseInMs > 0 ? Math.min(longestPauseInMs, LONGEST_IN_MS) : LONGEST_IN_MS;
}
