import { linesOf } from "../azure/log.js";
import type { TruthGroup } from "../azure/truth.js";
import type { JobPlan } from "../jobs/job-plan.js";
import { isOf, isOfLine, lineOf, type Of, type Record } from "./record.js";

// The mark of the library for lines that are missing.
const GAP = "… lines are missing here …";

/** I8: what is told of a log is what the container wrote, in order, and what is missing is said to be. */
export function checkLogs(record: Record): void {
  for (const plan of record.plans) {
    for (const told of record.resultsOf(plan)) {
      checkLog(record, plan, told);
      checkSink(record, plan, told);
    }
  }
}

function checkLog(record: Record, plan: JobPlan, told: Of<"result">): void {
  const { result, at } = told;
  const decidedAt = record.decision(told, result.attempt, result.outcome).at;
  const all = record.groupsOf(plan).filter(({ name, createdAt }) => name === result.groupName && createdAt <= at);
  const before = all.filter(({ createdAt }) => createdAt <= decidedAt);
  // Who has canceled it may have had none, and another has one by then.
  const groups = before.length === 0 && plan.hasStore && result.outcome === "canceled" ? all : before;
  const group = groups.at(-1);
  if (group === undefined) {
    if (result.logs !== "") record.broken("I8", `job ${plan.index} has a log and no group`);
    return;
  }
  // Who has read the log of a group, and then that of one that somebody else has made under its name, has lines of both.
  const isWhole = result.isLogTruncated === false;
  const read = record.isCrowd ? all : isWhole ? [group] : groups.filter((one) => one === group || hasRead(record, plan, told.by, one));
  const written = read.flatMap((one) => one.runs.flatMap((_, run) => linesOf(one, run, Math.min(at, one.goneAt))));
  const given = result.logs.split("\n").filter((line) => line !== GAP);
  if (given.at(-1) === "") given.pop();
  const lost = firstUnwritten(written, given, !isWhole);
  if (lost !== undefined) {
    record.broken("I8", `the log of job ${plan.index} has the line "${lost}", which was not written, or not there`);
    return;
  }
  const next = firstUntoldGap(result.logs);
  if (next !== undefined) record.broken("I8", `the log of job ${plan.index} lacks lines before "${next}", and nothing there says so`);
  const run = group.runs.findIndex(({ exitCode, endAt }) => exitCode !== undefined && exitCode === result.exitCode && endAt <= at);
  // A log is that of the current run, and nothing in it says which that is: one begun between what the last look showed and the read.
  const looked = record.all("request", ({ by, verb, group: name, at: lookedAt }) => by === told.by && verb === "get" && name === result.groupName && lookedAt <= decidedAt).at(-1);
  const shownAt = record.world.faults.isOn("R2") ? 0 : Math.min(decidedAt - 2000, looked?.at ?? Infinity);
  const isOfNextRun = group.runs.some(({ startAt }) => startAt > shownAt && startAt <= at && startAt > (group.runs[0]?.startAt ?? 0));
  const isOfOther = record.isCrowd && all.length > 1;
  if (run < 0 || isOfNextRun || isOfOther) return;
  const isComplete = given.length === linesOf(group, run, Infinity).length || (group.runs.length > 1 && given.length >= linesOf(group, run, Infinity).length);
  if (isWhole && !isComplete) record.broken("I8", `the log of job ${plan.index} lacks ${linesOf(group, run, Infinity).length - given.length} of ${written.length} lines and is said to be whole`);
  if (isComplete && result.isLogTruncated !== false && given.length > 0 && given.length < 100 && hadItEasy(record, plan, group, told)) record.broken("I8", `the log of job ${plan.index} is whole and is said to be cut`);
  if (!isComplete && hadItEasy(record, plan, group, told)) record.broken("I8", `the log of job ${plan.index} lacks lines, though nothing was in the way`);
}

// A sink has what the result has, in order and each line once. What another has read is in the result alone.
function checkSink(record: Record, plan: JobPlan, { by, result }: Of<"result">): void {
  if (!plan.hasSink || plan.mode !== "run") return;
  const sunk = record.all("sunk", (entry) => entry.by === by).flatMap(({ lines }) => lines);
  const given = result.logs.split("\n");
  const isWhole = result.attempt === 1 && record.all("died", (died) => isOf(died.by, plan.index)).length === 0 && !plan.hasStore && plan.twinAfter === undefined;
  if (isWhole && result.logs !== "" && sunk.join("\n") !== given.join("\n").replace(/\n$/u, "")) record.broken("I8", `the sink of job ${plan.index} has ${sunk.length} lines, and its result ${given.length}: ${JSON.stringify(sunk.slice(0, 5))} ${JSON.stringify(given.slice(0, 5))}`);
}

// Whether a caller has read the log of a group. A store hands on what others have read.
function hasRead(record: Record, plan: JobPlan, by: string, { name, createdAt, goneAt }: TruthGroup): boolean {
  const isRead = ({ by: reader, verb, group, status, at }: Of<"answer">): boolean => mayKnow(plan, by, reader) && verb === "logs" && group === name && status === 200 && at >= createdAt && at <= goneAt + 1000;
  return record.all("answer", isRead).length > 0;
}

// Lines that were lost where nothing was in the way were lost by us.
function hadItEasy(record: Record, plan: JobPlan, group: TruthGroup, { by: teller, at }: Of<"result">): boolean {
  const { program, runs, goneAt } = group;
  const isPlain = runs.length === 1 && program.lines < 100 && program.logsLateBy === 0 && program.logEmptyFor === 0 && program.deletedAfter === undefined;
  const isUndisturbed = record.faultsOn(({ verb, group: name, by }) => name === group.name && (verb === "logs" || !isOf(by, plan.index))) === 0;
  const wasDeletedByOthers = record.all("gone", (gone) => gone.group === group.name && !isOf(gone.by, plan.index)).length > 0;
  const readers = new Set(record.all("request", ({ group: name, verb }) => name === group.name && verb === "logs").map(({ by }) => by));
  // Who shares a job without a store has nothing of what another has read.
  const isShared = readers.size > 1 || [...readers].some((by) => !mayKnow(plan, teller, by));
  return isPlain && isUndisturbed && !wasDeletedByOthers && !isShared && goneAt <= at + 600_000 && record.all("asked", ({ job }) => job === plan.index).length === 0;
}

// The first line that is not a later one of those written than the line before it. The first of a window may be cut.
function firstUnwritten(written: readonly string[], given: readonly string[], mayBeCut: boolean): string | undefined {
  let place = 0;
  for (const line of given) {
    let next = written.indexOf(line, place);
    if (next < 0 && mayBeCut) next = written.findIndex((whole, index) => index >= place && whole.endsWith(line));
    if (next < 0) return line;
    place = next + 1;
  }
  return undefined;
}

// The first line before which numbered lines of the same run are missing, without a mark. Lines without a number count by their place.
function firstUntoldGap(logs: string): string | undefined {
  let last: { readonly run: string; readonly number: number; readonly place: number } | undefined;
  for (const [place, line] of logs.split("\n").entries()) {
    const [, run, number] = /^(aci-\S+\.\d+) (\d+) x*$/u.exec(line) ?? [];
    if (line === GAP) last = undefined;
    if (run === undefined) continue;
    if (last?.run === run && Number(number) - last.number > place - last.place) return line.slice(0, 40);
    last = { run, number: Number(number), place };
  }
  return undefined;
}

// Whether a process may know what another one has found out: a store hands it on, or one carries on from the other.
function mayKnow({ hasStore }: JobPlan, by: string, other: string): boolean {
  return hasStore || isOfLine(other, lineOf(by));
}
