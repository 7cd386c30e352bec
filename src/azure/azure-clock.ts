import type { Clock } from "../internal/clock.js";

// An answer tells its time in whole seconds: it was given then, or up to so much later.
const WITHIN_IN_MS = 999;

/**
 * The time by Azure's clock, as far as its answers tell it, counted on by our own. It is our own, or what an earlier answer told,
 * as long as the next one could have been given at that time: after it was asked for, and before it was heard.
 */
export class AzureClock {
  #aheadInMs = 0;

  constructor(private readonly own: Pick<Clock, "now">) {}

  now(): number {
    return this.own.now() + this.#aheadInMs;
  }

  /** How far it is behind our own. */
  get behindInMs(): number {
    return 0 - this.#aheadInMs;
  }

  // Notes when something is asked, and gives what hears when the answer was given: its header, in whole seconds.
  ask(): (date: string | undefined) => void {
    const askedAt = this.own.now();
    return (date) => {
      const answeredAt = Date.parse(date ?? "");
      if (Number.isNaN(answeredAt)) return;
      const [least, most] = [answeredAt - this.own.now(), answeredAt + WITHIN_IN_MS - askedAt];
      this.#aheadInMs = Math.max(least, Math.min(this.#aheadInMs, most));
    };
  }
}
