import type { CreatedGroup } from "../../gateway.js";
import { hadGroup } from "../../jobs/machine/meet.js";
import type { JobLimits } from "../../jobs/machine/plan.js";
import type { MachineState } from "../../jobs/machine/state.js";
import { nameBaseOf, TAGS } from "../../lifecycle/identity.js";
import { readLimits, readTime } from "./read-tags.js";

// By what groups are judged.
export interface Rules {
  readonly owner: string;
  readonly graceInMs: number;
  /** Tags that a group must have besides. */
  readonly tags: Readonly<Record<string, string>>;
}

// What a store knows of a job.
export interface StoredJob {
  readonly state: MachineState;
  readonly limits: JobLimits;
}

export type Verdict =
  | { readonly kind: "foreign" }
  /** Ours, but it says something that is not ours: nothing is concluded from it. */
  | { readonly kind: "unreadable"; readonly reason: string }
  /** Nobody knows how old it is. */
  | { readonly kind: "unseen" }
  | { readonly kind: "alive"; readonly reason: string; readonly ageInMs?: number | undefined }
  | Expired;

export interface Expired {
  readonly kind: "expired";
  readonly reason: string;
  /** When its time was over, grace included. */
  readonly since: number;
  readonly ageInMs?: number | undefined;
  /** In which case it is to be left there once its containers have ended. */
  readonly keep: JobLimits["keep"];
}

// What is to become of a group, by what lists and the store tell of it. Pure.
export function judge(group: CreatedGroup, now: number, rules: Rules, stored?: StoredJob): Verdict {
  if (!isOwned(group, rules.owner)) return { kind: "foreign" };
  if (Object.entries(rules.tags).some(([name, value]) => group.tags[name] !== value)) return { kind: "foreign" };
  const lease = group.tags[TAGS.lease];
  return lease === undefined ? judgeJob(group, now, rules, stored) : judgeLease(group, lease, now, rules);
}

// Whether a group is of this owner, to the letter, and of a kind that this library makes. Tags alone can be copied to a
// group of somebody else's: that of a job also has the name that its tags say.
export function isOwned({ groupName, tags }: CreatedGroup, owner: string): boolean {
  if (tags[TAGS.owner] !== owner) return false;
  const [job, attempt] = [tags[TAGS.job], tags[TAGS.attempt]];
  if (tags[TAGS.lease] !== undefined) return true;
  return job !== undefined && attempt !== undefined && groupName.toLowerCase() === `${nameBaseOf(job)}-${attempt}`;
}

function judgeLease(group: CreatedGroup, lease: string, now: number, { graceInMs }: Rules): Verdict {
  const end = readTime(lease);
  if (end === undefined) return unreadable(TAGS.lease);
  const born = readTime(group.createdAt);
  const age = born === undefined ? {} : { ageInMs: ageOf(born, now) };
  if (now > end + graceInMs) return { kind: "expired", reason: `its lease ended at ${iso(end)}`, since: end + graceInMs, keep: "never", ...age };
  return { kind: "alive", reason: `its lease ${ends(end, now)}, ${leftUntil(end + graceInMs)}`, ...age };
}

function judgeJob(group: CreatedGroup, now: number, { graceInMs }: Rules, stored: StoredJob | undefined): Verdict {
  const { tags, groupName } = group;
  const limits = readLimits(tags[TAGS.limits]);
  if (limits === undefined) return unreadable(TAGS.limits);
  const born = readTime(group.createdAt) ?? readTime(tags[TAGS.seen]);
  if (born === undefined) return tags[TAGS.seen] === undefined ? { kind: "unseen" } : unreadable(TAGS.seen);
  // What a store tells of another attempt says nothing of this group.
  const known = stored?.state.groupName === groupName ? stored : undefined;
  const ageInMs = ageOf(born, now);
  const keep = keepOf(limits, tags, known);
  if (isOver(known)) {
    const since = born + graceInMs;
    return now > since ? { kind: "expired", reason: "its job is over", since, ageInMs, keep } : { kind: "alive", reason: `its job is over, but it was just created, ${leftUntil(since)}`, ageInMs };
  }
  const end = Math.max(born + total(limits), driverEnd(known, born));
  // What cannot be compared, because a stored job is not what it should be, is not over.
  if (now > end + graceInMs) return { kind: "expired", reason: `its time ended at ${iso(end)}`, since: end + graceInMs, ageInMs, keep };
  return { kind: "alive", reason: `its time ${ends(end, now)}, ${leftUntil(end + graceInMs)}`, ageInMs };
}

// Azure tells its time in whole seconds, so that what is new may be younger than that.
function ageOf(born: number, now: number): number {
  return Math.max(0, now - born);
}

function ends(end: number, now: number): string {
  return `${now > end ? "ended" : "ends"} at ${iso(end)}`;
}

function leftUntil(time: number): string {
  return `and it is left alone until ${iso(time)}`;
}

// The job has a result and has deleted its group: what is there all the same came too late, or would not go.
function isOver(known: StoredJob | undefined): boolean {
  if (known?.state.phase !== "done" || known.state.result?.cleanup === "kept") return false;
  return hadGroup(known.state);
}

// Until when a job that is still being driven may need its group. Its driver may have taken the group over later, with
// limits of its own. The times of a store are by the driver's clock: if that is ahead, the group goes later by as much.
function driverEnd(known: StoredJob | undefined, born: number): number {
  if (known === undefined || known.state.phase === "done") return -Infinity;
  const { createAt, intendedAt } = known.state.marks;
  return Math.max(born, createAt ?? intendedAt) + total(known.limits);
}

// Who cancels a job wants nothing to be kept of it.
function keepOf(limits: JobLimits, tags: CreatedGroup["tags"], known: StoredJob | undefined): JobLimits["keep"] {
  if (known?.state.result?.cleanup === "kept") return "always";
  return tags[TAGS.cancel] === undefined ? limits.keep : "never";
}

function total({ startTimeoutInMs, runTimeoutInMs, cleanupTimeoutInMs }: JobLimits): number {
  return startTimeoutInMs + runTimeoutInMs + cleanupTimeoutInMs;
}

function unreadable(tag: string): Verdict {
  return { kind: "unreadable", reason: `its tag ${tag} cannot be read` };
}

function iso(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "a time beyond all calendars" : date.toISOString();
}
