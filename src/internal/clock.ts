import { onAbort } from "./abort.js";

/**
 * The time that everything in this library reads and waits on. Give one of your own to drive time in a test.
 *
 * @public
 */
export interface Clock {
  /** The present time in milliseconds since 1970-01-01 UTC. */
  now(): number;
  /**
   * Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. Leaves no timer and no
   * listener behind, whichever comes first.
   */
  sleep(ms: number, abortSignal?: AbortSignal): Promise<void>;
}

// The longest delay that Node's timers take; longer sleeps are taken in pieces.
const LONGEST_TIMER_IN_MS = 2 ** 31 - 1;

/**
 * The machine's own clock. It does not jump when somebody sets the machine's time: a process keeps the time that it began
 * with, and counts on.
 */
export const systemClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  async sleep(ms, abortSignal) {
    for (let left = ms; left > 0; left -= LONGEST_TIMER_IN_MS) await timer(Math.min(left, LONGEST_TIMER_IN_MS), abortSignal);
    abortSignal?.throwIfAborted();
  },
};

function timer(ms: number, abortSignal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (abortSignal?.aborted === true) {
      reject(abortSignal.reason as Error);
      return;
    }
    const handle = setTimeout(() => {
      release?.();
      resolve();
    }, ms);
    const release = abortSignal && onAbort(abortSignal, () => {
      clearTimeout(handle);
      reject(abortSignal.reason as Error);
    });
  });
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still until it is told to move. Sleepers wake in the order of their times, each with the clock
 * showing exactly its time.
 *
 * @public
 */
export class VirtualClock implements Clock {
  #now: number;
  readonly #sleepers: Sleeper[] = [];

  /** @param startAt - The first time it shows, in milliseconds since 1970; 2026-01-01 by default. */
  constructor(startAt: number = Date.UTC(2026, 0, 1)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, abortSignal?: AbortSignal): Promise<void> {
    if (abortSignal?.aborted === true) return Promise.reject(abortSignal.reason as Error);
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        release?.();
        resolve();
      };
      const sleeper: Sleeper = { at: this.#now + Math.max(0, ms), wake };
      this.#sleepers.splice(this.#placeOf(sleeper.at), 0, sleeper);
      const release = abortSignal && onAbort(abortSignal, () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(abortSignal.reason as Error);
      });
    });
  }

  // After all who wake before or at the same time: the first to sleep is the first to wake.
  #placeOf(at: number): number {
    let [low, high] = [0, this.#sleepers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sleepers[middle]?.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** When the next sleeper wakes, or `undefined` when nobody sleeps. */
  get nextWakeAt(): number | undefined {
    return this.#sleepers[0]?.at;
  }

  /** Moves the time on by `ms`, waking every sleeper whose time comes and letting what it does settle in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let next = this.#sleepers[0]; next !== undefined && next.at <= until; next = this.#sleepers[0]) {
      this.#sleepers.shift();
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settle();
    }
    this.#now = until;
    await settle();
  }
}

// Lets every promise that can go on without time or I/O go on.
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
