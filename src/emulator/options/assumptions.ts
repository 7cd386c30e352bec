import { expectNames } from "./expect-names.js";

/**
 * What the emulator assumes where nobody outside Microsoft knows what the service does, or where it has been seen to do
 * both. Each is a switch, so that a program can be tried against either answer.
 *
 * @public
 */
export interface Assumptions {
  /**
   * How much of a container's output can be read once it has ended. The quota page says 16 KB or 1,000 lines of a stopped
   * container; no recording shows it.
   *
   * @defaultValue `"4MB"`, as while it runs
   */
  readonly terminatedLogs?: "4MB" | "16KB" | undefined;
  /** Whether the output can still be read after the group was stopped. @defaultValue `"gone"` */
  readonly stoppedLogs?: "gone" | "kept" | undefined;
  /** Whether the output of earlier runs is still there after a restart by policy. @defaultValue `"gone"` */
  readonly previousLogs?: "gone" | "kept" | undefined;
  /** Whether the status of a failed operation has an `error`, or says why in its events only. Both have been seen. @defaultValue `"withError"` */
  readonly failedOperations?: "withError" | "eventsOnly" | undefined;
  /** What a PUT of the same body does to a group that runs. @defaultValue `"ignored"` */
  readonly identicalPut?: "ignored" | "redeployed" | undefined;
  /** What a PUT does that changes nothing but tags. @defaultValue `"redeployed"`, as the documents say of any change */
  readonly tagsOnlyPut?: "redeployed" | "inPlace" | undefined;
  /** What a PUT is answered while the containers of a deleted group of its name still end. @defaultValue `"transitioning"` */
  readonly nameReuse?: "transitioning" | "waits" | undefined;
  /**
   * What a start of a stopped group is answered: 204 as recorded under 2020-11-01, 202 as the specification of later
   * versions says, or each by the version asked for.
   *
   * @defaultValue `"byVersion"`
   */
  readonly startStatus?: "byVersion" | 204 | 202 | undefined;
  /** What a delete is answered: 200 with the group, as recorded, or 202 with an operation to follow. @defaultValue `200` */
  readonly deleteStatus?: 200 | 202 | undefined;
  /**
   * Whether an operation is answered with a `Retry-After` of one second. No recording has one, though the specifications
   * since 2024 declare it. Without one `az` and the Python client wait 30 seconds between their looks.
   *
   * @defaultValue `"absent"`
   */
  readonly retryAfter?: "absent" | "sent" | undefined;
  /** What becomes of `If-Match` on a delete. @defaultValue `"ignored"` */
  readonly deleteIfMatch?: "ignored" | "refused" | undefined;
  /** Whether a create that is refused counts against the creates of the hour. @defaultValue `"counted"` */
  readonly refusedCreates?: "counted" | "free" | undefined;
  /** The detail of a container that the kernel ended for want of memory. @defaultValue `"Error"` */
  readonly outOfMemory?: "Error" | "OOMKilled" | undefined;
}

/** Every assumption made. */
export type ResolvedAssumptions = { readonly [Name in keyof Assumptions]-?: NonNullable<Assumptions[Name]> };

const CHOICES: { readonly [Name in keyof ResolvedAssumptions]: readonly [ResolvedAssumptions[Name], ...ResolvedAssumptions[Name][]] } = {
  terminatedLogs: ["4MB", "16KB"],
  stoppedLogs: ["gone", "kept"],
  previousLogs: ["gone", "kept"],
  failedOperations: ["withError", "eventsOnly"],
  identicalPut: ["ignored", "redeployed"],
  tagsOnlyPut: ["redeployed", "inPlace"],
  nameReuse: ["transitioning", "waits"],
  startStatus: ["byVersion", 204, 202],
  deleteStatus: [200, 202],
  retryAfter: ["absent", "sent"],
  deleteIfMatch: ["ignored", "refused"],
  refusedCreates: ["counted", "free"],
  outOfMemory: ["Error", "OOMKilled"],
};

/** Fills in the defaults, the first choice of each, and refuses what is no choice. */
export function resolveAssumptions(given: Assumptions = {}): ResolvedAssumptions {
  expectNames("assumptions", given, Object.keys(CHOICES));
  const resolved: Record<string, unknown> = {};
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = given[name as keyof Assumptions] ?? choices[0];
    if (!(choices as readonly unknown[]).includes(value)) throw new RangeError(`Expected \`assumptions.${name}\` to be one of ${choices.join(", ")}, got \`${String(value)}\``);
    resolved[name] = value;
  }
  return resolved as unknown as ResolvedAssumptions;
}
