import { isByLine, type JobPlan } from "../jobs/job-plan.js";
import { isEasy } from "./ends.js";
import { isOf, isOfLine, lineOf, type Of, type Record } from "./record.js";

/** What may pass is waited for, so long as there is time. */
const MAY_PASS = ["C1", "C2", "C3", "C4", "C9", "C10", "C19"];
const MINUTE = 60_000;
const HEARS_ABORT_WITHIN_IN_MS = 30_000;
/** How long a strategy has for an answer. */
const ANSWERS_WITHIN_IN_MS = 10_000;
/** Requests that hang, a busy event loop, and six more looks: how much later than due something may be. */
const LATEST_IN_MS = 11 * MINUTE;
/** Six more for a log that may tell of the end. */
const LOG_TRIES_IN_MS = 6 * MINUTE;

/** L1: nobody gives up too early, and nobody waits too long. */
export function checkPatience(record: Record): void {
  for (const plan of record.plans) {
    for (const told of record.resultsOf(plan)) {
      checkCreate(record, plan, told);
      checkDeadlines(record, plan, told);
      checkCleanup(record, plan, told);
      // Of two, one may have the log from the other.
      if (plan.twinAfter === undefined && !record.isCrowd) checkLogTries(record, plan, told);
    }
  }
  for (const asked of record.all("asked", ({ what }) => what === "abort")) checkAbort(record, asked);
}

function checkCreate(record: Record, plan: JobPlan, told: Of<"result">): void {
  const { by, result, at } = told;
  // What a store has of another's refusal is told, too.
  const isOwn = record.decision(told, result.attempt, result.outcome).by === by;
  if (result.outcome !== "neverStarted" || result.code === "ACI_JOB_CANCELED" || !isOwn) return;
  const own = record.all("request", (request) => request.by === by);
  const put = own.filter(({ verb, group }) => verb === "put" && group === result.groupName).at(-1);
  const toldAt = record.all("event", ({ by: teller, type }) => teller === by && type === "jobCreating").at(-1)?.at ?? Infinity;
  // It is told when it is sent; its time counts from when that was decided: of a key, when the last look was answered.
  const looked = plan.spec.key === undefined ? [] : record.all("answer", ({ by: asker, at: heardAt }) => asker === by && heardAt <= toldAt);
  // Whom the request budget holds back has his time from when he may create, looks that fail included.
  const heldBackAt = record.all("event", ({ by: teller, type }) => teller === by && type === "jobHeldBack").at(-1)?.at ?? Infinity;
  const begunAt = Math.min(heldBackAt, looked.at(-1)?.at ?? toldAt - preparedInMs(plan));
  const isThere = record.groupsOf(plan).some(({ name }) => name === result.groupName);
  if (put === undefined || toldAt === Infinity || isThere || !MAY_PASS.includes(put.fault ?? "")) return;
  if (own.at(-1) === put && at < begunAt + (plan.limits.startTimeoutInMs ?? 0) - 1000) record.broken("L1", `${by} gave up on a create after ${put.fault ?? ""}, with time left`);
}

/** How long the preparation of a create is waited for: a strategy's may hang. */
export function preparedInMs({ wrongs }: JobPlan): number {
  return wrongs.includes("prepare hangs") ? ANSWERS_WITHIN_IN_MS : 0;
}

function checkDeadlines(record: Record, plan: JobPlan, told: Of<"result">): void {
  const { result } = told;
  const { startTimeoutInMs = 0, pullTimeoutInMs = 0, runTimeoutInMs = 0 } = plan.limits;
  const decision = record.decision(told, result.attempt, result.outcome);
  const group = record.groupsOf(plan).findLast(({ name, createdAt }) => name === result.groupName && createdAt <= decision.at);
  const cameAt = record.all("request", ({ by }) => by === decision.by)[0]?.sentAt ?? Infinity;
  if (group === undefined || group.goneAt < decision.at || plan.mode === "step" || plan.heir === "handle") return;
  const [first] = group.runs;
  const startDue = group.createdAt + startTimeoutInMs + pullTimeoutInMs;
  const runDue = first === undefined ? startDue : group.runs.length > 1 ? Infinity : first.startAt + runTimeoutInMs;
  // What runs and is not seen to is waited for as if it were still to start.
  const isTold = ({ by }: Of<"answer">): boolean => by === decision.by;
  const isSeen = first !== undefined && record.wasSeen(isTold, group, ["Running"], first.startAt, runDue);
  const due = isSeen ? runDue : Math.max(startDue, runDue);
  if (cameAt < group.createdAt + 1000 && decision.at > due + LATEST_IN_MS + (isByLine(plan) ? LOG_TRIES_IN_MS : 0)) record.broken("L1", `${decision.by} went on ${decision.at - due} ms beyond a deadline`);
  const isUndisturbed = record.faultsOn((request) => request.by === decision.by) === 0 && !record.world.faults.isOn("R11") && !record.world.faults.isOn("R2") && plan.wrongs.length === 0;
  if (cameAt < group.createdAt + 1000 && isUndisturbed && decision.at > due + 2 * MINUTE) record.broken("L1", `${decision.by} went on ${decision.at - due} ms beyond a deadline, undisturbed`);
  // Who never wants a look looks every two minutes.
  const isPulling = group.program.pullFails && !plan.wrongs.includes("nextCheck is never") && cameAt < group.createdAt && record.faultsOn(({ by }) => by === decision.by) === 0 && !record.world.faults.isOn("R11");
  if (isPulling && decision.at > group.createdAt + 2 * MINUTE && result.outcome !== "canceled") record.broken("C16", `${decision.by} waited ${decision.at - group.createdAt} ms for an image that is not there`);
  const isInitSeen = group.program.initFails && record.wasSeen(isTold, group, ["Waiting"], group.createdAt + (group.program.startsAfter ?? Infinity) / 2 + 1000, decision.at - 1);
  if (isInitSeen && result.outcome === "neverStarted") record.broken("R8", `${decision.by} did not see that an init container had failed`);
}

function checkCleanup(record: Record, plan: JobPlan, { by, result, at }: Of<"result">): void {
  const begunAt = record.all("event", ({ by: teller, type, attempt }) => teller === by && type === "jobDeleting" && attempt === result.attempt).at(-1)?.at;
  // Where nothing is kept, another caller may have made one of the same number since, which is the job then.
  const isOther = record.all("event", (event) => event.by === by && event.type === "jobAdopted" && event.attempt === result.attempt && event.at >= (begunAt ?? Infinity)).length > 0;
  if (begunAt === undefined || isOther) return;
  const { cleanupTimeoutInMs = 0 } = plan.limits;
  if (at > begunAt + cleanupTimeoutInMs + 4 * MINUTE && !record.isCrowd) record.broken("D2", `${by} told its result ${at - begunAt} ms after the delete`);
  const own = record.all("request", (request) => request.by === by && request.sentAt >= begunAt);
  const deletes = own.filter(({ verb }) => verb === "delete");
  const isUndisturbed = !record.world.faults.isOn("R11") && own.every(({ fault, verb }) => fault === undefined || (verb === "delete" && fault === "D1"));
  // What was seen to be gone, and could not be followed by another attempt, is told as it was on record.
  const isGone = record.all("event", (event) => event.by === by && event.type === "jobRetrying" && event.attempt === result.attempt && event.at >= begunAt).length > 0;
  const isRefused = own.some(({ fault = "" }) => ["D4", "C19", "C20"].includes(fault));
  if (result.cleanup === "pending" && at < begunAt + cleanupTimeoutInMs - 1000 && !isRefused && !plan.hasStore && plan.mode === "run") record.broken("D2", `${by} gave up the clean-up after ${at - begunAt} ms of ${cleanupTimeoutInMs}`);
  if (result.cleanup === "pending" && at - begunAt > MINUTE && isUndisturbed && !isGone && deletes.length < 2 && !record.isCrowd) record.broken("D1", `${by} deleted ${result.groupName} only once in ${at - begunAt} ms`);
}

// A log that may come is asked for until it is late.
function checkLogTries(record: Record, plan: JobPlan, { by, result, job }: Of<"result">): void {
  const ended = record.all("event", (event) => event.by === by && event.job === job && event.type === "jobEnded" && event.attempt === result.attempt).at(-1);
  const next = record.all("event", (event) => event.by === by && event.type === "jobDeleting" && event.attempt === result.attempt).at(-1);
  if (ended === undefined || next === undefined || ended.outcome === "lost") return;
  // Where a line of the log may be the end, that is told when it was looked for. Who has taken the job up meanwhile goes on with it,
  // unless its group alone tells of it.
  const isHanded = plan.hasStore || plan.heir !== "key";
  const began = record.all("event", (event) => event.job === job && event.type === "jobCollecting" && event.attempt === result.attempt && event.at <= ended.at && (event.by === by || isHanded) && isOfLine(event.by, lineOf(by)) && !record.isForgotten(event.by, event.at) && (event.by === by || record.wasPutDown(event.by, event.at, ended.at)));
  const collecting = began.findLast((event) => event.by === by) ?? began.at(-1);
  const from = collecting?.at ?? ended.at;
  const isTold = (teller: string): boolean => teller === by || teller === collecting?.by;
  const answers = record.all("answer", (answer) => isTold(answer.by) && answer.verb === "logs" && answer.part === "main" && answer.group === result.groupName && answer.at >= from && answer.at <= next.at);
  const last = answers.at(-1);
  const hasFailed = last !== undefined && (last.status === "none" || last.status === 429 || last.status >= 500 || last.status === 409);
  // Another caller has read it, told the store, and deleted the group.
  const isKnown = record.all("stored", ({ by: teller, decided, attempt, at }) => teller !== by && isOf(teller, job) && decided && attempt === result.attempt && at <= next.at).length > 0 && record.all("gone", ({ group, at }) => group === result.groupName && at <= next.at).length > 0;
  // Who has looked first, as he took it up late, and seen that it was begun anew, has nothing to read there.
  const begunAnew = Math.min(...record.groupsOf(plan).filter(({ name }) => name === result.groupName).flatMap(({ runs }) => runs.slice(1).map(({ startAt }) => startAt)));
  const isAnew = last !== undefined && record.all("request", ({ by: teller, verb, group, status, at }) => isTold(teller) && verb === "get" && group === result.groupName && status === 200 && at > last.at && at <= next.at && at >= begunAnew).length > 0;
  if (hasFailed && !isKnown && !isAnew && answers.length < 5 && last.at < from + 29_000 && (last.retryAfterInMs ?? 0) < 20_000) record.broken("G4", `${by} asked for a log ${answers.length} times only`);
}

function checkAbort(record: Record, { by, at, job }: Of<"asked">): void {
  const plan = record.plans.find(({ index }) => index === job);
  const isDead = record.all("died", (died) => died.by === by && died.at < at + LATEST_IN_MS).length > 0;
  if (isDead || plan?.mode === "step" || plan?.mode === "start") return;
  const ended = record.all("event", (event) => event.by === by && event.type === "jobEnded" && event.at >= at)[0];
  const isTold = record.all("event", (event) => event.by === by && event.type === "jobEnded" && event.at < at).length > 0;
  const hasDied = record.all("died", (died) => died.by === by).length > 0;
  if (ended !== undefined && !isTold && plan?.mode === "run" && !hasDied && isEasy(record, by, at) && plan.wrongs.length === 0 && ended.at > at + HEARS_ABORT_WITHIN_IN_MS) record.broken("I15", `${by} was aborted and ended after ${ended.at - at} ms`);
  const late = record.all("event", (event) => event.by === by && event.type === "jobObserved" && event.at > at + LATEST_IN_MS);
  if (late.length > 0) record.broken("I15", `${by} was aborted and went on for ${(late.at(-1)?.at ?? 0) - at} ms`);
}
