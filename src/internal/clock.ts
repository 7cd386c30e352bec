import { onAbort, OVER } from "./abort.js";

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

  /** Puts somebody among them. The function that it answers takes it out, if it is still there. */
  add(sleeper: Sleeper): () => void {
    this.#all.splice(this.#placeOf(sleeper.at), 0, sleeper);
    return () => this.#remove(sleeper);
  }

  #remove(sleeper: Sleeper): void {
    let place = this.#placeOf(sleeper.at) - 1;
    while (this.#all[place] !== sleeper && this.#all[place]?.at === sleeper.at) place--;
    if (this.#all[place] === sleeper) this.#all.splice(place, 1);
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

/** A clock that can wake somebody without a promise and a signal for it, as thousands of jobs want it at once. */
interface AlarmClock extends Clock {
  /** Calls `wake` after so long, unless the function that it answers is called before. */
  alarm(ms: number, wake: () => void): () => void;
}

/** Calls `wake` after so long by a clock, or `fail` should the clock fail, unless the function that it answers is called before. */
export function alarm(clock: Clock, ms: number, wake: () => void, fail: (error: unknown) => void): () => void {
  if ("alarm" in clock) return (clock as AlarmClock).alarm(ms, wake);
  const stop = new AbortController();
  const unlessStopped = <T>(act: (value: T) => void) => (value: T): void => {
    if (!stop.signal.aborted) act(value);
  };
  clock.sleep(ms, stop.signal).then(unlessStopped(wake), unlessStopped(fail));
  return () => stop.abort(OVER);
}

// Sleeps until what `arm` has armed wakes it.
function sleepBy(arm: (wake: () => void) => () => void, abortSignal: AbortSignal | undefined): Promise<void> {
  if (abortSignal?.aborted === true) return Promise.reject(abortSignal.reason as Error);
  return new Promise((resolve, reject) => {
    const disarm = arm(() => {
      release?.();
      resolve();
    });
    const release = abortSignal && onAbort(abortSignal, () => {
      disarm();
      reject(abortSignal.reason as Error);
    });
  });
}

/** The same time with one timer for all who sleep, as thousands of jobs do at once; none while nobody does. */
export function oneTimer(clock: Clock): Clock {
  const sleepers = new Sleepers();
  let next: { readonly at: number; readonly stop: AbortController } | undefined;
  const arm = (): void => {
    const at = sleepers.nextAt;
    if (next !== undefined && at !== undefined && next.at <= at) return;
    next?.stop.abort(OVER);
    next = at === undefined ? undefined : { at, stop: new AbortController() };
    if (next !== undefined) void clock.sleep(Math.max(0, next.at - clock.now()), next.stop.signal).then(wakeAll, () => undefined);
  };
  const wakeAll = (): void => {
    next = undefined;
    for (let due = sleepers.take(clock.now()); due !== undefined; due = sleepers.take(clock.now())) due.wake();
    arm();
  };
  const one: AlarmClock = {
    now: () => clock.now(),
    sleep: (ms, abortSignal) => sleepBy((wake) => one.alarm(ms, wake), abortSignal),
    alarm: (ms, wake) => {
      const remove = sleepers.add({ at: clock.now() + Math.max(0, ms), wake });
      arm();
      return () => {
        remove();
        arm();
      };
    },
  };
  return one;
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
    return sleepBy((wake) => this.#sleepers.add({ at: this.#now + Math.max(0, ms), wake }), abortSignal);
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
