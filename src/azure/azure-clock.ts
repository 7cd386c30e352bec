import type { Clock } from "../internal/clock.js";

// An answer tells its time in whole seconds, and takes a while to come.
const UNSURE_IN_MS = 2000;

/**
 * The time by Azure's clock, as far as its answers tell it: by the last of them, counted on by our own. Before the first it is
 * our own.
 */
export class AzureClock {
  #aheadInMs = 0;

  constructor(private readonly own: Pick<Clock, "now">) {}

  now(): number {
    return this.own.now() + this.#aheadInMs;
  }

  /** How far it is behind our own; 0 where the two may be the same. */
  get behindInMs(): number {
    return this.#aheadInMs <= 0 && this.#aheadInMs > -UNSURE_IN_MS ? 0 : -this.#aheadInMs;
  }

  // Hears when an answer was given: its header, in whole seconds.
  hear(date: string | undefined): void {
    const answeredAt = Date.parse(date ?? "");
    if (!Number.isNaN(answeredAt)) this.#aheadInMs = answeredAt - this.own.now();
  }
}
