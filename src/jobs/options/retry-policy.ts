import { expectKeys, expectPositive, expectText, fail } from "../../lifecycle/expect.js";
import { locationName } from "../../lifecycle/identity.js";
import type { RetryPlan } from "../machine/outcome/retry.js";

/**
 * Why a job may be tried again with a new group.
 *
 * - `platform`: the platform ended or restarted its container (maintenance, exit codes 7147 and 7148).
 * - `lost`: its end could not be observed, because the group disappeared or was stopped.
 * - `capacity`: Azure had no room for the group.
 *
 * @public
 */
export type RetryReason = "platform" | "lost" | "capacity";

/**
 * When a job is tried again. Every attempt has a group of its own, which is created only after the group before it was
 * seen to be gone. Work that must not be done twice needs a mark of its own.
 *
 * @public
 */
export interface RetryPolicy {
  /** How many groups the job may have in all, 1 to 20. @defaultValue `3`, or the number of `locations` where that is more */
  readonly maxAttempts?: number | undefined;
  /** What is tried again, apart from exit codes. @defaultValue `["platform", "lost", "capacity"]` */
  readonly on?: readonly RetryReason[] | undefined;
  /** Exit codes of the main container that are tried again: some, or all but 0. @defaultValue none */
  readonly exitCodes?: readonly number[] | "nonZero" | undefined;
  /** The pause before the second attempt. It doubles for each further one, times 0.5 to 1. @defaultValue `5_000` */
  readonly firstDelayInMs?: number | undefined;
  /** The longest pause. @defaultValue `300_000` (5 minutes) */
  readonly longestDelayInMs?: number | undefined;
}

const REASONS: readonly RetryReason[] = ["platform", "lost", "capacity"];
const FIELDS = ["maxAttempts", "on", "exitCodes", "firstDelayInMs", "longestDelayInMs"];
const MOST_ATTEMPTS = 20;

// Throws for a policy that cannot be right.
export function checkRetryPolicy(policy: RetryPolicy | undefined): void {
  if (policy === undefined) return;
  expectKeys("retry", policy, FIELDS);
  const { maxAttempts, on, exitCodes } = policy;
  if (maxAttempts !== undefined && !isWhole(maxAttempts, 1, MOST_ATTEMPTS)) fail("retry.maxAttempts", `a whole number from 1 to ${MOST_ATTEMPTS}`, maxAttempts);
  if (on !== undefined && !(Array.isArray(on) && on.every((reason: unknown) => REASONS.includes(reason as RetryReason)))) fail("retry.on", `an array of ${REASONS.join(", ")}`, on);
  if (exitCodes !== undefined && !areExitCodes(exitCodes)) fail("retry.exitCodes", `"nonZero" or an array of whole numbers from 1 to 65535`, exitCodes);
  expectPositive("retry.firstDelayInMs", policy.firstDelayInMs);
  expectPositive("retry.longestDelayInMs", policy.longestDelayInMs);
}

function areExitCodes(codes: unknown): boolean {
  return codes === "nonZero" || (Array.isArray(codes) && codes.every((code) => isWhole(code, 1, 65_535)));
}

// Throws for locations that cannot be right.
export function checkLocations(locations: readonly string[] | undefined): void {
  if (locations === undefined) return;
  if (!Array.isArray(locations) || locations.length === 0) fail("locations", "an array of one location or more", locations, "type");
  for (const [index, location] of locations.entries()) expectText(`locations[${index}]`, location);
}

// What is tried again, with the defaults. Several locations mean that each is tried for its capacity.
export function resolveRetry(given: RetryPolicy | undefined, locations: readonly string[] = []): RetryPlan {
  const places = new Set(locations.map(locationName)).size;
  const { maxAttempts, on, exitCodes, firstDelayInMs, longestDelayInMs }: RetryPolicy = given ?? { maxAttempts: Math.max(1, places), on: ["capacity"] };
  return {
    maxAttempts: maxAttempts ?? Math.max(3, places),
    on: on ?? REASONS,
    exitCodes: exitCodes ?? [],
    firstDelayInMs: firstDelayInMs ?? 5000,
    longestDelayInMs: longestDelayInMs ?? 300_000,
    locations,
  };
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
