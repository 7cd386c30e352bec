import type { JsonValue } from "../../../src/json.js";
import type { JobStore, StoredValue } from "../../../src/store.js";
import { attemptOf, baseOf } from "./names.js";
import type { Process } from "./process.js";
import type { World } from "./world.js";

interface End {
  readonly outcome: string;
  readonly reason?: string;
}

/** What is read of a handle in here: the checks know nothing else of it. */
interface StoredHandle {
  readonly state: { readonly attempt: number; readonly phase: string; readonly groupName: string; readonly verdict?: End; readonly result?: End; readonly retry?: unknown; readonly cancel?: unknown; readonly snapshot?: unknown; readonly marks: { readonly acceptedAt?: number; readonly deleteAt?: number } };
}

/** A store that outlives its processes, as seen by one of them. */
export class SimStore {
  readonly #values = new Map<string, { text: string; version: number }>();
  #events = 0;
  /** How long it takes at the most to answer. */
  slowestInMs = 20;
  /** Whether it takes nothing now. */
  isFull: () => boolean = () => false;

  constructor(private readonly world: World) {}

  /**
   * What is on record of the job of a group: whether what comes of it is decided. `decidedWithout` is what somebody has decided
   * who never had a group.
   */
  knows(group: string): "decided" | "decidedWithout" | "undecided" | undefined {
    for (const { text } of this.#values.values()) {
      const { state } = JSON.parse(text) as StoredHandle;
      if (!group.startsWith(`${baseOf(state.groupName)}-`)) continue;
      if (attemptOf(group) < state.attempt || state.retry !== undefined) return "decided";
      return state.result === undefined ? "undecided" : hadGroup(state) ? "decided" : "decidedWithout";
    }
    return undefined;
  }

  for(process: Process): JobStore {
    return {
      read: (key) => this.#ask(process, () => this.#read(key)),
      write: (key, value, ifVersion) => this.#ask(process, () => this.#write(process, key, value, ifVersion), true),
      delete: (key) => this.#ask(process, () => void this.#values.delete(key)),
    };
  }

  // Errors before the effect, and after it.
  #ask<T>(process: Process, act: () => T, isWrite = false): Promise<T> {
    const { time, faults, dice } = this.world;
    if (!process.lives()) return new Promise(() => undefined);
    return new Promise((resolve, reject) => {
      time.in(dice.between(0, this.slowestInMs), () => {
        const [isStruck, isAfter] = [faults.strikes("P3"), dice.chance(0.5)];
        const isBroken = isStruck || (isWrite && this.isFull());
        const done = isBroken && !isAfter ? undefined : act();
        process.hear(() => (isBroken ? reject(new Error("ENOSPC: no space left on device")) : resolve(done as T)));
      });
    });
  }

  #read(key: string): StoredValue | undefined {
    const found = this.#values.get(key);
    return found && { value: JSON.parse(found.text) as JsonValue, version: String(found.version) };
  }

  #write(process: Process, key: string, value: JsonValue, ifVersion: string): string | undefined {
    const found = this.#values.get(key);
    if (ifVersion !== (found === undefined ? "absent" : String(found.version))) {
      this.world.faults.count("P4");
      return undefined;
    }
    const version = ++this.#events;
    const text = JSON.stringify(value);
    this.#values.set(key, { text, version });
    this.world.history.words.push(text);
    const { state } = value as unknown as StoredHandle;
    this.world.history.add({ kind: "stored", by: process.name, job: key, attempt: state.attempt, phase: state.result?.outcome === "notRun" ? "notRun" : state.phase, decided: state.result !== undefined || state.retry !== undefined, outcome: state.verdict?.outcome, reason: state.verdict?.reason });
    return String(version);
  }
}

function hadGroup({ snapshot, marks }: StoredHandle["state"]): boolean {
  return snapshot !== undefined || marks.acceptedAt !== undefined || marks.deleteAt !== undefined;
}
