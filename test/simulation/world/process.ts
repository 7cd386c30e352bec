import type { Clock } from "../../../src/internal/clock.js";
import type { Dice } from "./dice.js";
import type { Faults } from "./faults.js";
import type { History } from "./history.js";
import { UNHEARD, type Time } from "./time.js";

/** A process that may die at any await. Nothing that it waits for ever comes then; what it has sent still arrives. */
export class Process implements Clock {
  isAlive = true;
  /** Nobody carries on what it leaves behind. */
  isLast = false;
  /** Nothing is heard before this, because something keeps the event loop busy. */
  #blockedUntil = 0;
  #sleepers = 0;
  readonly died: Promise<void>;
  #tellDeath: () => void = () => undefined;

  constructor(
    readonly name: string,
    private readonly world: { readonly time: Time; readonly faults: Faults; readonly history: History; readonly dice: Dice },
    /** How far its clock is ahead. */
    private readonly aheadInMs: number,
    /** How many awaits it lives. */
    private awaitsLeft: number,
  ) {
    this.died = new Promise((resolve) => (this.#tellDeath = resolve));
  }

  now(): number {
    return this.world.time.now + this.aheadInMs;
  }

  /** Who sleeps in it. */
  get sleepers(): number {
    return this.#sleepers;
  }

  die(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.world.history.add({ kind: "died", by: this.name });
    this.#tellDeath();
  }

  /** One await begins or ends. False if the process did not live to see it. */
  lives(): boolean {
    if (this.isAlive && --this.awaitsLeft <= 0) {
      this.world.faults.count("P1");
      this.die();
    }
    return this.isAlive;
  }

  sleep(ms: number, abortSignal?: AbortSignal): Promise<void> {
    if (abortSignal?.aborted === true) return Promise.reject(abortSignal.reason as Error);
    if (!this.lives()) return new Promise(() => undefined);
    this.#sleepers++;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const end = (then: () => void): unknown => {
        if (isOver) return UNHEARD;
        isOver = true;
        this.#sleepers--;
        abortSignal?.removeEventListener("abort", abort);
        return this.hear(then);
      };
      const abort = (): unknown => end(() => reject(abortSignal?.reason as Error));
      abortSignal?.addEventListener("abort", abort);
      this.world.time.in(ms, () => end(resolve));
    });
  }

  /** Lets the process hear of something, when it can. */
  hear(tell: () => void): unknown {
    const { time, faults, dice } = this.world;
    if (faults.strikes("R11", 0.1)) this.#blockedUntil = time.now + dice.between(1000, 60_000);
    const deliver = (): unknown => {
      const wasAlive = this.isAlive;
      if (this.lives()) tell();
      return wasAlive ? undefined : UNHEARD;
    };
    if (this.#blockedUntil <= time.now) return deliver();
    time.at(this.#blockedUntil, deliver);
    return UNHEARD;
  }
}
