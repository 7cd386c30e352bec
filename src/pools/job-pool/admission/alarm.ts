import type { Clock } from "../../../internal/clock.js";

/** Wakes somebody at the earliest of the times that were set since it last did. */
export class Alarm {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #next: { readonly at: number; readonly stop: AbortController } | undefined;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  setIn(ms: number): void {
    const at = this.#clock.now() + ms;
    if (this.#next !== undefined && this.#next.at <= at) return;
    this.clear();
    const next = { at, stop: new AbortController() };
    this.#next = next;
    void this.#clock.sleep(ms, next.stop.signal).then(
      () => {
        this.#next = undefined;
        this.#wake();
      },
      () => undefined,
    );
  }

  clear(): void {
    this.#next?.stop.abort();
    this.#next = undefined;
  }
}
