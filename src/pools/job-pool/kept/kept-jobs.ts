import type { Clock } from "../../../internal/clock.js";
import type { JsonObject, JsonValue } from "../../../json.js";
import { readStored } from "../../../jobs/drive/keep.js";
import { withhold } from "../../../jobs/spec/withhold.js";
import type { ContainerJobSpec } from "../../../jobs/spec/job-spec.js";
import { jobHash } from "../../../lifecycle/identity.js";
import type { JobStore, StoredValue } from "../../../store.js";
import type { PoolRunOptions } from "../options.js";

// Whoever has taken a job is believed to be alive for so long after he last said so, which he does three times as often.
const LEASE_IN_MS = 30_000;
export const RENEW_EVERY_IN_MS = LEASE_IN_MS / 3;
// Clocks differ. What a process that was killed has left is taken away when it is over by any of them.
const REMOVED_AFTER_IN_MS = 86_400_000;
const TRIES = 20;

/** A job that waits or runs, as it is kept. */
export interface KeptJob {
  readonly key: string;
  readonly spec: ContainerJobSpec<string>;
  readonly options: PoolRunOptions;
  readonly queuedAt: number;
  /** The process that has taken it. Empty where that one has given it up. */
  readonly by?: string | undefined;
}

/** What a pool keeps of itself: the jobs that are not done, and the processes that work on them. */
export class KeptJobs {
  readonly #store: JobStore;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #owner: string;
  readonly #by: string;
  // The keys of the jobs that this process has taken.
  readonly #claimed = new Set<string>();
  // What other processes last said, and until when they are believed to live for that.
  readonly #said = new Map<string, { readonly version: string; readonly until: number }>();

  constructor(store: JobStore, clock: Clock, { owner, name, by }: { readonly owner: string; readonly name: string; readonly by: string }) {
    this.#store = store;
    this.#clock = clock;
    this.#prefix = `pools/${owner}/${name}`;
    this.#owner = owner;
    this.#by = by;
  }

  /** Keeps a job that waits; false where one of its key is kept already, which stays as it is. */
  async add(spec: ContainerJobSpec<string>, options: PoolRunOptions): Promise<boolean> {
    const key = spec.key as string;
    const kept: KeptJob = { key, spec: withhold(spec), options: toData(options), queuedAt: this.#clock.now() };
    return (await this.#store.write(this.#jobKey(key), kept as unknown as JsonValue, "absent")) !== undefined;
  }

  /** Whether a job was begun before, by whoever: its own handle is in the store then, and does not say that it was never tried. */
  async isBegun(key: string): Promise<boolean> {
    const stored = await readStored(this.#store, this.#owner, key);
    return stored !== undefined && stored.handle.state.result?.outcome !== "notRun";
  }

  /** Takes a job for this process. False while another one that lives has it. */
  async claim(key: string): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await this.#store.read(this.#jobKey(key));
      // It is done: whoever asks has the result from the store.
      if (found === undefined) return true;
      if (await this.#isTaken(keptOf(found))) return false;
      if ((await this.#store.write(this.#jobKey(key), { ...(found.value as JsonObject), by: this.#by }, found.version)) === undefined) continue;
      this.#claimed.add(key);
      return true;
    }
    return false;
  }

  /** Whether another process that lives has a job. */
  async isTaken(key: string): Promise<boolean> {
    const found = await this.#store.read(this.#jobKey(key));
    return found !== undefined && this.#isTaken(keptOf(found));
  }

  /** Gives up a job that this process has taken: others may have it. */
  async giveUp(key: string): Promise<void> {
    if (!this.#claimed.delete(key)) return;
    const found = await this.#store.read(this.#jobKey(key));
    if (found !== undefined && keptOf(found)?.by === this.#by) await this.#store.write(this.#jobKey(key), { ...(found.value as JsonObject), by: "" }, found.version);
  }

  /** A job is done: its result is kept by its key. */
  async done(key: string): Promise<void> {
    this.#claimed.delete(key);
    await this.#store.delete(this.#jobKey(key));
  }

  /** The jobs that are kept. */
  async *all(): AsyncGenerator<KeptJob> {
    for await (const entry of this.#store.list?.(`${this.#prefix}/jobs/`) ?? []) {
      const kept = keptOf(entry);
      if (kept !== undefined) yield kept;
    }
  }

  /** The keys of the jobs that other processes have that live. */
  async taken(): Promise<ReadonlySet<string>> {
    const keys = new Map<string, string>();
    for await (const { key, by } of this.all()) if (this.#isAnothers(by)) keys.set(key, by);
    const alive = new Set<string>();
    for (const by of new Set(keys.values())) if (await this.#isAlive(by)) alive.add(by);
    return new Set([...keys].filter(([, by]) => alive.has(by)).map(([key]) => key));
  }

  /** Says that this process lives. */
  async renew(): Promise<void> {
    const key = this.#processKey(this.#by);
    const until = this.#clock.now() + LEASE_IN_MS;
    const found = await this.#store.read(key);
    await this.#store.write(key, { until }, found?.version ?? "absent");
  }

  /** Says that this process is gone: others may take what it had at once. */
  async leave(): Promise<void> {
    await this.#store.delete(this.#processKey(this.#by));
  }

  /** Takes away what processes that are long dead have said of themselves. */
  async removeDead(): Promise<void> {
    const now = this.#clock.now();
    for await (const entry of this.#store.list?.(this.#processKey("")) ?? []) if (untilOf(entry) < now - REMOVED_AFTER_IN_MS) await this.#store.delete(entry.key);
  }

  async #isTaken(kept: KeptJob | undefined): Promise<boolean> {
    return this.#isAnothers(kept?.by) && this.#isAlive(kept.by);
  }

  #isAnothers(by: string | undefined): by is string {
    return by !== undefined && by !== "" && by !== this.#by;
  }

  // Whoever is met for the first time is believed by his own clock, which may be wrong; after that, who says something new lives.
  async #isAlive(by: string): Promise<boolean> {
    const found = await this.#store.read(this.#processKey(by));
    if (found === undefined) return false;
    const now = this.#clock.now();
    const { version } = found;
    const before = this.#said.get(by);
    const latest = now + LEASE_IN_MS;
    const said = before?.version === version ? before : { version, until: before === undefined ? Math.min(untilOf(found), latest) : latest };
    this.#said.set(by, said);
    return now < said.until;
  }

  #jobKey(key: string): string {
    return `${this.#prefix}/jobs/${jobHash(key)}`;
  }

  #processKey(by: string): string {
    return `${this.#prefix}/processes/${by}`;
  }
}

function untilOf({ value }: StoredValue): number {
  return Number((value as { readonly until?: unknown } | null)?.until ?? 0);
}

function keptOf({ value }: StoredValue): KeptJob | undefined {
  const kept = value as Partial<KeptJob> | null;
  if (typeof kept !== "object" || typeof kept?.key !== "string" || typeof kept.spec !== "object") return undefined;
  return { ...(kept as KeptJob), options: fromData(kept.options ?? {}) };
}

// Regular expressions are no data.
function toData(options: PoolRunOptions): PoolRunOptions {
  const { doneWhen } = options;
  const data = { ...options, abortSignal: undefined };
  if (typeof doneWhen !== "object" || !(doneWhen.logLine instanceof RegExp)) return data;
  const { source, flags } = doneWhen.logLine;
  return { ...data, doneWhen: { ...doneWhen, logLine: { source, flags } as never } };
}

function fromData({ doneWhen, ...options }: PoolRunOptions): PoolRunOptions {
  const logLine: unknown = typeof doneWhen === "object" ? doneWhen.logLine : undefined;
  if (typeof logLine !== "object" || logLine === null) return { ...options, doneWhen };
  const { source, flags } = logLine as { readonly source: string; readonly flags: string };
  return { ...options, doneWhen: { ...(doneWhen as object), logLine: new RegExp(source, flags) } };
}
