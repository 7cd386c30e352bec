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

// Those who sleep, in the order in which they wake: the first to sleep is the first to wake at the same time.
class Sleepers {
  readonly #all: Sleeper[] = [];

  /** When the next one wakes. */
  get nextAt(): number | undefined {
    return this.#all[0]?.at;
  }

  /** Takes out who wakes next, if that is by then. */
  take(until: number): Sleeper | undefined {
    return (this.nextAt ?? Infinity) <= until ? this.#all.shift() : undefined;
  }

  /** Sleeps. `onChange` is told when somebody has gone to sleep, or was called away. */
  sleep(at: number, abortSignal: AbortSignal | undefined, onChange?: () => void): Promise<void> {
    if (abortSignal?.aborted === true) return Promise.reject(abortSignal.reason as Error);
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        release?.();
        resolve();
      };
      const sleeper: Sleeper = { at, wake };
      this.#all.splice(this.#placeOf(at), 0, sleeper);
      const release = abortSignal && onAbort(abortSignal, () => {
        this.#all.splice(this.#all.indexOf(sleeper), 1);
        reject(abortSignal.reason as Error);
        onChange?.();
      });
      onChange?.();
    });
  }

  #placeOf(at: number): number {
    let [low, high] = [0, this.#all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#all[middle]?.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The same time with one timer for all who sleep, as thousands of jobs do at once; none while nobody does. */
export function oneTimer(clock: Clock): Clock {
  const sleepers = new Sleepers();
  let next: { readonly at: number; readonly stop: AbortController } | undefined;
  const arm = (): void => {
    const at = sleepers.nextAt;
    if (next !== undefined && at !== undefined && next.at <= at) return;
    next?.stop.abort();
    next = at === undefined ? undefined : { at, stop: new AbortController() };
    if (next !== undefined) void clock.sleep(Math.max(0, next.at - clock.now()), next.stop.signal).then(wakeAll, () => undefined);
  };
  const wakeAll = (): void => {
    next = undefined;
    for (let due = sleepers.take(clock.now()); due !== undefined; due = sleepers.take(clock.now())) due.wake();
    arm();
  };
  return { now: () => clock.now(), sleep: (ms, abortSignal) => sleepers.sleep(clock.now() + Math.max(0, ms), abortSignal, arm) };
}

/**
 * A clock that stands still until it is told to move. Sleepers wake in the order of their times, each with the clock
 * showing exactly its time.
 *
 * @public
 */
export class VirtualClock implements Clock {
  #now: number;
  readonly #sleepers = new Sleepers();

  /** @param startAt - The first time it shows, in milliseconds since 1970; 2026-01-01 by default. */
  constructor(startAt: number = Date.UTC(2026, 0, 1)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, abortSignal?: AbortSignal): Promise<void> {
    return this.#sleepers.sleep(this.#now + Math.max(0, ms), abortSignal);
  }

  /** When the next sleeper wakes, or `undefined` when nobody sleeps. */
  get nextWakeAt(): number | undefined {
    return this.#sleepers.nextAt;
  }

  /** Moves the time on by `ms`, waking every sleeper whose time comes and letting what it does settle in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let next = this.#sleepers.take(until); next !== undefined; next = this.#sleepers.take(until)) {
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
