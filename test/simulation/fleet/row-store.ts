import type { JsonValue } from "../../../src/json.js";
import type { JobStore, StoredEntry, StoredValue } from "../../../src/store.js";
import type { Process } from "../world/process.js";
import type { FleetWorld } from "./fleet-world.js";

/** So many rows are read at a time. */
const PAGE = 4;

/** A store of a pool that outlives its processes. A list of it is not of one moment. */
export class RowStore {
  readonly #values = new Map<string, { readonly text: string; readonly phase: string | undefined; readonly version: number }>();
  readonly #wroteAt = new Map<string, number>();
  #events = 0;

  constructor(private readonly world: FleetWorld) {}

  /** When a process last sent a write. */
  wroteAt(process: Process): number {
    return this.#wroteAt.get(process.name) ?? this.world.time.now;
  }

  /** All that it knows is lost. */
  wipe(): void {
    this.#values.clear();
  }

  for(process: Process): JobStore {
    return {
      read: (key) => this.#ask(process, () => this.#read(key)),
      write: (key, value, ifVersion) => this.#write(process, key, value, ifVersion),
      delete: (key) => this.#ask(process, () => void this.#values.delete(key)),
      list: (prefix) => this.#list(process, prefix),
    };
  }

  // Errors before the effect, and after it.
  #ask<T>(process: Process, act: () => T, heldUpInMs = 0): Promise<T> {
    const { time, faults, dice } = this.world;
    if (!process.lives()) return new Promise(() => undefined);
    return new Promise((resolve, reject) => {
      time.in(dice.between(0, 20) + heldUpInMs, () => {
        const [isBroken, isAfter] = [faults.strikes("P3", 0.2), dice.chance(0.5)];
        const done = isBroken && !isAfter ? undefined : act();
        return process.hear(() => (isBroken ? reject(new Error("ENOSPC: no space left on device")) : resolve(done as T)));
      });
    });
  }

  async *#list(process: Process, prefix: string): AsyncIterable<StoredEntry> {
    const keys = await this.#ask(process, () => [...this.#values.keys()].filter((key) => key.startsWith(prefix)));
    for (let from = 0; from < keys.length; from += PAGE) {
      const page = keys.slice(from, from + PAGE);
      const read = (): StoredEntry[] => page.flatMap((key) => entryOf(key, this.#read(key)));
      yield* from === 0 ? read() : await this.#ask(process, read);
    }
  }

  #read(key: string): StoredValue | undefined {
    const found = this.#values.get(key);
    return found && { value: JSON.parse(found.text) as JsonValue, version: String(found.version) };
  }

  #write(process: Process, key: string, value: JsonValue, ifVersion: string): Promise<string | undefined> {
    const { time, faults, dice } = this.world;
    const sentAt = time.now;
    this.#wroteAt.set(process.name, sentAt);
    const phase = phaseOf(value);
    const isLeaving = phase === "draining" || phase === "deleting";
    // The write that takes a server away is on its way while somebody comes.
    const isMet = isLeaving && phase !== this.#values.get(key)?.phase && faults.strikes("S1");
    if (isMet) this.world.rush();
    return this.#ask(process, () => this.#put(process, key, value, ifVersion, sentAt), isMet ? dice.spread(20, 2000) : 0);
  }

  #put(process: Process, key: string, value: JsonValue, ifVersion: string, sentAt: number): string | undefined {
    const { faults, history } = this.world;
    const found = this.#values.get(key);
    if (ifVersion !== (found === undefined ? "absent" : String(found.version))) {
      faults.count("P4");
      return undefined;
    }
    const version = ++this.#events;
    const phase = phaseOf(value);
    this.#values.set(key, { text: JSON.stringify(value), phase, version });
    if (phase !== undefined && phase !== found?.phase) history.add({ kind: "row", by: process.name, key, phase, sentAt });
    return String(version);
  }
}

function entryOf(key: string, found: StoredValue | undefined): StoredEntry[] {
  return found === undefined ? [] : [{ key, ...found }];
}

// What a row says of its server. Those of scalers and of who waits say nothing.
function phaseOf(value: JsonValue | undefined): string | undefined {
  return (value as { readonly phase?: string } | undefined)?.phase;
}
