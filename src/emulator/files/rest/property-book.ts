import type { BigIntStats } from "node:fs";

/** What the service keeps of a share, folder or file and a folder of this machine cannot. */
export interface KeptProperties {
  readonly metadata: Readonly<Record<string, string>>;
  /** The content headers of a file, by the name they have in an answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** The size of a share, in GiB. */
  readonly quota: number;
  /** Changes with them. */
  readonly revision: number;
}

const NOTHING: KeptProperties = { metadata: {}, headers: {}, quota: 5120, revision: 0 };
const MOST = 100_000;

/**
 * Remembers properties for as long as the emulator lives, by what the file is and not by its name: a file that a
 * container puts in the place of another has none. The oldest are forgotten.
 */
export class PropertyBook {
  readonly #kept = new Map<string, KeptProperties>();
  #revisions = 0;

  read(stats: BigIntStats): KeptProperties {
    return this.#kept.get(keyOf(stats)) ?? NOTHING;
  }

  change(stats: BigIntStats, change: Partial<Omit<KeptProperties, "revision">>): void {
    const key = keyOf(stats);
    const next = { ...this.read(stats), ...change, revision: ++this.#revisions };
    this.#kept.delete(key);
    this.#kept.set(key, next);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > MOST && oldest.done !== true) this.#kept.delete(oldest.value);
  }

  forget(stats: BigIntStats): void {
    this.#kept.delete(keyOf(stats));
  }
}

function keyOf({ dev, ino, birthtimeNs }: BigIntStats): string {
  return [dev, ino, birthtimeNs].join(":");
}
