import type { Clock } from "../../internal/clock.js";

const MINUTE_IN_MS = 60_000;
const MOST_NAMES = 10_000;

// So many calls a minute for each name.
export class RateLimit {
  #minute = 0;
  #counts = new Map<string, number>();

  constructor(
    private readonly perMinute: number,
    private readonly clock: Clock,
  ) {}

  /** Whether one more is allowed now. */
  take(name: string): boolean {
    const minute = Math.floor(this.clock.now() / MINUTE_IN_MS);
    if (minute !== this.#minute || this.#counts.size >= MOST_NAMES) this.#counts = new Map();
    this.#minute = minute;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count <= this.perMinute;
  }
}
