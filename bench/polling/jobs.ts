/** What will become of one job, whoever runs it. */
export interface PlannedJob {
  readonly index: number;
  /** From the acceptance of its group to the start of its container. */
  readonly startsAfterInMs: number;
  readonly runsForInMs: number;
  readonly exitCode: number;
}

/** Jobs that take about as long as each other. */
export interface JobList {
  readonly seed: number;
  readonly count: number;
  readonly medianInMs: number;
  /** Of the logarithm of the run time; undefined for a run time that is even within 15 seconds, or half, around the median. */
  readonly sd?: number | undefined;
}

const CRASHED_SHARE = 0.03;

// The same list for the same seed: starts of 10 to 20 seconds, and three in a hundred that crash early. The jobs of a list are
// evenly spread over what may happen, so that few of them show what many would.
export function jobsOf({ seed, count, medianInMs, sd }: JobList): PlannedJob[] {
  const random = randomOf(seed);
  const shifts = STEPS.map(() => random());
  return Array.from({ length: count }, (_unused, index) => {
    const [start = 0, length = 0, angle = 0, fate = 0, crash = 0] = STEPS.map((step, dimension) => ((shifts[dimension] ?? 0) + step * (index + 1)) % 1);
    const spreadInMs = Math.min(15_000, medianInMs / 2);
    const whole = sd === undefined ? medianInMs + (2 * length - 1) * spreadInMs : medianInMs * Math.exp(sd * normal(length, angle));
    const isCrashed = fate < CRASHED_SHARE;
    return { index, startsAfterInMs: Math.round(10_000 + 10_000 * start), runsForInMs: Math.max(1, Math.round(whole * (isCrashed ? 0.2 * crash : 1))), exitCode: isCrashed ? 1 : 0 };
  });
}

// Steps whose multiples fill five dimensions evenly: powers of the inverse of the root of x^6 = x + 1.
const STEPS = [1, 2, 3, 4, 5].map((power) => 1.1347241384015194 ** -power);

function normal(length: number, angle: number): number {
  return Math.sqrt(-2 * Math.log(1 - length)) * Math.cos(2 * Math.PI * angle);
}

// Mulberry32: the same numbers for the same seed.
export function randomOf(seed: number): () => number {
  let state = (seed * 0x9e3779b9) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
