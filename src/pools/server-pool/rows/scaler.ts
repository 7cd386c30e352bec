import { randomHex } from "../../../internal/random.js";
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

/** Somebody who scales a pool, and what he has seen of others who do. */
export class Scaler {
  readonly #by = randomHex(8);
  #seen: { readonly version: string | undefined; readonly since: number } = { version: undefined, since: 0 };

  // Takes the right to act, unless another has it.
  async take(rows: PoolRows, now: number): Promise<ScalerLease | undefined> {
    const found = await rows.store.read(rows.scalerKey);
    const before = (found?.value ?? { until: 0, fence: 0 }) as unknown as ScalerRow;
    if (before.until > now && !this.#isStale(found?.version, now)) return undefined;
    const row = { ...before, by: this.#by, until: now + SCALER_LEASE_IN_MS, fence: before.fence + 1 };
    const version = await rows.store.write(rows.scalerKey, row as unknown as JsonValue, found?.version ?? "absent");
    return version === undefined ? undefined : new ScalerLease(rows, row, version);
  }

  // Whether the row has been as it is for as long as a lease by one's own clock: who wrote it may have one that is ahead.
  #isStale(version: string | undefined, now: number): boolean {
    if (this.#seen.version !== version) this.#seen = { version, since: now };
    return now - this.#seen.since >= SCALER_LEASE_IN_MS;
  }
}

/** The right to act on a pool, of which there is one at a time. */
export class ScalerLease {
  #version: string;
  #row: ScalerRow;
  #keeping: Promise<unknown> | undefined;

  constructor(
    private readonly rows: PoolRows,
    row: ScalerRow,
    version: string,
  ) {
    this.#row = row;
    this.#version = version;
  }

  get memory(): ScalerMemory | undefined {
    return this.#row.memory;
  }

  // Whether it may be acted on still. What is sent at the last moment may arrive after it.
  isHeld(now: number): boolean {
    return now < this.#row.until - SCALER_LEASE_IN_MS / 4;
  }

  // Makes it last when half of it is over, for who looks at many servers. Whether it is lost, `remember` finds out.
  async keep(now: number): Promise<void> {
    if (this.#row.until - now > SCALER_LEASE_IN_MS / 2) return;
    this.#keeping ??= this.#write({ ...this.#row, until: now + SCALER_LEASE_IN_MS }).finally(() => (this.#keeping = undefined));
    await this.#keeping;
  }

  // Keeps what the next scaler is to know, and lasts from now on; false if another has the lease.
  async remember(memory: ScalerMemory, now: number): Promise<boolean> {
    return this.#write({ ...this.#row, until: now + SCALER_LEASE_IN_MS, memory });
  }

  // Lets the next scaler act at once, whatever its clock says.
  async release(): Promise<void> {
    await this.#write({ ...this.#row, until: 0 });
  }

  async #write(row: ScalerRow): Promise<boolean> {
    const version = await this.rows.store.write(this.rows.scalerKey, row as unknown as JsonValue, this.#version);
    if (version === undefined) return false;
    [this.#row, this.#version] = [row, version];
    return true;
  }
}
