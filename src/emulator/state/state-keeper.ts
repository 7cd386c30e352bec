import type { Keeper } from "../groups/keeper.js";

/** Writes a state down after its changes: one write at a time, each with everything that changed during the one before. */
export class StateKeeper implements Keeper {
  #last: Promise<void> = Promise.resolve();
  // The write that has not begun yet: whatever changes now will be in it.
  #next: Promise<void> | undefined;
  #isClosed = false;
  #begin: () => void = () => undefined;
  readonly #begun: Promise<void>;

  /** @param write - Writes down how everything is when it is called. It is not called before `begin`. */
  constructor(private readonly write: () => Promise<void>) {
    this.#begun = new Promise((resolve) => (this.#begin = resolve));
  }

  /** Says that everything is in its place, so that it can be written down. */
  begin(): void {
    this.#begin();
  }

  changed(): void {
    // The next change tries again, and whoever waits for a save is told.
    this.saved().catch(() => undefined);
  }

  saved(): Promise<void> {
    if (this.#isClosed) return this.#last;
    if (this.#next === undefined) this.#last = this.#next = this.#writeAfter(this.#last);
    return this.#next;
  }

  /** Writes a last time; nothing is written any more after that. */
  async close(): Promise<void> {
    const last = this.saved();
    this.#isClosed = true;
    await last;
  }

  async #writeAfter(before: Promise<void>): Promise<void> {
    await Promise.all([before.catch(() => undefined), this.#begun]);
    // Changes come in bursts: each is let finish first.
    await new Promise((resolve) => setImmediate(resolve));
    this.#next = undefined;
    await this.write();
  }
}
