import type { JsonValue } from "../../../json.js";
import type { PoolRows } from "./pool-rows.js";
import type { ScalerMemory } from "../plan/memory.js";
import { SCALER_LEASE_IN_MS } from "../plan/rules.js";

// What the store keeps of the scalers of a pool: who acts, until when, and what they hand on.
interface ScalerRow {
  readonly by: string;
  readonly until: number;
  /** Counts those who have acted. Writes are on condition of the row's version, which is what keeps one from another. */
  readonly fence: number;
  readonly memory?: ScalerMemory | undefined;
}

/** The right to act on a pool, of which there is one at a time. */
export class ScalerLease {
  #version: string;
  #row: ScalerRow;

  private constructor(
    private readonly rows: PoolRows,
    row: ScalerRow,
    version: string,
  ) {
    this.#row = row;
    this.#version = version;
  }

  // Takes the lease, unless another has it.
  static async take(rows: PoolRows, by: string, now: number): Promise<ScalerLease | undefined> {
    const found = await rows.store.read(rows.scalerKey);
    const before = (found?.value ?? { until: 0, fence: 0 }) as unknown as ScalerRow;
    if (before.until > now) return undefined;
    const row = { ...before, by, until: now + SCALER_LEASE_IN_MS, fence: before.fence + 1 };
    const version = await rows.store.write(rows.scalerKey, row as unknown as JsonValue, found?.version ?? "absent");
    return version === undefined ? undefined : new ScalerLease(rows, row, version);
  }

  get memory(): ScalerMemory | undefined {
    return this.#row.memory;
  }

  // Whether it may be acted on still. What is sent at the last moment may arrive after it.
  isHeld(now: number): boolean {
    return now < this.#row.until - SCALER_LEASE_IN_MS / 4;
  }

  // Keeps what the next scaler is to know; false if another has the lease.
  async remember(memory: ScalerMemory): Promise<boolean> {
    return this.#write({ ...this.#row, memory });
  }

  // Lets the next scaler act at once.
  async release(now: number): Promise<void> {
    await this.#write({ ...this.#row, until: now });
  }

  async #write(row: ScalerRow): Promise<boolean> {
    const version = await this.rows.store.write(this.rows.scalerKey, row as unknown as JsonValue, this.#version);
    if (version === undefined) return false;
    [this.#row, this.#version] = [row, version];
    return true;
  }
}
