// The share of jobs, or of starts, that last longer than so many seconds. Falls from 1 and is never 0.
export type Survival = (seconds: number) => number;

/** Logarithms of durations in seconds: their mean and their standard deviation. */
export interface LogNormal {
  readonly mean: number;
  readonly sd: number;
}

// What is known of a job that nothing is known of: some end soon because they crash or do little, and of the others the next
// doubling of their age is as likely an end as the last one.
const SHORT_SHARE = 0.2;
const SHORT_IN_S = 5;
const SCALE_IN_S = 130;
export const unknownRun: Survival = (t) => SHORT_SHARE * Math.exp(-t / SHORT_IN_S) + ((1 - SHORT_SHARE) * SCALE_IN_S) / (SCALE_IN_S + t);

// How long ACI takes to start a container of which nothing is known: 15 to 17 seconds in recordings of the service.
export const recordedStart: LogNormal = { mean: Math.log(16), sd: 0.2 };

const START_SCALE_IN_S = 30;
export const unknownStart: Survival = (t) => START_SCALE_IN_S / (START_SCALE_IN_S + t);

// What was learnt, and what may be all the same. The second keeps it above 0.
export function mixture({ mean, sd }: LogNormal, unknown: Survival, unknownShare: number): Survival {
  return (t) => unknownShare * unknown(t) + (1 - unknownShare) * (t <= 0 ? 1 : upperTail((Math.log(t) - mean) / sd));
}

// The share of a normal distribution above z, to seven digits everywhere (Numerical Recipes, `erfcc`).
function upperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const series = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368];
  const tail = (t * Math.exp(-x * x - 1.26551223 + t * series.reduce((sum, factor) => sum * t + factor, 0))) / 2;
  return z >= 0 ? tail : 1 - tail;
}
