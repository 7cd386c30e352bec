/** What scalers hand on to each other. Times are in milliseconds since 1970. */
export interface ScalerMemory {
  /** How many servers there are to be. */
  readonly target: number;
  readonly scaledOutAt?: number | undefined;
  readonly scaledInAt?: number | undefined;
  /** Creates fail, or what they bring dies young: until when none is tried, and how often that was in a row. */
  readonly backoff?: Backoff | undefined;
}

export interface Backoff {
  readonly failures: number;
  /** Nothing is created before. So only what was created from then on can show that it has passed. */
  readonly until: number;
  /** Servers came up and died young, so that another that comes up proves nothing: one has to last. */
  readonly isByDeath?: boolean | undefined;
}

const FIRST_PAUSE_IN_MS = 60_000;
const LONGEST_PAUSE_IN_MS = 900_000;
// Servers have asked for years.
const LONGEST_ASKED_IN_MS = 3_600_000;

// The pause after another failed create: a minute, doubling to a quarter of an hour, or as long as Azure asks, up to an hour.
export function backOff(memory: ScalerMemory, now: number, retryAfterInMs = 0, isByDeath = memory.backoff?.isByDeath): ScalerMemory {
  const failures = (memory.backoff?.failures ?? 0) + 1;
  const pause = Math.min(LONGEST_PAUSE_IN_MS, FIRST_PAUSE_IN_MS * 2 ** Math.min(failures - 1, 10));
  const asked = Math.min(LONGEST_ASKED_IN_MS, retryAfterInMs > 0 ? retryAfterInMs : 0);
  return { ...memory, backoff: { failures, until: now + Math.max(pause, asked), ...(isByDeath === true && { isByDeath }) } };
}
