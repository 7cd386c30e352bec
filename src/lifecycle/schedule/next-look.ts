import type { EarlierRun } from "../../completion-strategy.js";
import { chanceOfEnd, chanceOfStart, chanceOfStartAndEnd } from "./chances.js";
import { expectedRun, expectedStart } from "./learnt.js";
import { whenUnseen, type Chance } from "./when-unseen.js";

/** What a request may cost in delay. */
export type Pace = keyof typeof REQUEST_IS_WORTH_IN_S;

// How many seconds of not seeing that a job has ended one request is worth.
export const REQUEST_IS_WORTH_IN_S = { fast: 0.0195, balanced: 0.0605, frugal: 0.25 } as const;

/** What a look in time depends on. The group was looked at just now. */
export interface LookQuestion {
  readonly phase: "starting" | "running";
  /** Time since Azure accepted the group while it is starting, since its main container's start while it is running. */
  readonly ageInMs: number;
  readonly earlierRuns: readonly EarlierRun[];
  readonly expectedDurationInMs?: number | undefined;
  readonly pace: Pace;
}

/** When to look next, and what may go unseen. */
export interface LookTime {
  readonly inMs: number;
  /** The delay with which the end is seen after so long a gap, times the chance that it has come. */
  readonly unseen: (gapInMs: number) => number;
}

// A gap is from one look to the next, as Azure sees them. The pause in between is shorter by about a round trip.
const ROUND_TRIP_IN_S = 0.1;
const SHORTEST_GAP_IN_S = 0.3;
const LONGEST_GAP_IN_S = 30;
// Bounds what is lost on a job that ends much earlier than it ever did.
const LONGEST_SHARE_OF_MEDIAN = 0.25;
// While nothing is known of the start it is the start that is looked for. Not to see it costs nothing by itself.
const START_IS_WORTH = 23;
// A group that cannot start says why.
const LONGEST_UNKNOWN_START_GAP_IN_S = 15;
// Emulators and warm pools start at once, and nobody knows which this is.
const EARLY_LOOKS_IN_S = [1.5, 4.5] as const;
const LONGEST_AGE_IN_S = 1e9;
// Where nothing was learnt the job that was not looked at for longest is next, in turn: to prefer the young ones, which are the
// likeliest to end, lets the others wait for longer than that gains.
const UNKNOWN_CHANCE = 0.3;

// The smallest gap whose expected unseen delay reaches what a request is worth: optimal inspection of a duration whose
// distribution is known (Barlow, Hunter and Proschan, 1963).
export function nextLook(question: LookQuestion): LookTime {
  const age = Math.min(LONGEST_AGE_IN_S, question.ageInMs > 0 ? question.ageInMs / 1000 : 0);
  return question.phase === "starting" ? whileStarting(question, age) : whileRunning(question, age);
}

function whileRunning({ earlierRuns, expectedDurationInMs, pace }: LookQuestion, age: number): LookTime {
  const run = expectedRun(earlierRuns, expectedDurationInMs);
  // A job that has outlived what was learnt is as old as it is.
  const longest = run.learnt === undefined ? LONGEST_GAP_IN_S : Math.max(Math.exp(run.learnt.mean), age) * LONGEST_SHARE_OF_MEDIAN;
  return lookAt(chanceOfEnd(run, age), REQUEST_IS_WORTH_IN_S[pace], longest, run.learnt !== undefined);
}

function whileStarting({ earlierRuns, expectedDurationInMs, pace }: LookQuestion, age: number): LookTime {
  const start = expectedStart(earlierRuns);
  const worth = REQUEST_IS_WORTH_IN_S[pace];
  if (start.learnt !== undefined) return lookAt(chanceOfStartAndEnd(start, expectedRun(earlierRuns, expectedDurationInMs), age), worth, LONGEST_GAP_IN_S, true);
  const early = EARLY_LOOKS_IN_S.find((at) => at >= age + SHORTEST_GAP_IN_S) ?? Infinity;
  return lookAt(chanceOfStart(start, age), worth * START_IS_WORTH, Math.min(LONGEST_UNKNOWN_START_GAP_IN_S, early - age), false);
}

function lookAt(chance: Chance, worthInS: number, longestInS: number, isLearnt: boolean): LookTime {
  const longest = Math.min(LONGEST_GAP_IN_S, Math.max(SHORTEST_GAP_IN_S, longestInS));
  const gap = Math.max(SHORTEST_GAP_IN_S, whenUnseen(chance, worthInS, longest));
  return { inMs: Math.round((gap - ROUND_TRIP_IN_S) * 1000), unseen: (gapInMs) => gapInMs * (isLearnt ? chance(gapInMs / 1000) : UNKNOWN_CHANCE) };
}
