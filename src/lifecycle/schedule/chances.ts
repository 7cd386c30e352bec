import type { Expectation } from "./learnt.js";
import type { Chance } from "./when-unseen.js";

// A crash comes about so long after the start.
const CRASH_IN_S = 2;
const CRASHED_SHARE = 0.6;

// The chance that a duration that has lasted for `age` seconds is over so many seconds later.
export function chanceOfEnd({ survival }: Expectation, age: number): Chance {
  const now = survival(age);
  return (gap) => 1 - survival(age + gap) / now;
}

// The same of a start.
export const chanceOfStart = chanceOfEnd;

// The chance that a container which has not started by `age` has started and ended so many seconds later. What is known of the
// run counts as three lengths that it may have.
export function chanceOfStartAndEnd(start: Expectation, run: Expectation, age: number): Chance {
  const started = chanceOfStart(start, age);
  const { mean, sd } = run.learnt ?? { mean: 0, sd: 0 };
  const likeShare = (1 - run.unlikeShare) / 2;
  const lengths = [
    [run.unlikeShare * CRASHED_SHARE, CRASH_IN_S],
    [likeShare, Math.exp(mean - sd)],
    [likeShare, Math.exp(mean + sd)],
  ] as const;
  return (gap) => {
    let sum = 0;
    for (const [share, length] of lengths) if (gap > length) sum += share * started(gap - length);
    return sum;
  };
}
