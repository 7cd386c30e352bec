// When to look at a group next. One request is worth this much of a delay in noticing; see docs/jobs.md.
const LAG_PER_REQUEST_IN_S = 0.1;
// Before its history is known a job is taken to be about as long as it has run already, and at least this long.
const SHORTEST_SCALE_IN_S = 2;
const SHORTEST_GAP_IN_MS = 500;
const LONGEST_GAP_IN_MS = 30_000;
const STARTING_GAPS_IN_MS = [1000, 1500, 2500, 4000] as const;

// The pause before the n-th look (from 0) at a group whose main container has not started.
export function startingGapInMs(looks: number): number {
  return STARTING_GAPS_IN_MS[Math.min(looks, STARTING_GAPS_IN_MS.length - 1)] ?? LONGEST_GAP_IN_MS;
}

// The pause before the next look at a container that has run for so long: optimal inspection of a scale-free prior,
// whose gap grows with the square root of the age (Barlow, Hunter and Proschan, 1963).
export function runningGapInMs(ageInMs: number): number {
  const gap = Math.sqrt(2 * LAG_PER_REQUEST_IN_S * (SHORTEST_SCALE_IN_S + Math.max(0, ageInMs) / 1000)) * 1000;
  return Math.min(LONGEST_GAP_IN_MS, Math.max(SHORTEST_GAP_IN_MS, gap));
}

// The pause before another try: 0.5 s doubling to 30 s, times 0.5 to 1 by the given fraction.
export function backoffInMs(tries: number, fraction: number): number {
  return Math.round(Math.min(LONGEST_GAP_IN_MS, 500 * 2 ** Math.min(tries, 10)) * (0.5 + fraction / 2));
}

// A fraction of 0 to 1 that is always the same for the same text: jitter that needs no randomness.
export function fractionOf(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return ((hash >>> 0) % 1000) / 1000;
}
