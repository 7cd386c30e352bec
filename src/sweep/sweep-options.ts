import type { CallOptions } from "../client/options.js";
import { expectKeys, expectPositive, expectSignal, expectStore, fail } from "../lifecycle/expect.js";
import type { JobStore } from "../store.js";

/** Options for {@link sweep}. @public */
export interface SweepOptions extends CallOptions {
  /** How long a group may be there after its time is over, for clocks that differ and clean-ups that take long. @defaultValue `600_000` (10 minutes) */
  readonly graceInMs?: number | undefined;
  /** Only groups that have these tags too, to the letter. @defaultValue none: all groups of the client's owner */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Deletes and changes nothing, and reports what would be deleted. @defaultValue `false` */
  readonly dryRun?: boolean | undefined;
  /**
   * The most groups to delete in one pass. The others are `postponed` to the next: whatever goes wrong, it does not take
   * everything with it.
   *
   * @defaultValue 20 % of the owner's groups, and at least 10
   */
  readonly maxDeletes?: number | undefined;
  /**
   * The store that the jobs of this owner are run with, all of them. A job that is driven by it keeps its group for as long
   * as its own limits say; a group that is there although its job is over goes after the grace.
   *
   * @defaultValue none: the tags of a group decide
   */
  readonly store?: JobStore | undefined;
}

// Options with their defaults.
export interface ResolvedSweepOptions {
  readonly graceInMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly isDryRun: boolean;
  readonly maxDeletes: number | undefined;
  readonly store: JobStore | undefined;
  readonly abortSignal: AbortSignal | undefined;
}

// Checks the options and fills in the defaults.
export function resolveSweepOptions(options: SweepOptions): ResolvedSweepOptions {
  expectKeys("options", options, ["graceInMs", "tags", "dryRun", "maxDeletes", "store", "abortSignal"]);
  const { graceInMs = 600_000, tags = {}, dryRun = false, maxDeletes, store, abortSignal } = options;
  expectPositive("graceInMs", graceInMs, 0);
  expectTags(tags);
  if (typeof dryRun !== "boolean") fail("dryRun", "true or false", dryRun, "type");
  expectPositive("maxDeletes", maxDeletes, 0);
  if (maxDeletes !== undefined && !Number.isInteger(maxDeletes)) fail("maxDeletes", "a whole number", maxDeletes);
  expectStore("store", store);
  expectSignal("abortSignal", abortSignal);
  return { graceInMs, tags, isDryRun: dryRun, maxDeletes, store, abortSignal };
}

function expectTags(tags: unknown): void {
  const isGood = typeof tags === "object" && tags !== null && !Array.isArray(tags) && Object.values(tags).every((value) => typeof value === "string");
  if (!isGood) fail("tags", "an object of strings", tags, "type");
}
