import { alarm, type Clock } from "../../../internal/clock.js";

/** Wakes somebody at the earliest of the times that were set since it last did. */
export class Alarm {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #next: { readonly at: number; readonly disarm: () => void } | undefined;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  setIn(ms: number): void {
    const at = this.#clock.now() + ms;
    if (this.#next !== undefined && this.#next.at <= at) return;
    this.clear();
    const wake = (): void => {
      this.#next = undefined;
      this.#wake();
    };
    this.#next = { at, disarm: alarm(this.#clock, ms, wake, () => undefined) };
  }

  clear(): void {
    this.#next?.disarm();
    this.#next = undefined;
  }
}
