// After an answer of 429 the pace is halved, and comes back to what it was within this time.
const RECOVERS_IN_MS = 300_000;
const SLOWEST = 1 / 16;
const SHORTEST_PAUSE_IN_MS = 1000;
const LONGEST_PAUSE_IN_MS = 60_000;
// A fifth of what Azure gives to one principal at once.
const MOST_LEFT_TO_OTHERS = 50;

/** How many requests there may be. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * Requests of one sort, as Azure Resource Manager counts them: so many at once, and so many more each second. What could not
 * wait may be taken before it is there, and is made up for by those that can.
 */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at = -Infinity;
  // The share of the rate that is used, and when that was so.
  #share = 1;
  #shareAt = -Infinity;
  #pausedUntil = -Infinity;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#tokens = rate.burst;
  }

  take(now: number): void {
    this.#refill(now);
    this.#tokens -= 1;
  }

  /** How long until there is one: 0 if there is. */
  waitInMs(now: number): number {
    this.#refill(now);
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / (this.#rate.perSecond * this.#shareOf(now))) * 1000;
  }

  /** How long what can wait is to be left after an answer of 429. */
  pauseInMs(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** Azure has answered 429. */
  throttle(now: number, retryAfterInMs: number | undefined): void {
    this.#refill(now);
    // Many requests were under way, and all were refused: that is one refusal.
    if (now - this.#shareAt >= SHORTEST_PAUSE_IN_MS) {
      this.#share = Math.max(SLOWEST, this.#shareOf(now) / 2);
      this.#shareAt = now;
    }
    this.#tokens = Math.min(this.#tokens, 0);
    const pause = Math.min(LONGEST_PAUSE_IN_MS, Math.max(SHORTEST_PAUSE_IN_MS, retryAfterInMs ?? 0));
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
  }

  /** Azure has said how many are left for all of this principal. A fifth of a burst is left to others, but no more than that of Azure. */
  limit(now: number, remaining: number): void {
    this.#refill(now);
    this.#tokens = Math.min(this.#tokens, remaining - Math.min(MOST_LEFT_TO_OTHERS, this.#rate.burst / 5));
  }

  #refill(now: number): void {
    const seconds = Math.max(0, now - this.#at) / 1000;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + (seconds === Infinity ? 0 : seconds * this.#rate.perSecond * this.#shareOf(now)));
    this.#at = Math.max(now, this.#at);
  }

  #shareOf(now: number): number {
    return Math.min(1, this.#share + Math.max(0, now - this.#shareAt) / RECOVERS_IN_MS);
  }
}
