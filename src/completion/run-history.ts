import type { EarlierRun } from "../completion-strategy.js";
import type { JsonObject, JsonValue } from "../json.js";
import { A_STORE, expectStore, failUnseen } from "../lifecycle/expect.js";
import type { JobStore } from "../store.js";
import { fromRows, rowsOf } from "./run-rows.js";

const RUNS_OF_A_KIND = 32;
const KINDS = 1000;
const LONGEST_KIND = 256;
const STORE_KEY = "run-history";
// Between two writes of many processes one of them is quicker.
const TRIES = 10;

/**
 * What earlier runs took, by the kind of job: the newest 32 of each of the 1,000 kinds that were used last. Given to
 * {@link poll}, it is added to by every run, and makes looks at later ones fewer and better timed. It holds times, and no
 * names: a kind is a hash.
 *
 * @example
 * ```ts
 * const history = await RunHistory.open(folderStore("./jobs"));
 * await runContainerJob(client, spec, { completion: poll({ history }) });
 * ```
 * @public
 */
export class RunHistory {
  // The kind used last is the last one.
  readonly #kinds = new Map<string, readonly EarlierRun[]>();
  #store: JobStore | undefined;
  // What was added and is not in the store yet.
  #unsaved: (readonly [kind: string, run: EarlierRun])[] = [];
  #saving: Promise<void> | undefined;

  /** What {@link RunHistory.toJSON} gave. Whatever in it cannot be a run is left out. */
  static from(json: JsonValue): RunHistory {
    const history = new RunHistory();
    history.#take(json);
    return history;
  }

  /**
   * A history that is kept in a store, for all processes that open it there. One that cannot be read is begun anew; a write
   * that fails is made up for by the next.
   *
   * @throws TypeError if `store` is none.
   */
  static async open(store: JobStore): Promise<RunHistory> {
    if ((store as JobStore | undefined) === undefined) failUnseen("store", A_STORE, store);
    expectStore("store", store);
    const history = new RunHistory();
    history.#store = store;
    try {
      history.#take((await store.read(STORE_KEY))?.value ?? null);
    } catch {
      // Nothing is known then, which costs requests and nothing else.
    }
    return history;
  }

  /** Adds the latest run of a kind. Resolves once it is in the store, or could not be written; never rejects. */
  async add(kind: string, run: EarlierRun): Promise<void> {
    const [kept] = fromRows(rowsOf([run]));
    if (kept === undefined || kind === "" || kind.length > LONGEST_KIND) return;
    this.#put(kind, [kept, ...(this.#kinds.get(kind) ?? [])]);
    if (this.#store === undefined) return;
    this.#unsaved = [...this.#unsaved, [kind, kept] as const].slice(-KINDS);
    await this.#save(this.#store);
  }

  /** The runs of a kind, newest first. */
  of(kind: string): readonly EarlierRun[] {
    const runs = this.#kinds.get(kind);
    if (runs === undefined) return [];
    this.#kinds.delete(kind);
    this.#kinds.set(kind, runs);
    return runs;
  }

  /** All of it as JSON, for {@link RunHistory.from}. */
  toJSON(): JsonObject {
    return { version: 1, kinds: [...this.#kinds].map(([kind, runs]) => [kind, rowsOf(runs)]) };
  }

  #put(kind: string, runs: readonly EarlierRun[]): void {
    this.#kinds.delete(kind);
    this.#kinds.set(kind, Object.freeze(runs.slice(0, RUNS_OF_A_KIND)));
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size > KINDS && oldest !== undefined) this.#kinds.delete(oldest);
  }

  #take(json: JsonValue): void {
    const { kinds } = (json ?? {}) as { readonly kinds?: unknown };
    if (!Array.isArray(kinds)) return;
    for (const entry of kinds.slice(-KINDS) as unknown[]) {
      if (!Array.isArray(entry)) continue;
      const [kind, rows] = entry as unknown[];
      const runs = fromRows(rows);
      if (typeof kind === "string" && kind !== "" && kind.length <= LONGEST_KIND && runs.length > 0) this.#put(kind, runs);
    }
  }

  // One write at a time. Those who add meanwhile wait for the next one.
  async #save(store: JobStore): Promise<void> {
    while (this.#saving !== undefined) await this.#saving;
    if (this.#unsaved.length === 0) return;
    this.#saving = this.#write(store).catch(() => undefined);
    await this.#saving;
    this.#saving = undefined;
  }

  // Adds what is unsaved to what the store has by now.
  async #write(store: JobStore): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const stored = await store.read(STORE_KEY);
      const merged = RunHistory.from(stored?.value ?? null);
      const adding = this.#unsaved;
      for (const [kind, run] of adding) merged.#put(kind, [run, ...(merged.#kinds.get(kind) ?? [])]);
      if ((await store.write(STORE_KEY, merged.toJSON(), stored?.version ?? "absent")) === undefined) continue;
      this.#unsaved = this.#unsaved.filter((entry) => !adding.includes(entry));
      for (const [kind, runs] of merged.#kinds) this.#put(kind, this.#withUnsaved(kind, runs));
      return;
    }
  }

  #withUnsaved(kind: string, runs: readonly EarlierRun[]): readonly EarlierRun[] {
    const added = this.#unsaved.filter(([of]) => of === kind).map(([, run]) => run);
    return [...added.reverse(), ...runs];
  }
}
