/** Random numbers that are the same for the same seed, on every machine. */
export class Dice {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 2654435761) >>> 0;
  }

  /** From 0 to below 1 (mulberry32). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** Short times are as likely as long ones: the logarithm is even. */
  spread(low: number, high: number): number {
    return Math.round(low * (high / low) ** this.fraction());
  }

  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)] as T;
  }

  /** Dice of their own for a part of the world, so that what is drawn there changes nothing elsewhere. */
  fork(name: string): Dice {
    let hash = this.seed;
    for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
    return new Dice(hash >>> 0);
  }
}
