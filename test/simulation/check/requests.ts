import { isByLine, type JobPlan } from "../jobs/job-plan.js";
import { preparedInMs } from "./patience.js";
import { attemptOf, isOfKey } from "../world/names.js";
import { isOf, isOfLine, lineOf, type Of, type Record } from "./record.js";

const FAIR_PAUSE_IN_MS = 240;
/** After this long a log is late. */
const LOGS_LATE_IN_MS = 30_000;

/** I6, I10, I11: what is deleted is decided, nobody asks too often, and who is told to wait waits. */
export function checkRequests(record: Record): void {
  const requests = record.all("request");
  for (const request of requests) if (request.verb === "delete") checkDelete(record, request);
  for (const process of new Set(requests.map(({ by }) => by))) {
    const plan = record.planOf(process);
    if (plan === undefined) checkPrimitives(record, process);
    if (plan === undefined) continue;
    checkIntent(record, plan, process);
    checkCount(record, plan, process);
    checkPauses(record, plan, process);
  }
}

function checkDelete(record: Record, { by, group, note, at }: Of<"request">): void {
  const plan = record.planOf(by);
  if (plan === undefined) return;
  // A host that takes steps keeps the handle itself. And what was on record may have been replaced by who saw that the group is there.
  const wasDecided = record.all("stored", (stored) => stored.by === by && stored.decided && isOf(by, plan.index) && stored.at <= at).length > 0;
  if (plan.hasStore && plan.mode !== "step" && note === "undecided" && !wasDecided) record.broken("I6", `${by} deleted ${group} before its result was on record`);
  const ended = record.all("event", (event) => event.by === by && event.type === "jobEnded" && group.endsWith(`-${event.attempt}`) && event.at <= at).at(-1);
  // Who knows of nothing else but what he has seen has said how it ended.
  const isHanded = record.wasHanded(plan.index, at);
  const isAlone = !plan.hasStore && !isHanded && (plan.mode === "run" || (plan.mode === "poller" && plan.heir !== "handle"));
  const hasTold = record.all("event", (event) => event.by === by && event.type === "jobDeleting" && group.endsWith(`-${event.attempt}`) && event.at <= at).length > 0;
  if (isAlone && (ended === undefined || !hasTold)) record.broken("I6", `${by} deleted ${group} before it had said how it ended`);
  // Whoever took it up after its end has its log from another.
  if (ended === undefined || ended.outcome === "lost") return;
  // An answer to a look that was broken off is read by nobody.
  const isRead = (answerAt: number): boolean => record.all("event", (event) => event.by === by && event.type === "jobObserved" && event.at === answerAt).length > 0;
  const ran = record.all("answer", (answer) => answer.by === by && answer.group === group && answer.isFresh && ["Running", "Terminated"].includes(answer.shows ?? "") && answer.at <= ended.at && isRead(answer.at) && !record.isForgotten(by, answer.at)).length > 0;
  const hasRead = record.all("request", (request) => request.group === group && request.verb === "logs" && request.at <= at).length > 0;
  const isRestarted = record.world.azure.past.some(({ name, runs }) => name === group && runs.length > 1);
  const isFirst = record.all("request", (request) => request.by === by && request.verb === "delete" && request.group === group && request.at >= ended.at)[0]?.at === at;
  if (ran && isFirst && !hasRead && !isRestarted) record.broken("I6", `${by} deleted ${group} without a look at its log`);
}

function checkIntent(record: Record, plan: JobPlan, process: string): void {
  checkLooks(record, plan, process);
  if (!plan.hasStore) return;
  for (const put of record.all("request", ({ by, verb }) => by === process && verb === "put")) {
    const isStored = record.all("stored", ({ job, at }) => isOfKey(put.group, job) && at <= put.sentAt).length > 0;
    if (!isStored) record.broken("I6", `${process} sent a PUT before its intent was on record`);
  }
}

// Nothing is created before a look, and nothing again whose effect is not known, where that is forbidden.
function checkLooks(record: Record, plan: JobPlan, process: string): void {
  if (plan.spec.key === undefined) return;
  const answers = record.all("answer", ({ by }) => by === process);
  for (const put of record.all("request", ({ by, verb }) => by === process && verb === "put")) {
    const hasLooked = answers.some(({ verb, group, at }) => at <= put.sentAt && (verb === "list" || (verb === "get" && group === put.group)));
    if (!hasLooked) record.broken("I5", `${process} created ${put.group} without a look`);
    const isDoubtful = record.all("request", ({ by, verb, group, fault, at }) => by === process && verb === "put" && group === put.group && at < put.sentAt && ["C1", "C2", "C10"].includes(fault ?? "") && !record.isForgotten(by, at)).length > 0;
    const isForbidden = plan.limits.retryOnLost === false && !plan.forgetsLimits;
    if (isForbidden && isDoubtful) record.broken("I3", `${process} created ${put.group} again, which was forbidden`);
    if (isForbidden && !isNextAttempt(record, plan, put)) record.broken("I3", `${process} began ${put.group} after a group that it had not seen, which was forbidden`);
  }
}

// Whether it is the first attempt, or one that follows by the rules of its job on one whose end somebody knows.
function isNextAttempt(record: Record, { index }: JobPlan, { group, sentAt }: Of<"request">): boolean {
  const number = attemptOf(group);
  return number === 1 || record.all("event", ({ job, type, attempt, at }) => job === index && type === "jobRetrying" && attempt === number - 1 && at <= sentAt).length > 0;
}

// At most twelve requests, its polls, and three for each fault that it met; for each group of its own and each process.
function checkCount(record: Record, plan: JobPlan, process: string): void {
  const own = record.all("request", ({ by }) => by === process);
  const [first, last] = [own[0]?.sentAt ?? 0, own.at(-1)?.at ?? 0];
  const faults = own.filter(({ fault }) => fault !== undefined).length + record.all("answer", ({ by, status, verb }) => by === process && verb === "get" && status === 404).length;
  const groups = record.groupsOf(plan).filter(({ createdAt, goneAt }) => createdAt <= last && goneAt >= first);
  const polls = groups.map(({ createdAt, goneAt, runs }) => pollsBetween(Math.max(first, createdAt), Math.min(last, goneAt), runs.map(({ startAt }) => startAt), plan.hasSink || isByLine(plan))).reduce((sum, count) => sum + count, 0);
  const [firstDelete] = own.filter(({ verb }) => verb === "delete");
  const gone = firstDelete === undefined ? 0 : (last - firstDelete.at) / 1500;
  const steps = plan.mode === "step" ? own.filter(({ verb }) => verb === "list").length : 0;
  const most = 12 * Math.max(1, groups.length) + polls + gone + 3 * faults + steps;
  const pages = own.filter(({ verb }) => verb.startsWith("list")).length;
  for (const { result } of record.all("result", ({ by }) => by === process)) {
    // Of a list each page is one. What was broken off does not count: nobody has heard of it.
    const isAlone = plan.mode === "run" && !plan.hasStore && own.length > 0 && !record.wasHanded(plan.index, first);
    const answers = record.all("answer", ({ by }) => by === process).length;
    if (isAlone && (result.requests > answers || result.requests < answers - pages)) record.broken("I10", `${process} heard ${answers} answers, ${pages} of them to lists, and its result tells of ${result.requests} requests`);
  }
  if (own.length - pages > most) record.broken("I10", `${process} sent ${own.length - pages} requests, and ${most} were enough`);
}

// How often the schedule looks: while it waits to start, while it runs (its log may be read each time), while it goes.
function pollsBetween(from: number, until: number, starts: readonly number[], readsLogs: boolean): number {
  const start = starts[0] ?? until;
  let polls = Math.max(0, Math.min(until, start) - from) / 4000 + 5;
  for (const [index, startAt] of starts.entries()) {
    const end = Math.min(until, starts[index + 1] ?? until);
    for (let at = startAt; at < end; polls++) at += Math.min(30_000, Math.max(200, Math.sqrt(0.1 * (2 + (at - startAt) / 1000)) * 1000));
    polls += Math.max(0, end - startAt) / 15_000;
  }
  const lastStart = starts.at(-1);
  if (lastStart !== undefined) polls += Math.max(0, until - lastStart) / 1500;
  return Math.ceil(readsLogs ? 2 * polls : polls) + 10;
}

function checkPauses(record: Record, plan: JobPlan, process: string): void {
  const isHurried = record.all("asked", ({ job }) => job === plan.index).length > 0;
  const requests = record.all("request", ({ by }) => by === process);
  const own = plan.mode !== "poller" && plan.mode !== "step" && plan.heir !== "key";
  if (isHurried || !own) return;
  for (const answer of record.all("answer", ({ by, status }) => by === process && (status === "none" || status === 429 || status >= 500))) {
    const next = requests.find(({ sentAt, group }) => sentAt >= answer.at && group === answer.group);
    if (next?.verb !== answer.verb || next.part !== answer.part) continue;
    // A job that has ended meanwhile, or an attempt that is done with, asks for something else.
    if (record.all("event", ({ by, type, at }) => by === process && (type === "jobEnded" || type === "jobDone") && at >= answer.at && at <= next.sentAt).length > 0) continue;
    // So does who goes on from a handle with the end that the store has from another.
    const isHanded = record.all("handed", ({ by, at }) => by === process && at >= answer.at && at <= next.sentAt).length > 0;
    if (isHanded && record.all("stored", ({ by, phase, at }) => by !== process && isOf(by, plan.index) && phase === "ended" && at <= next.sentAt).length > 0) continue;
    // And of many who goes on with what another has kept since.
    if (record.isCrowd && record.all("stored", ({ by, at }) => by !== process && isOf(by, plan.index) && at <= next.sentAt).length > 0) continue;
    const pause = next.sentAt - answer.at;
    if (pause < Math.min(FAIR_PAUSE_IN_MS, answer.retryAfterInMs ?? Infinity) && !wasDue(record, plan, answer.at, next)) record.broken("I11", `${process} asked again after ${pause} ms (${answer.verb})`);
    const { retryAfterInMs = 0 } = answer;
    if (pause < retryAfterInMs - 1 && !wasDue(record, plan, answer.at, next)) record.broken("I11", `${process} was to wait ${retryAfterInMs} ms and waited ${pause} (${answer.verb})`);
  }
}

// A sweep and a cancel, too, wait as long as Azure asks before they ask the same again.
function checkPrimitives(record: Record, process: string): void {
  const requests = record.all("request", ({ by }) => by === process);
  for (const answer of record.all("answer", ({ by, status, verb }) => by === process && verb !== "operation" && (status === "none" || status === 429 || status >= 500))) {
    const next = requests.find(({ sentAt, group, verb }) => sentAt >= answer.at && group === answer.group && verb === answer.verb);
    if (next === undefined) continue;
    // What was asked side by side goes on so, and each has pauses of its own.
    const alike = requests.filter((one) => one.verb === answer.verb && one.group === answer.group && one.sentAt <= answer.at);
    const isBeside = alike.some((one) => alike.some((other) => other !== one && other.sentAt >= one.sentAt && other.sentAt <= one.at));
    // So has what becomes of each: whether a list still has it.
    const goneAfter = (until: number): string | undefined => requests.findLast(({ verb, sentAt }) => verb === "get" && sentAt <= until)?.group;
    const isOfOther = answer.verb === "list" && goneAfter(answer.at) !== goneAfter(next.sentAt);
    if (isBeside || isOfOther) continue;
    const pause = next.sentAt - answer.at;
    const { retryAfterInMs = 0 } = answer;
    if (pause < Math.max(retryAfterInMs - 1, Math.min(FAIR_PAUSE_IN_MS, answer.retryAfterInMs ?? Infinity))) record.broken("I11", `${process} was to wait ${retryAfterInMs} ms and asked again after ${pause} (${answer.verb})`);
  }
}

/** For so long a create waits for its turn before somebody looks again. */
const TURN_WITHIN_IN_MS = 15_000;

// Nobody waits beyond a deadline of the job: whether there was one meanwhile, by whatever clock.
export function wasDue(record: Record, plan: JobPlan, from: number, request: Of<"request">): boolean {
  const { by: process, sentAt } = request;
  const { index, limits } = plan;
  const { startTimeoutInMs = 0, pullTimeoutInMs, runTimeoutInMs = 0, cleanupTimeoutInMs = 0 } = limits;
  if (isToldAge(record, from, request, startTimeoutInMs)) return true;
  const after = (types: readonly string[], ms: number): readonly number[] => record.all("event", (event) => event.job === index && types.includes(event.type)).map(({ at }) => at + ms);
  const [first] = record.all("request", ({ by }) => by === process);
  const [accepted = Infinity] = after(["jobAccepted", "jobAdopted"], runTimeoutInMs);
  const started = after(["jobStarted"], runTimeoutInMs).at(-1) ?? -Infinity;
  // When the time to pull is over rests on which looks showed that it is pulled. Another's start is news to who does not hear of it.
  const madeAt = record.groupsOf(plan).findLast(({ name, createdAt }) => name === request.group && createdAt <= sentAt)?.createdAt ?? -Infinity;
  const ownStart = record.all("event", ({ by, job, type, attempt, at }) => job === index && type === "jobStarted" && request.group.endsWith(`-${attempt}`) && isOfLine(by, lineOf(process)) && at >= madeAt).at(-1);
  if (pullTimeoutInMs !== undefined && (ownStart === undefined || ownStart.at > sentAt)) return true;
  // Who hears from a store of a start whose time is over by then looks at once.
  if (plan.hasStore && ownStart === undefined && started <= sentAt && started > -Infinity) return true;
  // Who finds a group goes by what Azure says of its start, whose clock may differ.
  const created = Math.min(...record.groupsOf(plan).map(({ createdAt }) => createdAt + runTimeoutInMs - Math.max(0, record.world.callersAheadInMs)));
  if (from - 3000 < started && sentAt + 3000 > Math.min(accepted, created)) return true;
  const deadlines = [
    ...after(["jobCreating", "jobAdopted", "jobAccepted", "jobRetrying"], startTimeoutInMs),
    ...after(["jobDeleting"], cleanupTimeoutInMs),
    // A look that comes before a log has the log's time.
    ...after(["jobCollecting"], LOGS_LATE_IN_MS),
    ...record.all("stored").map(({ at }) => at + startTimeoutInMs),
    (first?.sentAt ?? 0) + startTimeoutInMs,
    // Who finds a group is told when it was made.
    ...record.all("answer", ({ by, verb, status, at }) => by === process && verb === "listCreated" && status === 200 && at <= from).flatMap(() => record.groupsOf(plan).map(({ createdAt }) => createdAt + startTimeoutInMs)),
    // Its intent may have been long on its way to the store.
    ...record.all("called", ({ job }) => job === index).map(({ at }) => at + startTimeoutInMs),
  ];
  // Its time counts from when the create was decided, and is told when it is sent: once it was prepared, and had its turn.
  const decidedAt = after(["jobCreating"], startTimeoutInMs);
  const spans = [...deadlines.map((until) => ({ since: until, until })), ...decidedAt.map((until) => ({ since: until - preparedInMs(plan) - TURN_WITHIN_IN_MS, until }))];
  return spans.some(({ since, until }) => until > from - 3000 && since < sentAt + 3000);
}

// Who finds a group learns only by its age that its time to start is over, however long it has been.
function isToldAge(record: Record, from: number, { by, group, sentAt }: Of<"request">, startTimeoutInMs: number): boolean {
  const isTold = record.all("answer", ({ by: asker, verb, status, at }) => asker === by && verb === "listCreated" && status === 200 && at >= from && at <= sentAt).length > 0;
  return isTold && record.world.azure.past.some(({ name, createdAt }) => name === group && createdAt + startTimeoutInMs <= sentAt + 1000);
}
