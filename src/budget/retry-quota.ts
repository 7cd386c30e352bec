// So many retries of one client are free at once, and so many come free again each second.
const BURST = 100;
const PER_SECOND = 10;

/**
 * Spreads what a client asks again after faults. When the service is in trouble all jobs of a client ask again, and would
 * keep it there: from a point on each retry waits for its turn.
 */
export class RetryQuota {
  #left = BURST;
  #at = -Infinity;

  // Takes one retry, and answers how long it has to wait for its turn, in milliseconds.
  take(now: number): number {
    this.#left = Math.min(BURST, this.#left + (Math.max(0, now - this.#at) / 1000) * PER_SECOND) - 1;
    this.#at = Math.max(now, this.#at);
    return this.#left >= 0 ? 0 : (-this.#left / PER_SECOND) * 1000;
  }
}
