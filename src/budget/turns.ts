import { onAbort, OVER } from "../internal/abort.js";
import type { Clock } from "../internal/clock.js";
import type { Turn } from "../gateway.js";
import type { TokenBucket } from "./token-bucket.js";

interface Waiter {
  readonly turn: Turn | undefined;
  readonly go: () => void;
  urgency: number;
  isGone: boolean;
}

// One order of those who wait serves for so many turns, or for this share of them: who is the most urgent, is so for a while.
const LEAST_BY_ONE_ORDER = 64;
const SHARE_BY_ONE_ORDER = 1 / 8;

/**
 * The order in which requests go where they have to wait. First those that cannot say how long they can wait, in the order in
 * which they came; then looks at jobs that run, the most urgent first. Who it is, is decided when there is a turn.
 */
export class Turns {
  readonly #bucket: TokenBucket;
  #first: Waiter[] = [];
  // The looks by their urgency when they were put in order, or have come since; the most urgent first. Who comes has as a rule
  // just been looked at, and so its place near the end.
  #looks: Waiter[] = [];
  // So many of them have had their turn.
  #served = 0;
  #leftOfOrder = 0;
  // How many of them have not been called away.
  #waiting = 0;
  // When the first of the looks must not wait any longer, whether there is a turn or not.
  #latest = Infinity;
  #isServing = false;
  #pausing: AbortController | undefined;
  #pausedUntil = -Infinity;

  constructor(bucket: TokenBucket) {
    this.#bucket = bucket;
  }

  /** Resolves when it is one's turn. */
  async take(clock: Clock, turn: Turn | undefined, abortSignal: AbortSignal | undefined): Promise<void> {
    abortSignal?.throwIfAborted();
    const now = clock.now();
    const isNobodyBefore = turn === undefined ? this.#first.length === 0 : this.#waiting === 0;
    const refused = turn === undefined ? 0 : this.#bucket.pauseInMs(now);
    const pause = Math.max(this.#bucket.waitInMs(now), refused === 0 ? 0 : Math.min((turn?.latest ?? Infinity) - now, refused));
    if (!isNobodyBefore || pause > 0) await this.#queue(clock, turn, abortSignal);
    else this.#bucket.take(now);
  }

  #queue(clock: Clock, turn: Turn | undefined, abortSignal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = turn?.onQueued?.();
      const leave = (): void => {
        this.#waiting--;
        release?.();
        over?.();
      };
      const go = (): void => {
        leave();
        resolve();
      };
      const waiter: Waiter = { turn, go, urgency: turn?.urgency(clock.now()) ?? Infinity, isGone: false };
      const release = abortSignal && onAbort(abortSignal, () => {
        waiter.isGone = true;
        leave();
        reject(abortSignal.reason as Error);
        // Nobody is to wait for a turn that nobody wants.
        if (this.#waiting === 0) this.#pausing?.abort(OVER);
      });
      this.#enter(waiter, clock);
    });
  }

  #enter(waiter: Waiter, clock: Clock): void {
    const { turn } = waiter;
    this.#waiting++;
    if (turn === undefined) this.#first.push(waiter);
    else this.#looks.splice(placeFor(waiter, this.#looks, this.#served), 0, waiter);
    this.#latest = Math.min(this.#latest, turn?.latest ?? Infinity);
    if (!this.#isServing) void this.#serve(clock);
    // It may have to go before whoever is waited for now.
    else if (clock.now() + Math.ceil(this.#waitInMs(clock.now())) < this.#pausedUntil) this.#pausing?.abort(OVER);
  }

  // Gives turns as long as anybody waits.
  async #serve(clock: Clock): Promise<void> {
    this.#isServing = true;
    while (this.#waiting > 0) {
      const now = clock.now();
      if (now >= this.#latest) {
        this.#hurry(now);
        continue;
      }
      const wait = this.#waitInMs(now);
      if (wait > 0) await this.#pause(clock, wait);
      else this.#give(this.#first.shift() ?? this.#mostUrgent(now), now);
    }
    [this.#first, this.#looks, this.#served, this.#latest] = [[], [], 0, Infinity];
    this.#isServing = false;
  }

  // Looks that must not wait any longer go next.
  #hurry(now: number): void {
    const isLate = ({ turn, isGone }: Waiter): boolean => !isGone && (turn?.latest ?? Infinity) <= now;
    const waiting = this.#looks.slice(this.#served);
    for (const { go } of waiting.filter(isLate)) {
      this.#bucket.take(now);
      go();
    }
    [this.#looks, this.#served] = [waiting.filter((one) => !one.isGone && !isLate(one)), 0];
    this.#latest = this.#looks.reduce((least, { turn }) => Math.min(least, turn?.latest ?? Infinity), Infinity);
  }

  #waitInMs(now: number): number {
    const forToken = this.#bucket.waitInMs(now);
    return Math.min(this.#first.length > 0 ? forToken : Math.max(forToken, this.#bucket.pauseInMs(now)), this.#latest - now);
  }

  async #pause(clock: Clock, ms: number): Promise<void> {
    const pausing = new AbortController();
    this.#pausing = pausing;
    // Whole milliseconds: a clock that counts from 1970 does not move by less than it can tell.
    this.#pausedUntil = clock.now() + Math.ceil(ms);
    await clock.sleep(Math.ceil(ms), pausing.signal).catch(() => undefined);
    this.#pausing = undefined;
  }

  #give({ isGone, go }: Waiter, now: number): void {
    if (isGone) return;
    this.#bucket.take(now);
    go();
  }

  // There is one.
  #mostUrgent(now: number): Waiter {
    if (--this.#leftOfOrder < 0) this.#order(now);
    return this.#looks[this.#served++] as Waiter;
  }

  #order(now: number): void {
    [this.#looks, this.#served] = [this.#looks.slice(this.#served), 0];
    for (const look of this.#looks) look.urgency = look.turn?.urgency(now) ?? Infinity;
    this.#looks.sort((one, other) => other.urgency - one.urgency);
    this.#leftOfOrder = Math.max(LEAST_BY_ONE_ORDER, this.#looks.length * SHARE_BY_ONE_ORDER);
  }
}

// Where one has its place among those from a place on: after those that are as urgent, which have waited for longer.
function placeFor({ urgency }: Waiter, ordered: readonly Waiter[], first: number): number {
  let [from, to] = [first, ordered.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ordered[middle] as Waiter).urgency >= urgency) from = middle + 1;
    else to = middle;
  }
  return from;
}
