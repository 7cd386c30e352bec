import { isOf } from "../check/record.js";
import type { Told } from "../world/history.js";
import { excusesOf, runsOver } from "./excuses.js";
import type { Model, ModelCaller, ModelJob } from "./model.js";
import { commandOf, OTHER_EXIT_CODE, type Reality } from "./reality.js";

/** A request that is under way is waited for, and no more. */
const HEARD_WITHIN_IN_MS = 2000;

const KILLED = 137;

interface End {
  readonly outcome: string;
  readonly exitCode?: number | undefined;
  readonly attempt: number;
}

/** What the model says must not have come out, and did. */
export function contradictions(model: Model, real: Reality): readonly string[] {
  return model.jobs.flatMap((job) => {
    const excuses = excusesOf(real.world, job);
    const said = job.callers.flatMap((caller) => [...aboutResult(job, caller, real, excuses), ...aboutRejection(job, caller, real)]);
    return [...said, ...aboutGroups(job, real, excuses)].map((text) => `model: job ${job.plan.index}: ${text}`);
  });
}

// The end that a job comes to if nothing comes between.
function endOf(job: ModelJob): End {
  const { plan, work } = job;
  if (work.startsAfter === undefined) return { outcome: "neverStarted", attempt: 1 };
  if (runsOver(job)) return { outcome: "timedOut", attempt: 1 };
  const { retry } = plan.limits;
  const most = retry?.exitCodes === "nonZero" ? (retry.maxAttempts ?? 3) : 1;
  for (let attempt = 1; ; attempt++) {
    const exitCode = codeOf(job, attempt);
    if (exitCode === 0 || attempt >= most) return { outcome: exitCode === 0 ? "succeeded" : "failed", exitCode, attempt };
  }
}

function codeOf({ work: { exitCodes } }: ModelJob, attempt: number): number {
  return exitCodes[Math.min(attempt, exitCodes.length) - 1] as number;
}

function aboutResult(job: ModelJob, caller: ModelCaller, real: Reality, excuses: ReadonlySet<string>): readonly string[] {
  const told = real.world.history.entries.findLast((entry) => entry.kind === "result" && entry.by === caller.by);
  if (told?.kind !== "result") return [];
  const { result, at } = told;
  const how = `${caller.by} was told ${result.outcome} (${result.exitCode ?? ""}, attempt ${result.attempt}, ${result.cleanup})`;
  // Azure has no create on condition: without a store the second of two creates at once is an update of the first's group.
  if (isUpdatedOtherwise(real, result.groupName) || real.isReplaced(job)) return [];
  const foreign = isByKeyAlone(job, caller) ? undefined : whoseEnd(job, caller, real, result);
  if (foreign !== undefined) return [`${how}, ${foreign}`];
  if (caller.isOther || result.exitCode === OTHER_EXIT_CODE) return [];
  if (mustBeCanceled(job, caller, real)) {
    if (result.outcome !== "canceled") return [`${how}, and was to be told canceled`];
    if (!isHeardAtOnce(caller, real)) return [`${how}, and did not hear the abort at once`];
  }
  if (excuses.size === 0) return aboutUndisturbed(job, caller, real, result, how, at);
  return isExcused(job, result, excuses) ? [] : [`${how}, which nothing excuses but ${[...excuses].join(", ")}`];
}

// Whoever gave a spec has the end of what he gave.
function whoseEnd({ plan }: ModelJob, { isOther }: ModelCaller, real: Reality, { outcome, exitCode, groupName }: Told): string | undefined {
  if (!["succeeded", "failed", "timedOut"].includes(outcome)) return undefined;
  const groups = real.world.azure.past.filter(({ name }) => name === groupName);
  const isOwn = groups.some(({ body }) => commandOf(body)[0] === (isOther ? "other" : "work") && commandOf(body)[1] === String(plan.index));
  if (!isOwn) return "the end of a group that runs something else";
  return outcome !== "timedOut" && (exitCode === OTHER_EXIT_CODE) !== isOther ? "the end of the other spec" : undefined;
}

function aboutUndisturbed(job: ModelJob, caller: ModelCaller, real: Reality, told: Told, how: string, at: number): readonly string[] {
  const end = endOf(job);
  const { keep } = job.plan.limits;
  const cleanup = keep === "always" || (keep === "onFailure" && end.outcome !== "succeeded") ? "kept" : "done";
  const isFaulty = isDisturbed(job, real);
  // The time for the clean-up passes even when nobody cares for it.
  const isLeft = job.callers.some(({ isCrashed, isDetached }) => isCrashed || isDetached);
  const isClean = told.cleanup === cleanup || ((isFaulty || isLeft) && cleanup === "done" && told.cleanup === "pending");
  const isForeseen = told.outcome === end.outcome && told.exitCode === end.exitCode && told.attempt === end.attempt && told.earlier.length === end.attempt - 1 && isClean;
  if (!isForeseen) return [`${how}, and was to be told ${end.outcome} (${end.exitCode ?? ""}, attempt ${end.attempt}, ${cleanup})`];
  const late = at - caller.calledAt - longest(job, end.attempt);
  return late > 0 && !isFaulty ? [`${how}, ${late} ms too late`] : [];
}

// So long it may take: what the container takes, and the looks, the deletes and the pauses around it.
function longest({ plan, work }: ModelJob, attempts: number): number {
  const { startTimeoutInMs = 0, runTimeoutInMs = 0, retry } = plan.limits;
  const starts = work.startsAfter === undefined ? startTimeoutInMs : work.startsAfter;
  return attempts * (starts + Math.min(work.runsFor, runTimeoutInMs) + 90_000) + (retry?.firstDelayInMs ?? 0) * 2 ** attempts;
}

function isExcused(job: ModelJob, { outcome, exitCode, attempt }: Told, excuses: ReadonlySet<string>): boolean {
  if (outcome !== "succeeded" && outcome !== "failed") return excuses.has(outcome) || outcome === endOf(job).outcome;
  // The platform ends what it begins anew, sometimes by a signal.
  if (job.isRestarted && exitCode === KILLED) return true;
  // By its code: that of its attempt, or where attempts are not counted from one, any.
  return exitCode === codeOf(job, attempt) && (!runsOver(job) || excuses.has("byCode"));
}

// An abort that was heard while the container had long to go is a cancel.
function mustBeCanceled(job: ModelJob, { abortedAt, isTakenUp, isDetached, isCrashed, line }: ModelCaller, real: Reality): boolean {
  const { plan, callers, work } = job;
  if (abortedAt === undefined || isTakenUp || isDetached || isCrashed || callers.length > 1 || job.isDeleted || job.isRestarted) return false;
  if (line === "job" && plan.mode !== "run" && plan.mode !== "poller") return false;
  const { startTimeoutInMs = 0, runTimeoutInMs = 0 } = plan.limits;
  const [first] = real.world.azure.past.filter(({ body }) => commandOf(body)[1] === String(plan.index));
  const createdAt = first?.createdAt ?? abortedAt;
  const endsAt = createdAt + (work.startsAfter === undefined ? startTimeoutInMs : work.startsAfter + Math.min(work.runsFor, runTimeoutInMs));
  return !isDisturbed(job, real) && abortedAt < endsAt - 3000;
}

function isHeardAtOnce({ by, abortedAt = 0 }: ModelCaller, { world }: Reality): boolean {
  return world.history.entries.some((entry) => entry.kind === "event" && entry.by === by && entry.type === "jobEnded" && entry.at < abortedAt + HEARD_WITHIN_IN_MS);
}

function aboutRejection(job: ModelJob, caller: ModelCaller, real: Reality): readonly string[] {
  const { plan, callers } = job;
  const { entries } = real.world.history;
  const rejected = entries.findLast((entry) => entry.kind === "rejected" && entry.by === caller.by);
  const code = rejected?.kind === "rejected" ? rejected.code : undefined;
  if (mustConflict(job, caller, real) && code !== "ACI_JOB_CONFLICT" && !caller.isCrashed && !caller.isDetached) return [`${caller.by} gave another spec and was told ${code ?? "nothing of it"}`];
  if (code === undefined) return [];
  const mayBe: Readonly<Record<string, boolean>> = {
    ACI_JOB_CONFLICT: callers.some(({ isOther }) => isOther),
    ACI_JOB_DETACHED: caller.isDetached,
    ACI_NOT_FOUND: caller.isTakenUp && plan.heir === "key" && !isKeptFor(job, caller, real),
    ACI_JOB_NEEDS_SECRETS: (caller.isTakenUp && plan.heir !== "sameCall") || (isByHandle(job, caller) && isSecretGiven(job)),
  };
  const isFaulty = entries.some((entry) => entry.kind === "request" && entry.fault !== undefined && entry.by === caller.by);
  return mayBe[code] === true || (mayBe[code] === undefined && isFaulty) ? [] : [`${caller.by} was told ${code}, for which there was no reason`];
}

function isUpdatedOtherwise({ world }: Reality, groupName: string): boolean {
  return world.history.entries.some((entry) => entry.kind === "updated" && entry.group === groupName && entry.by.endsWith(" otherwise"));
}

// Who comes with the key alone asks for whatever has it.
function isByKeyAlone({ plan }: ModelJob, { isTakenUp }: ModelCaller): boolean {
  return isTakenUp && plan.heir === "key";
}

// A handle is all that this caller has after the first create: it holds no secret values.
function isByHandle({ plan }: ModelJob, { line }: ModelCaller): boolean {
  return line === "job" && (plan.mode === "start" || plan.mode === "step");
}

function isSecretGiven({ plan }: ModelJob): boolean {
  return "secureValue" in (plan.spec.environment?.["KEY"] as object);
}

// The store had the job when somebody asked for it.
function isKeptFor({ plan }: ModelJob, { calledAt }: ModelCaller, real: Reality): boolean {
  return storedBefore(plan.index, calledAt, real) !== undefined;
}

function storedBefore(index: number, at: number, real: Reality): string | undefined {
  const first = real.world.history.entries.find((entry) => entry.kind === "stored" && entry.at < at && isOf(entry.by, index));
  return first?.kind === "stored" ? first.by : undefined;
}

// Who asks for something else than what the store has, or than what runs.
function mustConflict(job: ModelJob, caller: ModelCaller, real: Reality): boolean {
  const { plan, callers } = job;
  if (plan.hasStore) {
    const first = callers.find(({ by }) => by === storedBefore(plan.index, caller.calledAt, real));
    return first !== undefined && !caller.isTakenUp && first.isOther !== caller.isOther;
  }
  if (caller.isTakenUp || caller.abortedAt !== undefined || isDisturbed(job, real)) return false;
  const there = real.world.azure.past.filter(({ body, createdAt, goneAt }) => commandOf(body)[1] === String(plan.index) && createdAt <= caller.calledAt && goneAt > caller.calledAt + 5000);
  return there.some(({ body }) => (commandOf(body)[0] === "other") !== caller.isOther);
}

function isDisturbed({ plan }: ModelJob, { world }: Reality): boolean {
  return world.history.entries.some((entry) => entry.kind === "request" && entry.fault !== undefined && isOf(entry.by, plan.index));
}

// As many groups as attempts, where somebody knows of them all.
function aboutGroups(job: ModelJob, real: Reality, excuses: ReadonlySet<string>): readonly string[] {
  const { plan, callers } = job;
  if (excuses.size > 0 || (!plan.hasStore && callers.length > 1)) return [];
  const groups = real.world.azure.past.filter(({ body }) => commandOf(body)[0] === "work" && commandOf(body)[1] === String(plan.index));
  const most = endOf(job).attempt;
  const own = callers.filter((caller) => !caller.isOther && !isByKeyAlone(job, caller)).map(({ by }) => by);
  const isTold = real.world.history.entries.some((entry) => entry.kind === "result" && own.includes(entry.by));
  return groups.length > most || (isTold && groups.length < most) ? [`there were ${groups.length} groups of it, and ${most} were to be`] : [];
}
