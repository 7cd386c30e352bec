import type { JsonValue } from "../../../json.js";
import type { JobStore, StoredEntry } from "../../../store.js";
import { rowFrom, type ServerRow } from "./row.js";

export interface PoolRecord {
  readonly rows: readonly ServerRow[];
  /** How many callers wait for a session. */
  readonly waiting: number;
  /** Keys of callers that have not been heard of for long. */
  readonly stale: readonly string[];
}

interface Waiter {
  readonly until: number;
}

const SERVER = /^[0-9a-f]{8}$/u;
const WAITING = "waiting.";
const STALE_AFTER_IN_MS = 600_000;

/** The rows of a pool in its store: one for each server, for each caller that waits, and for the scaler. */
export class PoolRows {
  readonly #prefix: string;

  constructor(
    readonly store: JobStore,
    owner: string,
    pool: string,
  ) {
    this.#prefix = `servers/${encodeURIComponent(owner)}/${pool}/`;
  }

  get scalerKey(): string {
    return `${this.#prefix}scaler`;
  }

  async list(now: number): Promise<PoolRecord> {
    const rows: ServerRow[] = [];
    const waiters: { readonly key: string; readonly until: number }[] = [];
    for await (const { key, value } of this.#entries()) {
      const name = key.slice(this.#prefix.length);
      if (SERVER.test(name)) rows.push(rowFrom(key, value));
      else if (name.startsWith(WAITING)) waiters.push({ key, until: (value as unknown as Waiter).until });
    }
    const stale = waiters.filter(({ until }) => until + STALE_AFTER_IN_MS < now).map(({ key }) => key);
    return { rows, waiting: waiters.filter(({ until }) => until > now).length, stale };
  }

  async read(id: string): Promise<ServerRow | undefined> {
    const found = await this.store.read(this.#prefix + id);
    return found && rowFrom(this.#prefix + id, found.value);
  }

  // Writes what `change` makes of a row, on the condition that the row is still that one; again with the row as it is then, if
  // not. Answers what was written, or nothing where `change` wants nothing to be written.
  async change(id: string, change: (row: ServerRow | undefined) => ServerRow | undefined): Promise<ServerRow | undefined> {
    const key = this.#prefix + id;
    for (;;) {
      const found = await this.store.read(key);
      const row = found && rowFrom(key, found.value);
      const next = change(row);
      if (next === undefined || next === row) return next;
      if ((await this.store.write(key, next as unknown as JsonValue, found?.version ?? "absent")) !== undefined) return next;
    }
  }

  async remove(id: string): Promise<void> {
    await this.store.delete(this.#prefix + id);
  }

  // Notes that somebody waits for a session, until a time.
  async wait(id: string, until: number): Promise<void> {
    const key = `${this.#prefix}${WAITING}${id}`;
    const found = await this.store.read(key);
    // Who comes in between has noted the same.
    await this.store.write(key, { until }, found?.version ?? "absent");
  }

  async stopWaiting(id: string): Promise<void> {
    await this.store.delete(`${this.#prefix}${WAITING}${id}`);
  }

  async tidy(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.store.delete(key);
  }

  #entries(): AsyncIterable<StoredEntry> {
    if (this.store.list === undefined) throw new TypeError("Expected `store` to have `list`, which pools need.");
    return this.store.list(this.#prefix);
  }
}
