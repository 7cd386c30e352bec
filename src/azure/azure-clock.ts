import type { Clock } from "../internal/clock.js";

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

  // Hears when an answer was given: its header, in whole seconds.
  hear(date: string | undefined): void {
    const answeredAt = Date.parse(date ?? "");
    if (!Number.isNaN(answeredAt)) this.#aheadInMs = answeredAt - this.own.now();
  }
}
