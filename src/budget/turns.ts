import { onAbort } from "../internal/abort.js";
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
  // The looks by their urgency when they were put in order, the most urgent last; and those that came since.
  #ordered: Waiter[] = [];
  #came: Waiter[] = [];
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
    const isNobodyBefore = this.#first.length === 0 && (turn === undefined || this.#looks === 0);
    const refused = turn === undefined ? 0 : this.#bucket.pauseInMs(now);
    const pause = Math.max(this.#bucket.waitInMs(now), refused === 0 ? 0 : Math.min((turn?.latest ?? Infinity) - now, refused));
    if (!isNobodyBefore || pause > 0) await this.#queue(clock, turn, abortSignal);
    else this.#bucket.take(now);
  }

  get #looks(): number {
    return this.#ordered.length + this.#came.length;
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
        if (this.#waiting === 0) this.#pausing?.abort();
      });
      this.#enter(waiter, clock);
    });
  }

  #enter(waiter: Waiter, clock: Clock): void {
    const { turn } = waiter;
    this.#waiting++;
    (turn === undefined ? this.#first : this.#came).push(waiter);
    this.#latest = Math.min(this.#latest, turn?.latest ?? Infinity);
    if (!this.#isServing) void this.#serve(clock);
    // It may have to go before whoever is waited for now.
    else if (clock.now() + Math.ceil(this.#waitInMs(clock.now())) < this.#pausedUntil) this.#pausing?.abort();
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
    [this.#first, this.#ordered, this.#came, this.#latest] = [[], [], [], Infinity];
    this.#isServing = false;
  }

  // Looks that must not wait any longer go next.
  #hurry(now: number): void {
    const looks = [...this.#ordered, ...this.#came];
    const isLate = ({ turn, isGone }: Waiter): boolean => !isGone && (turn?.latest ?? Infinity) <= now;
    for (const { go } of looks.filter(isLate)) {
      this.#bucket.take(now);
      go();
    }
    this.#ordered = this.#ordered.filter((one) => !one.isGone && !isLate(one));
    this.#came = this.#came.filter((one) => !one.isGone && !isLate(one));
    this.#latest = [...this.#ordered, ...this.#came].reduce((least, { turn }) => Math.min(least, turn?.latest ?? Infinity), Infinity);
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
    if (this.#ordered.length === 0 || --this.#leftOfOrder < 0) this.#order(now);
    const fresh = this.#came.reduce<Waiter | undefined>((best, one) => (best !== undefined && best.urgency >= one.urgency ? best : one), undefined);
    const old = this.#ordered.at(-1);
    if (fresh !== undefined && (old === undefined || fresh.urgency > old.urgency)) return this.#came.splice(this.#came.indexOf(fresh), 1)[0] as Waiter;
    return this.#ordered.pop() as Waiter;
  }

  #order(now: number): void {
    const looks = [...this.#ordered, ...this.#came];
    for (const look of looks) look.urgency = look.turn?.urgency(now) ?? Infinity;
    this.#ordered = looks.sort((one, other) => one.urgency - other.urgency);
    this.#came = [];
    this.#leftOfOrder = Math.max(LEAST_BY_ONE_ORDER, looks.length * SHARE_BY_ONE_ORDER);
  }
}
