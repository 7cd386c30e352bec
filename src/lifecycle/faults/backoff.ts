const LONGEST_PAUSE_IN_MS = 30_000;

// The pause before another try: 0.5 s doubling to 30 s, times 0.5 to 1 by the given fraction.
export function backoffInMs(tries: number, fraction: number): number {
  return Math.round(Math.min(LONGEST_PAUSE_IN_MS, 500 * 2 ** Math.min(tries, 10)) * (0.5 + fraction / 2));
}

// A fraction of 0 to 1 that is always the same for the same text: jitter that needs no randomness.
export function fractionOf(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return ((hash >>> 0) % 1000) / 1000;
}
