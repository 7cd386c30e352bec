import type { Snapshot } from "../container-group.js";

type Listener = (snapshot: Snapshot) => void;

// Looks at groups that several waiters of one process share: who looks while another is looking has the same answer, and who
// waits is told of what another has seen.
export class SharedLooks {
  readonly #asking = new Map<string, Promise<Snapshot>>();
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Looks at a group, or waits for the answer to whoever is looking at it. */
  look(groupName: string, ask: () => Promise<Snapshot>): Promise<Snapshot> {
    const asked = this.#asking.get(groupName);
    if (asked !== undefined) return asked;
    const asking = ask().finally(() => this.#asking.delete(groupName));
    this.#asking.set(groupName, asking);
    asking.then(
      (snapshot) => this.#listeners.get(groupName)?.forEach((listener) => listener(snapshot)),
      () => undefined,
    );
    return asking;
  }

  /** Tells of what others see of a group, until the function that it answers is called. */
  listen(groupName: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(groupName) ?? new Set();
    this.#listeners.set(groupName, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(groupName) === listeners) this.#listeners.delete(groupName);
    };
  }
}
