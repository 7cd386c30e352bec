/** At most so many in any time of this length. */
export interface Window {
  readonly lengthInMs: number;
  readonly most: number;
  /** What it is never to be more than, whatever Azure says. @defaultValue no limit */
  readonly cap?: number | undefined;
}

// What is known of a window: how many of it are ours for now, how many were at best, and since when that is known.
interface KnownWindow extends Window {
  readonly atBest: number;
  readonly learntAt: number;
}

// Requests do not arrive in the rhythm in which they are sent.
const MARGIN_IN_MS = 1000;
const LEAST = 1;
// What others have used they give back in time, which only an answer tells: so long after the last one, one more is tried.
const TRY_AFTER_IN_MS = 300_000;

/** What is counted in sliding windows, as ACI counts creates. */
export class Windows {
  #windows: readonly KnownWindow[];
  // When those of the longest window were used, oldest first.
  #used: number[] = [];
  #answered: number[] = [];
  /** Until when Azure wants none. */
  notBefore = -Infinity;

  constructor(windows: readonly Window[]) {
    this.#windows = windows.map((window) => ({ ...window, atBest: 0, learntAt: -Infinity }));
  }

  /** One is used now. */
  use(now: number): void {
    this.#used = this.#used.filter((at) => at > now - this.#longest - MARGIN_IN_MS);
    this.#used.push(now);
  }

  /** One that was used at that time was not used after all. */
  giveBack(at: number): void {
    const index = this.#used.indexOf(at);
    if (index >= 0) this.#used.splice(index, 1);
  }

  /** How many may be used at once, where none is promised to others. */
  free(now: number): number {
    if (this.next(now) > now) return 0;
    return Math.max(LEAST, Math.min(...this.#windows.map(({ lengthInMs, most }) => most - this.#used.filter((at) => at > now - lengthInMs - MARGIN_IN_MS).length)));
  }

  /** When one may be used, behind those that are promised for these times. */
  next(now: number, promised: readonly number[] = []): number {
    const last = (count: number): number => promised.at(-count) ?? this.#used.at(promised.length - count) ?? -Infinity;
    const free = this.#windows.map(({ lengthInMs, most, atBest, learntAt }) => {
      const byNow = last(most) + lengthInMs + MARGIN_IN_MS;
      if (most >= atBest) return byNow;
      return Math.min(byNow, Math.max(last(atBest) + lengthInMs + MARGIN_IN_MS, Math.max(learntAt, last(1)) + TRY_AFTER_IN_MS));
    });
    return Math.max(now, promised.at(-1) ?? -Infinity, this.notBefore, ...free);
  }

  /** Azure has answered a create. */
  answered(now: number): void {
    this.#answered = [...this.#answered.filter((at) => at > now - this.#longest), now];
  }

  /** Azure has said how many are left in a window, of which others may have had a part. Those under way are not in it yet. */
  learn(now: number, lengthInMs: number, remaining: number): void {
    const own = this.#answered.filter((at) => at > now - lengthInMs).length;
    this.#windows = this.#windows.map((window) => {
      if (window.lengthInMs !== lengthInMs) return window;
      const most = Math.max(LEAST, Math.min(own + remaining, window.cap ?? Infinity));
      return { ...window, most, atBest: Math.max(window.atBest, most), learntAt: now };
    });
  }

  /** Azure has answered 429. */
  throttle(now: number, retryAfterInMs: number): void {
    this.notBefore = Math.max(this.notBefore, now + retryAfterInMs);
  }

  get #longest(): number {
    return Math.max(...this.#windows.map(({ lengthInMs }) => lengthInMs));
  }
}
