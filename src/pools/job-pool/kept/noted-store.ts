import type { JsonValue } from "../../../json.js";
import type { JobStore, StoredEntry, StoredValue } from "../../../store.js";

/** A store that knows what it has failed with: of a job that comes to such an error nothing can be known until the store answers again. */
export class NotedStore implements JobStore {
  readonly #store: JobStore;
  readonly #failures = new WeakSet();

  constructor(store: JobStore) {
    this.#store = store;
  }

  hasFailedWith(error: unknown): boolean {
    return this.#failures.has(error as object);
  }

  read(key: string): Promise<StoredValue | undefined> {
    return this.#noted(() => this.#store.read(key));
  }

  write(key: string, value: JsonValue, ifVersion: string): Promise<string | undefined> {
    return this.#noted(() => this.#store.write(key, value, ifVersion));
  }

  delete(key: string): Promise<void> {
    return this.#noted(() => this.#store.delete(key));
  }

  async *list(prefix: string): AsyncGenerator<StoredEntry, void> {
    yield* this.#store.list?.(prefix) ?? [];
  }

  async #noted<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#failures.add(failure);
      throw failure;
    }
  }
}
