import { isOf, type Of } from "../check/record.js";
import type { Happened } from "../world/history.js";
import type { World } from "../world/world.js";
import type { ModelJob } from "./model.js";

// What a fault of a request may make of a job. The others may make it slow, or its log short, and nothing else.
const BY_FAULT: Readonly<Record<string, readonly string[]>> = {
  put: ["neverStarted", "lost", "notRun"],
  get: ["lost", "timedOut", "neverStarted", "notRun"],
  list: ["notRun", "lost", "neverStarted"],
};
/** Looks that see too little, now and then, are to change nothing: a group is not gone because one look says so. */
const HARMLESS = ["R1", "R2", "R6"];

/** Why a job may end in another way than by its container: which outcomes are excused, and whether any are. */
export function excusesOf(world: World, job: ModelJob): ReadonlySet<string> {
  const { plan, callers, work } = job;
  const { entries } = world.history;
  const excused = new Set<string>();
  const excuse = (isSo: boolean, ...outcomes: readonly string[]): void => {
    if (isSo) for (const outcome of outcomes) excused.add(outcome);
  };
  excuse(job.isCanceled, "canceled", "lost", "notRun");
  excuse(job.isDeleted, "lost");
  // An attempt whose group could not be deleted is not followed by another.
  excuse(entries.some((entry) => entry.kind === "request" && entry.verb === "delete" && entry.fault !== undefined && isOf(entry.by, plan.index)), "byCode");
  excuse(isTakenByOthers(entries, job), "lost");
  // The first run's code counts, where it had ended; else it is lost, or the next run counts.
  excuse(job.isRestarted, "lost", "timedOut", "byCode");
  for (const entry of entries) {
    if (entry.kind !== "request" || entry.fault === undefined || !isOf(entry.by, plan.index) || HARMLESS.includes(entry.fault)) continue;
    excuse(true, ...(BY_FAULT[entry.verb] ?? []), ...(entry.fault === "C19" ? ["notRun", "lost", "neverStarted", "timedOut"] : []));
  }
  // A cache that goes on telling what was, long after the fault that began it.
  excuse(entries.some((entry, index) => entry.kind === "answer" && entry.verb === "get" && !entry.isFresh && isOf(entry.by, plan.index) && !isFaulty(entries, entry, index)), "timedOut", "lost", "neverStarted");
  const isLeft = callers.some(({ isCrashed, isDetached }) => isCrashed || isDetached);
  // Without a store nobody who comes later knows of a group that goes while he looks, nor of the attempts before it.
  excuse(!plan.hasStore && callers.length > 1, "lost", "byCode");
  excuse(isLeft && longestPause(job) > (plan.limits.startTimeoutInMs ?? 0) - 5000, "neverStarted");
  // Whoever comes back to a container that ran on beyond its time sees how it ended.
  excuse(isLeft && runsOver(job), "byCode", "timedOut");
  excuse(isLeft && work.startsAfter === undefined, "neverStarted");
  return excused;
}

// Whether a fault was drawn for the request of an answer.
function isFaulty(entries: readonly Happened[], { by, group }: Of<"answer">, until: number): boolean {
  const asked = entries.findLast((entry, index) => index < until && entry.kind === "request" && entry.verb === "get" && entry.by === by && entry.group === group);
  return asked?.kind === "request" && asked.fault !== undefined;
}

export function runsOver({ plan, work }: ModelJob): boolean {
  return work.runsFor >= (plan.limits.runTimeoutInMs ?? 0);
}

// A sweep, or a cancel that nobody heard, took a group of the job.
function isTakenByOthers(entries: readonly Happened[], { plan }: ModelJob): boolean {
  const own = new Set(entries.flatMap((entry) => (entry.kind === "created" && isOf(entry.by, plan.index) ? [entry.group] : [])));
  return entries.some((entry) => entry.kind === "gone" && own.has(entry.group) && !isOf(entry.by, plan.index));
}

// For how long nobody cared for it.
function longestPause({ callers }: ModelJob): number {
  const calls = callers.map(({ calledAt }) => calledAt);
  return Math.max(0, ...calls.map((at, index) => at - (calls[index - 1] ?? at)));
}
