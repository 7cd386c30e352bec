/** What scalers hand on to each other. Times are in milliseconds since 1970. */
export interface ScalerMemory {
  /** How many servers there are to be. */
  readonly target: number;
  readonly scaledOutAt?: number | undefined;
  readonly scaledInAt?: number | undefined;
  /** Creates fail: until when none is tried, and how often they have failed in a row. */
  readonly backoff?: Backoff | undefined;
}

export interface Backoff {
  readonly since: number;
  readonly failures: number;
  readonly until: number;
}

const FIRST_PAUSE_IN_MS = 60_000;
const LONGEST_PAUSE_IN_MS = 900_000;
// Servers have asked for years.
const LONGEST_ASKED_IN_MS = 3_600_000;

// The pause after another failed create: a minute, doubling to a quarter of an hour, or as long as Azure asks, up to an hour.
export function backOff(memory: ScalerMemory, now: number, retryAfterInMs = 0): ScalerMemory {
  const failures = (memory.backoff?.failures ?? 0) + 1;
  const pause = Math.min(LONGEST_PAUSE_IN_MS, FIRST_PAUSE_IN_MS * 2 ** Math.min(failures - 1, 10));
  return { ...memory, backoff: { since: memory.backoff?.since ?? now, failures, until: now + Math.max(pause, Math.min(LONGEST_ASKED_IN_MS, retryAfterInMs > 0 ? retryAfterInMs : 0)) } };
}
