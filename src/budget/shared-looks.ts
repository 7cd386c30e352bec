import type { Snapshot } from "../container-group.js";
import type { LookOptions, Turn } from "../gateway.js";
import { OVER, untilAborted } from "../internal/abort.js";

type Listener = (snapshot: Snapshot) => void;

interface Asking {
  /** How it waits; without, it goes first. */
  readonly turn: Turn | undefined;
  readonly answer: Promise<Snapshot>;
  readonly stop: AbortController;
  waiters: number;
}

// Looks at groups that several waiters of one process share: who looks while another is looking has the same answer, and who
// waits is told of what another has seen.
export class SharedLooks {
  readonly #asking = new Map<string, Asking>();
  readonly #listeners = new Map<string, readonly Listener[]>();

  /**
   * Looks at a group, or waits for the answer to whoever is looking at it, unless that one may wait for longer. A look that nobody
   * waits for any more is broken off.
   */
  async look(groupName: string, ask: (abortSignal: AbortSignal) => Promise<Snapshot>, { turn, abortSignal }: LookOptions = {}): Promise<Snapshot> {
    abortSignal?.throwIfAborted();
    const asked = this.#asking.get(groupName);
    const asking = asked !== undefined && isAsSoon(asked, turn) ? asked : this.#ask(groupName, ask, turn);
    asking.waiters++;
    try {
      return await untilAborted(asking.answer, abortSignal);
    } finally {
      if (--asking.waiters === 0) this.#leave(groupName, asking);
    }
  }

  #ask(groupName: string, ask: (abortSignal: AbortSignal) => Promise<Snapshot>, turn: Turn | undefined): Asking {
    const stop = new AbortController();
    const asking = { turn, answer: ask(stop.signal), stop, waiters: 0 };
    this.#asking.set(groupName, asking);
    asking.answer
      .finally(() => this.#forget(groupName, asking))
      .then(
        (snapshot) => this.#listeners.get(groupName)?.forEach((listener) => listener(snapshot)),
        () => undefined,
      );
    return asking;
  }

  #leave(groupName: string, asking: Asking): void {
    this.#forget(groupName, asking);
    asking.stop.abort(OVER);
  }

  #forget(groupName: string, asking: Asking): void {
    if (this.#asking.get(groupName) === asking) this.#asking.delete(groupName);
  }

  /** Tells of what others see of a group, until the function that it answers is called. */
  listen(groupName: string, listener: Listener): () => void {
    const all = this.#listeners;
    all.set(groupName, (all.get(groupName) ?? []).concat(listener));
    return () => {
      const others = all.get(groupName)?.filter((one) => one !== listener) ?? [];
      if (others.length > 0) all.set(groupName, others);
      else all.delete(groupName);
    };
  }
}

function isAsSoon(asked: Asking, turn: Turn | undefined): boolean {
  return asked.turn === undefined || (turn !== undefined && asked.turn.latest <= turn.latest);
}
