// The share of jobs, or of starts, that last longer than so many seconds. Falls from 1 and is never 0.
export type Survival = (seconds: number) => number;

/** Logarithms of durations in seconds: their mean and their standard deviation. */
export interface LogNormal {
  readonly mean: number;
  readonly sd: number;
}

// Some end within seconds because they crash or do little. The others have no length of their own: once older than the scale,
// each doubling of their age is as likely to see the end as the one before.
const SHORT_IN_S = 4;
const SCALE_IN_S = 110;
const SCALE_BY_MEDIAN = 0.8;

// A job that nothing is known of.
export const unknownRun = unknown(0.18, SCALE_IN_S);

// A run that is not like those that were seen: it crashes, or it is about anything.
export function unlikeRun(medianInS: number): Survival {
  return unknown(0.6, SCALE_IN_S + SCALE_BY_MEDIAN * medianInS);
}

function unknown(shortShare: number, scaleInS: number): Survival {
  return (t) => shortShare * Math.exp(-t / SHORT_IN_S) + ((1 - shortShare) * scaleInS) / (scaleInS + t);
}

const START_SCALE_IN_S = 30;
export const unknownStart: Survival = (t) => START_SCALE_IN_S / (START_SCALE_IN_S + t);

// What was learnt, and what may be in spite of it. The second keeps it above 0.
export function mixture({ mean, sd }: LogNormal, unlike: Survival, unlikeShare: number): Survival {
  return (t) => unlikeShare * unlike(t) + (1 - unlikeShare) * (t <= 0 ? 1 : upperTail((Math.log(t) - mean) / sd));
}

const SERIES = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368];

// The share of a normal distribution above z, to seven digits everywhere (Numerical Recipes, `erfcc`).
function upperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  let sum = 0;
  for (const factor of SERIES) sum = sum * t + factor;
  const tail = (t * Math.exp(-x * x - 1.26551223 + t * sum)) / 2;
  return z >= 0 ? tail : 1 - tail;
}
