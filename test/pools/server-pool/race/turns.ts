import type { VirtualClock } from "../../../../src/internal/clock.js";
import type { Dice } from "../../../simulation/world/dice.js";

/** Lets one thing at a time go on, drawn by lot, so that requests of several processes come in any order. */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  constructor(
    readonly dice: Dice,
    readonly clock: VirtualClock,
  ) {}

  take(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  // Draws until a promise has settled. Time goes on now and then, and when there is nothing else to do.
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => void (isSettled = true);
    promise.then(settled, settled);
    const isPending = (): boolean => !isSettled;
    for (let draws = 0; isPending(); draws++) {
      if (draws > 100_000) throw new Error("It never settles");
      const { nextWakeAt } = this.clock;
      const isTime = nextWakeAt !== undefined && (this.#waiting.length === 0 || this.dice.chance(0.02));
      if (isTime) await this.clock.advance(Math.max(0, nextWakeAt - this.clock.now()));
      else {
        this.#waiting.splice(this.dice.between(0, Math.max(0, this.#waiting.length - 1)), 1)[0]?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    return promise;
  }
}

/** A process: it may die at any turn, after which nothing of it goes on. */
export class Process {
  #left: number;

  constructor(
    private readonly turns: Turns,
    diesAfterTurns = Infinity,
  ) {
    this.#left = diesAfterTurns;
  }

  get isDead(): boolean {
    return this.#left <= 0;
  }

  // An object whose methods take a turn before their effect and another before their answer.
  over<T extends object>(object: T): T {
    return new Proxy(object, {
      get: (target, name) => {
        const method = (target as Record<string | symbol, unknown>)[name];
        if (typeof method !== "function") return method;
        if (name === "list" && method.length === 1) return (prefix: string) => this.#entries(method.call(target, prefix) as AsyncIterable<unknown>);
        return async (...args: unknown[]) => {
          await this.#turn();
          const answer: unknown = await method.apply(target, args);
          await this.#turn();
          return answer;
        };
      },
    });
  }

  async *#entries(entries: AsyncIterable<unknown>): AsyncGenerator {
    await this.#turn();
    yield* entries;
    await this.#turn();
  }

  async #turn(): Promise<void> {
    this.#left--;
    if (this.isDead) return new Promise<void>(() => undefined);
    return this.turns.take();
  }
}
