import { onAbort, OVER } from "../internal/abort.js";
import { systemClock, type Clock } from "../internal/clock.js";
import type { Mailbox, Signal } from "../signal.js";

// What nobody asks for is dropped after this, and so is what is too much.
const KEPT_FOR_IN_MS = 86_400_000;
const MOST_GROUPS = 10_000;
const MOST_OF_A_GROUP = 100;

interface Box {
  readonly signals: Map<string, Signal>;
  touchedAt: number;
}

/**
 * A mailbox in the memory of this process: for a receiver in the same process as whoever waits. Signals that nobody takes
 * are dropped after a day.
 *
 * @public
 */
export function memoryMailbox(options: { /** @defaultValue the machine's own */ readonly clock?: Clock | undefined } = {}): Mailbox {
  return new MemoryMailbox(options.clock ?? systemClock);
}

class MemoryMailbox implements Mailbox {
  readonly #boxes = new Map<string, Box>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(private readonly clock: Clock) {}

  put(signal: Signal): Promise<void> {
    const { groupName, id } = signal;
    const box = this.#boxes.get(groupName) ?? { signals: new Map<string, Signal>(), touchedAt: 0 };
    // The one that has changed last comes last.
    this.#boxes.delete(groupName);
    this.#boxes.set(groupName, box);
    box.touchedAt = this.clock.now();
    if (!box.signals.has(id)) box.signals.set(id, signal);
    // An end comes after the signs of life, and must not be lost for them.
    const [oldest] = box.signals.keys();
    if (box.signals.size > MOST_OF_A_GROUP && oldest !== undefined) box.signals.delete(oldest);
    this.#dropOld();
    for (const wake of this.#waiting.get(groupName) ?? []) wake();
    return Promise.resolve();
  }

  async receive(groupName: string, { waitInMs, abortSignal }: { readonly waitInMs: number; readonly abortSignal?: AbortSignal | undefined }): Promise<readonly Signal[]> {
    abortSignal?.throwIfAborted();
    const found = this.#of(groupName);
    if (found.length > 0 || waitInMs <= 0) return found;
    await this.#change(groupName, waitInMs, abortSignal);
    return this.#of(groupName);
  }

  acknowledge(groupName: string, ids: readonly string[]): Promise<void> {
    const box = this.#boxes.get(groupName);
    for (const id of ids) box?.signals.delete(id);
    if (box?.signals.size === 0) this.#boxes.delete(groupName);
    return Promise.resolve();
  }

  #of(groupName: string): readonly Signal[] {
    return [...(this.#boxes.get(groupName)?.signals.values() ?? [])];
  }

  // Waits until something is put there or time is up, and leaves nothing behind.
  async #change(groupName: string, waitInMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    const waking = new AbortController();
    const wake = (): void => waking.abort(OVER);
    const waiters = this.#waiting.get(groupName) ?? new Set();
    this.#waiting.set(groupName, waiters.add(wake));
    const release = abortSignal && onAbort(abortSignal, wake);
    try {
      await this.clock.sleep(waitInMs, waking.signal);
    } catch (error) {
      if (!waking.signal.aborted) throw error;
    } finally {
      release?.();
      waiters.delete(wake);
      if (waiters.size === 0) this.#waiting.delete(groupName);
    }
    abortSignal?.throwIfAborted();
  }

  #dropOld(): void {
    const oldest = this.clock.now() - KEPT_FOR_IN_MS;
    for (const [groupName, { touchedAt }] of this.#boxes) {
      if (touchedAt >= oldest && this.#boxes.size <= MOST_GROUPS) return;
      this.#boxes.delete(groupName);
    }
  }
}
