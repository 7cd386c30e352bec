import { link } from "../../../src/internal/abort.js";
import type { Mailbox, Signal } from "../../../src/index.js";
import type { Process } from "../world/process.js";
import type { World } from "../world/world.js";

/** A mailbox that outlives its processes, as seen by one of them. */
export class SimMailbox {
  readonly #signals = new Map<string, Signal[]>();
  readonly #waiting = new Set<() => void>();

  constructor(private readonly world: World) {}

  /** How many signals were kept, ever. */
  kept = 0;

  for(process: Process): Mailbox {
    return {
      put: (signal) => this.#ask(process, () => this.#put(signal)),
      receive: async (groupName, { waitInMs, abortSignal }) => this.#noted(process, groupName, await this.#receive(process, groupName, waitInMs, abortSignal)),
      acknowledge: (groupName, ids) => this.#ask(process, () => this.#remove(process, groupName, ids)),
    };
  }

  // Breaks at times, before the effect or after it.
  #ask<T>(process: Process, act: () => T): Promise<T> {
    const { time, faults, dice } = this.world;
    if (!process.lives()) return new Promise(() => undefined);
    return new Promise((resolve, reject) => {
      time.in(dice.between(1, 20), () => {
        const [isBroken, isAfter] = [faults.strikes("W9", 0.3), dice.chance(0.5)];
        const done = isBroken && !isAfter ? undefined : act();
        process.hear(() => (isBroken ? reject(new Error("the mailbox is not there")) : resolve(done as T)));
      });
    });
  }

  #noted(process: Process, group: string, signals: readonly Signal[]): readonly Signal[] {
    if (signals.length > 0) this.world.history.add({ kind: "read", by: process.name, group, ids: signals.map(({ id }) => id) });
    return signals;
  }

  #remove(process: Process, group: string, ids: readonly string[]): void {
    this.world.history.add({ kind: "acknowledged", by: process.name, group, ids });
    this.#signals.set(group, this.#of(group).filter(({ id }) => !ids.includes(id)));
  }

  #of(groupName: string): readonly Signal[] {
    return this.#signals.get(groupName) ?? [];
  }

  #put(signal: Signal): void {
    const there = this.#of(signal.groupName);
    if (there.some(({ id }) => id === signal.id)) return;
    this.kept++;
    this.#signals.set(signal.groupName, [...there, signal]);
    for (const wake of this.#waiting) wake();
  }

  async #receive(process: Process, groupName: string, waitInMs: number, abortSignal: AbortSignal | undefined): Promise<readonly Signal[]> {
    const found = await this.#ask(process, () => this.#of(groupName));
    if (found.length > 0 || waitInMs <= 0) return found;
    const waking = new AbortController();
    const [signal, release] = link(waking.signal, abortSignal);
    const wake = (): void => waking.abort();
    this.#waiting.add(wake);
    try {
      await process.sleep(waitInMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#waiting.delete(wake);
      release();
    }
    abortSignal?.throwIfAborted();
    return this.#of(groupName);
  }
}
