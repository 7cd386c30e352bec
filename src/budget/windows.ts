/** At most so many in any time of this length. */
export interface Window {
  readonly lengthInMs: number;
  readonly most: number;
  /** What it is never to be more than, whatever Azure says. @defaultValue no limit */
  readonly cap?: number | undefined;
}

// Requests do not arrive in the rhythm in which they are sent.
const MARGIN_IN_MS = 1000;
const LEAST = 1;
// A turn is kept so long for whoever does not come.
const KEPT_FOR_IN_MS = 300_000;

/**
 * Turns that are counted in sliding windows, as ACI counts creates. A turn is a time, given away at once and in order; whoever
 * has it goes when the time has come, and has the same one if it asks again.
 */
export class Windows {
  #windows: readonly Window[];
  // The turns of the longest window, oldest first; the last ones may be still to come.
  #turns: number[] = [];
  #answered: number[] = [];
  readonly #given = new Map<string, number>();
  #notBefore = -Infinity;

  constructor(windows: readonly Window[]) {
    this.#windows = windows;
  }

  /** Takes the next turn: now, or the time when there is one. */
  take(now: number, name: string): number {
    const given = this.#given.get(name);
    if (given !== undefined && given > now - KEPT_FOR_IN_MS) return given;
    const turn = this.next(now);
    const longest = Math.max(...this.#windows.map(({ lengthInMs }) => lengthInMs)) + MARGIN_IN_MS;
    this.#turns = this.#turns.filter((at) => at > now - longest);
    this.#turns.push(turn);
    for (const [other, at] of this.#given) if (at <= now - KEPT_FOR_IN_MS) this.#given.delete(other);
    this.#given.set(name, turn);
    return turn;
  }

  /** Uses a turn that was taken. */
  use(name: string): void {
    this.#given.delete(name);
  }

  /** How many turns there are by now. */
  free(now: number): number {
    if (now < this.#notBefore) return 0;
    return Math.max(0, Math.min(...this.#windows.map(({ lengthInMs, most }) => most - this.#turns.filter((at) => at > now - lengthInMs - MARGIN_IN_MS).length)));
  }

  /** When the next turn would be. */
  next(now: number): number {
    const turns = this.#turns;
    const free = this.#windows.map(({ lengthInMs, most }) => (turns.at(-most) ?? -Infinity) + lengthInMs + MARGIN_IN_MS);
    return Math.max(now, turns.at(-1) ?? -Infinity, this.#notBefore, ...free);
  }

  /** Azure has answered a create. */
  answered(now: number): void {
    const longest = Math.max(...this.#windows.map(({ lengthInMs }) => lengthInMs));
    this.#answered = [...this.#answered.filter((at) => at > now - longest), now];
  }

  /** Azure has said how many are left in a window, of which others may have had a part. Those under way are not in it yet. */
  learn(now: number, lengthInMs: number, remaining: number): void {
    const own = this.#answered.filter((at) => at > now - lengthInMs).length;
    this.#windows = this.#windows.map((window) => (window.lengthInMs === lengthInMs ? { ...window, most: Math.max(LEAST, Math.min(own + remaining, window.cap ?? Infinity)) } : window));
  }

  /** Azure has answered 429. */
  throttle(now: number, retryAfterInMs: number): void {
    this.#notBefore = Math.max(this.#notBefore, now + retryAfterInMs);
  }
}
