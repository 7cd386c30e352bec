import type { Dice } from "./dice.js";

/** The faults of the catalogue that a job without a pool can meet, by their ids. */
export const JOB_FAULTS: readonly FaultId[] = [
  ...numbered("C", 20),
  ...numbered("R", 11),
  ...numbered("G", 8),
  ...numbered("D", 8),
  ...numbered("P", 7),
  ...numbered("W", 9),
];

/** Those of the catalogue that only pools of servers meet. */
export const POOL_FAULTS: readonly FaultId[] = numbered("S", 6);

/** All of the catalogue. */
export const FAULTS: readonly FaultId[] = [...JOB_FAULTS, ...POOL_FAULTS];

export type FaultId = string;

function numbered(family: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${family}${index + 1}`);
}

/** A few kinds of fault for each world, some of them often, so that they meet in ever other company. */
export class Faults {
  readonly hits: Record<FaultId, number> = {};
  readonly #likely = new Map<FaultId, number>();
  /** No faults any more: what is to come right at last must come right now. */
  isOver = false;

  constructor(
    private readonly dice: Dice,
    isCalm: boolean,
    /** What most worlds of this kind have some of, and others have none of. */
    own: readonly FaultId[] = [],
  ) {
    if (isCalm) return;
    const share = dice.pick([0.05, 0.15, 0.3, 0.6]);
    for (const id of JOB_FAULTS) if (dice.chance(share)) this.#likely.set(id, dice.pick([0.05, 0.15, 0.35]));
    for (const id of own) if (dice.chance(0.7)) this.#likely.set(id, dice.pick([0.15, 0.35, 0.6]));
  }

  /** Whether this fault happens now. */
  strikes(id: FaultId, weight = 1): boolean {
    const likely = this.#likely.get(id);
    if (this.isOver || likely === undefined || !this.dice.chance(likely * weight)) return false;
    this.count(id);
    return true;
  }

  /** Whether this world has this kind at all: for what happens once in a world. */
  isOn(id: FaultId): boolean {
    return this.#likely.has(id);
  }

  /** One of these, at most. */
  strike(ids: readonly FaultId[], weight = 1): FaultId | undefined {
    const start = this.dice.between(0, ids.length - 1);
    for (let index = 0; index < ids.length; index++) {
      const id = ids[(start + index) % ids.length] as FaultId;
      if (this.strikes(id, weight)) return id;
    }
    return undefined;
  }

  uncount(id: FaultId): void {
    this.hits[id] = (this.hits[id] ?? 0) - 1;
  }

  count(id: FaultId): void {
    this.hits[id] = (this.hits[id] ?? 0) + 1;
  }
}
