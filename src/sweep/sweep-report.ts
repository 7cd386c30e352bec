import type { CostEstimate, JobFault } from "../job-result.js";
import { PRICES } from "../lifecycle/cost/prices.js";

/**
 * What a pass did about a group.
 *
 * - `deleted`: it is seen to be gone.
 * - `pending`: its delete was accepted, but it is still there. The next pass deletes it again.
 * - `failed`: Azure refused; `error` says why.
 * - `postponed`: its time is over, but the pass had deleted as many as it may.
 * - `wouldDelete`: its time is over, and it was a dry run.
 * - `kept`: its job was to keep it, and nothing in it runs.
 * - `alive`: its time is not over.
 * - `marked`: Azure does not tell its age, so it counts from now.
 * - `unreadable`: it is left alone because a tag of it, or its job in the store, cannot be read.
 *
 * @public
 */
export type SweepAction = "deleted" | "pending" | "failed" | "postponed" | "wouldDelete" | "kept" | "alive" | "marked" | "unreadable";

/** One group of the owner, and what a pass of {@link sweep} did about it. @public */
export interface SweptGroup {
  readonly groupName: string;
  readonly resourceId: string;
  /** 16 hex digits of the hash of the job's key. */
  readonly job?: string | undefined;
  readonly action: SweepAction;
  /** Why, in a few words. */
  readonly reason: string;
  /** Since it was created, or first seen by a sweep, by Azure's clock. */
  readonly ageInMs?: number | undefined;
  readonly error?: JobFault | undefined;
}

/** What a pass of {@link sweep} saw and did. Plain JSON. @public */
export interface SweepReport {
  /** Whose groups were looked at. */
  readonly owner: string;
  /** When it began, by Azure's clock. */
  readonly at: string;
  readonly isDryRun: boolean;
  readonly counts: Readonly<Record<SweepAction, number>>;
  /** The groups of the owner that have the tags asked for. Groups of others are not in here. */
  readonly groups: readonly SweptGroup[];
  /** What those that were deleted, or would have been, cost in an hour as long as they ran. List prices. */
  readonly costPerHour: number;
  readonly currency: CostEstimate["currency"];
  /** The day the rates were read. */
  readonly ratesAsOf: string;
}

// A group as it stands in the report, and what it cost in an hour.
export interface Outcome {
  readonly entry: SweptGroup;
  readonly costPerHour?: number | undefined;
}

// Puts the report together.
export function reportOf(owner: string, now: number, isDryRun: boolean, outcomes: readonly Outcome[]): SweepReport {
  const groups = outcomes.map(({ entry }) => entry);
  const counts = { deleted: 0, pending: 0, failed: 0, postponed: 0, wouldDelete: 0, kept: 0, alive: 0, marked: 0, unreadable: 0 };
  for (const { action } of groups) counts[action]++;
  const cost = outcomes.reduce((sum, { costPerHour = 0 }) => sum + costPerHour, 0);
  return { owner, at: new Date(now).toISOString(), isDryRun, counts, groups, costPerHour: Number(cost.toPrecision(3)), ...PRICES };
}
