import type { EarlierRun, NextCheck } from "../../completion-strategy.js";

// When to look next, by what was known of earlier runs. Who waits for his turn meanwhile has his urgency judged by what has become
// known since, as that of those who come after him is; anew only when twice as many runs are known, for it takes time.
export function upToDate(known: () => readonly EarlierRun[], ask: (earlierRuns: readonly EarlierRun[]) => NextCheck): NextCheck {
  let runs = known();
  let check = ask(runs);
  return {
    ...check,
    urgency(unseenForInMs) {
      const latest = known();
      if (latest.length >= Math.max(1, 2 * runs.length)) [runs, check] = [latest, ask(latest)];
      return check.urgency?.(unseenForInMs) ?? unseenForInMs;
    },
  };
}
