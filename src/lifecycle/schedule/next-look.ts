import type { EarlierRun } from "../../completion-strategy.js";
import { expectedRun, expectedStart, type Expectation } from "./learnt.js";
import type { Survival } from "./survival.js";

/** What a request may cost in delay. */
export type Pace = keyof typeof REQUEST_IS_WORTH_IN_S;

// How many seconds of not seeing that a job has ended one request is worth.
export const REQUEST_IS_WORTH_IN_S = { fast: 0.02, balanced: 0.055, frugal: 0.25 } as const;

/** What a look in time depends on. The group was looked at just now. */
export interface LookQuestion {
  readonly phase: "starting" | "running";
  /** Time since Azure accepted the group while it is starting, since its main container's start while it is running. */
  readonly ageInMs: number;
  readonly earlierRuns: readonly EarlierRun[];
  readonly expectedDurationInMs?: number | undefined;
  readonly pace: Pace;
}

/** When to look next, and what of it may go unseen until then. */
export interface LookTime {
  readonly inMs: number;
  /** The delay with which the end is seen then, times the chance that it has come. */
  readonly unseenInMs: number;
}

const SHORTEST_GAP_IN_S = 0.3;
const LONGEST_GAP_IN_S = 30;
// A group that cannot start says why.
const LONGEST_STARTING_GAP_IN_S = 15;
// Bounds what is lost on a job that ends much earlier than it ever did.
const LONGEST_SHARE_OF_MEDIAN = 0.15;
// Not to see at once that a container has started costs nothing by itself.
const START_IS_WORTH = 23;
// Emulators and warm pools start at once; nobody knows which this is.
const EARLY_LOOKS_IN_S = [1.5, 4.5] as const;
const LONGEST_AGE_IN_S = 1e9;

// The smallest gap whose expected unseen delay reaches what a request is worth: optimal inspection of a duration whose
// distribution is known (Barlow, Hunter and Proschan, 1963).
export function nextLook(question: LookQuestion): LookTime {
  const { phase, ageInMs, earlierRuns, expectedDurationInMs, pace } = question;
  const age = Math.min(LONGEST_AGE_IN_S, ageInMs > 0 ? ageInMs / 1000 : 0);
  const expected = phase === "starting" ? expectedStart(earlierRuns) : expectedRun(earlierRuns, expectedDurationInMs);
  const worth = REQUEST_IS_WORTH_IN_S[pace] * (phase === "starting" ? START_IS_WORTH : 1);
  const early = phase === "starting" && expected.medianInS === undefined ? EARLY_LOOKS_IN_S.find((at) => at >= age + SHORTEST_GAP_IN_S) : undefined;
  const gap = Math.min(gapAt(age, expected, worth, phase), early === undefined ? LONGEST_GAP_IN_S : early - age);
  return { inMs: Math.round(gap * 1000), unseenInMs: gap * 1000 * (1 - expected.survival(age + gap) / expected.survival(age)) };
}

function gapAt(age: number, expected: Expectation, worth: number, phase: LookQuestion["phase"]): number {
  const { survival, medianInS, spreadInS = LONGEST_GAP_IN_S } = expected;
  const byMedian = phase === "starting" ? LONGEST_STARTING_GAP_IN_S : (medianInS ?? Infinity) * LONGEST_SHARE_OF_MEDIAN;
  const longest = Math.min(LONGEST_GAP_IN_S, Math.max(SHORTEST_GAP_IN_S, byMedian));
  return Math.max(SHORTEST_GAP_IN_S, whenUnseen(survival, age, { worth, longest, longestStep: Math.max(SHORTEST_GAP_IN_S / 4, spreadInS) }));
}

// Adds up the chance that the end has come, in steps that grow, until it makes `worth` seconds.
function whenUnseen(survival: Survival, age: number, limits: { readonly worth: number; readonly longest: number; readonly longestStep: number }): number {
  const { worth, longest, longestStep } = limits;
  const now = survival(age);
  const ended = (u: number): number => 1 - survival(age + u) / now;
  let [at, unseen, endedAt, step] = [0, 0, 0, SHORTEST_GAP_IN_S / 4];
  for (let halvings = 0; at < longest && halvings < 6; ) {
    const endedThen = ended(at + step);
    const more = (step / 6) * (endedAt + 4 * ended(at + step / 2) + endedThen);
    if (unseen + more >= worth) {
      halvings++;
      step /= 2;
      continue;
    }
    [at, unseen, endedAt] = [at + step, unseen + more, endedThen];
    step = halvings > 0 ? step / 2 : Math.min(step * 1.25, longestStep);
    if (halvings > 0) halvings++;
  }
  return Math.min(at, longest);
}
