import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "aci-lifecycle";

/**
 * The real time, but for what is skipped of it. Who sleeps does so for as long as he wants: a request that is tried again would
 * wait for ever for a time that stands still until it is answered.
 */
export class SkippingClock implements Clock {
  #skippedInMs = 0;

  now(): number {
    return Date.now() + this.#skippedInMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }

  skip(ms: number): void {
    this.#skippedInMs += ms;
  }
}
