import type { TruthGroup } from "../azure/truth.js";
import type { JobPlan } from "../jobs/job-plan.js";
import { isOf, type Of, type Record } from "./record.js";

/** A request is on its way, and the store is asked. */
const HEARS_WITHIN_IN_MS = 10_000;
/** A request that hangs is given up after a minute. */
const ANSWERED_WITHIN_IN_MS = 61_000;
/** Who asks for a group alone is told to ask later himself, if that is much later. */
const LONGEST_PAUSE_IN_MS = 60_000;
const MAY_REJECT = ["ACI_JOB_CONFLICT", "ACI_NAME_CONFLICT", "ACI_NOT_FOUND", "ACI_JOB_NEEDS_SECRETS", "ACI_JOB_DETACHED", "STORE"];

/** L1, I9, I15, I16: everybody is told something that he can act on, in time, and nobody is told a secret. */
export function checkEnds(record: Record): void {
  for (const rejected of record.all("rejected")) checkRejection(record, rejected);
  for (const asked of record.all("asked", ({ what }) => what === "detach")) checkDetach(record, asked);
  for (const swept of record.all("swept")) checkSweep(record, swept);
  checkSweptGroups(record);
  checkSecrets(record);
  checkLooks(record);
  checkSilent(record);
  checkCanceled(record);
}

// Who has canceled a job and is told that nothing is left of it can rely on that.
function checkCanceled(record: Record): void {
  for (const { by, job, at } of record.all("canceled")) {
    const plan = record.plans.find(({ index }) => index === job);
    const askedAt = record.all("asked", (asked) => asked.by === by)[0]?.at ?? at;
    const left = plan === undefined ? [] : record.groupsOf(plan).filter(({ createdAt, goneAt }) => createdAt < askedAt && goneAt > at);
    if (left.length > 0) record.broken("I4", `${by} was told that job ${job} is canceled, and ${left[0]?.name ?? ""} is there`);
  }
}

// Who has been told how it ended asks for nothing more.
function checkSilent(record: Record): void {
  for (const { by, at } of [...record.all("result"), ...record.all("rejected", ({ code }) => code !== "TIMERS_LEFT")]) {
    // Who lets go of a job or cancels it afterwards asks for more; so does who cancels a poller, once that is not busy.
    const isPoller = record.planOf(by)?.mode === "poller";
    if (record.all("asked", (asked) => asked.by === by && (isPoller || asked.at >= at)).length > 0) continue;
    const late = record.all("request", (request) => request.by === by && request.sentAt > at);
    if (late.length > 0) record.broken("I15", `${by} went on for ${(late.at(-1)?.sentAt ?? 0) - at} ms after it was told`);
  }
}

function checkRejection(record: Record, { job, code, text, at, by }: Of<"rejected">): void {
  const plan = record.plans.find(({ index }) => index === job);
  const isUnderFaults = at < record.calmAt + 70_000;
  const isExpected = MAY_REJECT.includes(code) || (isUnderFaults && /^ACI_(REQUEST_FAILED|CREDENTIAL|CAPACITY|QUOTA_EXCEEDED)$/u.test(code));
  if (plan === undefined || !isExpected || !isExcused(record, plan, code, by, at)) record.broken("L1", `${by} was told ${code}: ${text}`);
}

// A result that is known is told, whatever a store says. A host that takes steps has the handle before.
function isKnown(record: Record, { limits, mode }: JobPlan, by: string, at: number): boolean {
  const isFinal = limits.retry === undefined && limits.locations === undefined;
  return isFinal && (mode === "run" || mode === "poller") && record.all("event", (event) => event.by === by && event.type === "jobEnded" && event.at < at).length > 0;
}

// Whether there may have been no group of a key when somebody asked for it who knows nothing else.
function isNotFound(record: Record, plan: JobPlan, by: string, at: number): boolean {
  const from = record.all("called", (call) => call.by === by)[0]?.at ?? 0;
  const wasThere = record.groupsOf(plan).some(({ createdAt, goneAt }) => createdAt < from && goneAt > at);
  return plan.heir === "key" && !(wasThere && isEasy(record, by, from));
}

function isExcused(record: Record, plan: JobPlan, code: string, by: string, at: number): boolean {
  switch (code) {
    case "ACI_JOB_CONFLICT":
      // Whoever was first is told of no other.
      return plan.otherAfter !== undefined && record.all("called", ({ by: caller, job, at: calledAt }) => job === plan.index && caller.startsWith("other") !== by.startsWith("other") && calledAt < at).length > 0;
    case "ACI_REQUEST_FAILED":
    case "ACI_CREDENTIAL":
      return record.faultsOn((request) => request.by === by && request.at <= at) > 2 || record.all("answer", (answer) => answer.by === by && (answer.retryAfterInMs ?? 0) >= LONGEST_PAUSE_IN_MS - 1000).length > 0;
    case "ACI_CAPACITY":
    case "ACI_QUOTA_EXCEEDED":
      return record.faultsOn((request) => request.by === by && request.fault === "C12" && request.at <= at) > 0;
    case "ACI_NOT_FOUND":
      return isNotFound(record, plan, by, at);
    case "ACI_NAME_CONFLICT":
      return plan.isNameTaken;
    case "ACI_JOB_NEEDS_SECRETS":
      return "secureValue" in ((plan.spec.environment?.["KEY"] ?? {}) as object) || plan.heir === "key" || plan.heir === "handle";
    case "ACI_JOB_DETACHED":
      return record.all("asked", (asked) => asked.by === by && asked.what === "detach").length > 0;
    case "STORE":
      return plan.hasStore && !isKnown(record, plan, by, at);
    default:
      return true;
  }
}

// Whether nothing was in the way of a process from a time on.
export function isEasy(record: Record, by: string, from: number): boolean {
  return !record.world.faults.isOn("R11") && record.faultsOn((request) => request.by === by && request.at >= from - ANSWERED_WITHIN_IN_MS) === 0 && record.all("event", (event) => event.by === by && event.type === "jobFault" && event.at >= from).length === 0;
}

function checkDetach(record: Record, { by, at, job }: Of<"asked">): void {
  const hasDied = record.all("died", (died) => died.by === by && died.at <= at + 130_000).length > 0;
  const isTold = [...record.all("rejected", (one) => one.by === by && one.job === job), ...record.all("result", (one) => one.by === by && one.job === job)].some((one) => one.at <= at + 130_000);
  const plan = record.plans.find(({ index }) => index === job);
  if (isEasy(record, by, at) && !hasDied && plan?.mode === "run") {
    const { at: toldAt = Infinity } = [...record.all("rejected"), ...record.all("result")].find((one) => one.by === by && one.job === job) ?? {};
    if (toldAt > at + HEARS_WITHIN_IN_MS) record.broken("I15", `${by} was to let go and did so after ${toldAt - at} ms`);
  }
  if (!hasDied && !isTold && (plan?.mode === "run" || plan?.mode === "poller")) record.broken("I15", `${by} was to let go and did not`);
}

function checkSweep(record: Record, { by, hasFailed, deleted, owned, maxDeletes }: Of<"swept">): void {
  const deletes = record.all("request", (request) => request.by === by && request.verb === "delete");
  if (hasFailed && deletes.length > 0) record.broken("I16", `${by} failed and deleted something`);
  // What was surely not deleted does not count.
  const taken = new Set(deletes.filter(({ status = 500, fault }) => fault === undefined && status < 300).map(({ group }) => group));
  if (taken.size > (maxDeletes ?? Infinity)) record.broken("I16", `${by} deleted ${taken.size} groups, and ${maxDeletes ?? 0} was the most`);
  if (deleted > Math.max(10, owned / 5)) record.broken("I16", `${by} deleted ${deleted} of ${owned} groups`);
}

// A sweep takes only what is over its time, or of a job that is on record to be over.
function checkSweptGroups(record: Record): void {
  for (const request of record.all("request", ({ by, verb }) => by.startsWith("sweep") && verb === "delete")) {
    const group = record.world.azure.past.findLast(({ name, createdAt }) => name === request.group && createdAt <= request.at);
    if (group === undefined) continue;
    checkNotKept(record, request, group);
    const limits = request.note === "decided" ? 0 : (group.tags["aci-lifecycle-limits"] ?? "").split(" ").slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
    if (request.at < group.createdAt + limits + 600_000 - 2000) record.broken("D7", `${request.by} deleted ${group.name} ${group.createdAt + limits + 600_000 - request.at} ms before its time`);
  }
}

// What a caller was told is kept, as he wanted, is left to him once nothing in it runs.
function checkNotKept(record: Record, { by, at }: Of<"request">, group: TruthGroup): void {
  const kept = record.all("result", ({ result, at: toldAt }) => result.groupName === group.name && result.cleanup === "kept" && toldAt < at)[0];
  const plan = record.plans.find(({ index }) => index === kept?.job);
  const end = group.runs.at(-1);
  if (plan === undefined || end === undefined || end.endAt > at || group.incarnation > 0 || group.others !== undefined) return;
  const isWanted = plan.limits.keep === "always" || (plan.limits.keep === "onFailure" && end.exitCode !== 0);
  const isCanceled = record.all("asked", ({ job, what }) => job === plan.index && what !== "detach").length > 0;
  if (isWanted && !isCanceled) record.broken("D", `${by} deleted ${group.name}, which was kept`);
}

function checkSecrets(record: Record): void {
  const { words, spoken } = record.world.history;
  const told = [...words, ...spoken, ...record.world.azure.past.map(({ tags }) => JSON.stringify(tags))];
  for (const { secret } of record.plans) {
    const forms = [secret, Buffer.from(secret).toString("base64").replace(/=+$/u, "").slice(0, -1)];
    const leak = told.find((text) => forms.some((form) => text.includes(form)));
    if (leak !== undefined) record.broken("I9", `a secret is in ${leak.slice(0, 300)}`);
  }
  const bodies = record.world.azure.past.map(({ bytes }) => bytes.replaceAll(/"secureValue":"[^"]*"/gu, ""));
  const sent = bodies.find((text) => record.plans.some(({ secret }) => text.includes(secret)));
  if (sent !== undefined) record.broken("I9", `a secret is sent for all to read: ${sent.slice(0, 300)}`);
  const printed = spoken.find((text) => text.includes("printed by the container"));
  if (printed !== undefined) record.broken("I9", `what a container printed is in ${printed.slice(0, 300)}`);
}

// With a webhook nobody looks for two minutes where nothing is heard.
function patienceOf(plan: JobPlan | undefined): number {
  return plan?.completion === "own" ? 65_000 : 125_000;
}

// When the look before was sent. Who goes on with what the store has goes on with the looks of others, too.
function lookedBefore(record: Record, plan: JobPlan | undefined, own: Of<"request">, { group, sentAt }: Of<"request">): number {
  if (plan === undefined || (plan.mode !== "step" && !record.isCrowd) || !plan.hasStore) return own.sentAt;
  const looks = record.all("request", (request) => isOf(request.by, plan.index) && request.verb === "get" && request.group === group && request.sentAt < sentAt);
  return Math.max(own.sentAt, ...looks.map((look) => look.sentAt));
}

// An end is seen soon, by whoever watches and meets no fault.
function checkLooks(record: Record): void {
  for (const { by, job } of record.all("result")) {
    const plan = record.plans.find(({ index }) => index === job);
    const looks = record.all("request", (request) => request.by === by && request.verb === "get");
    for (const [index, look] of looks.entries()) {
      const before = looks[index - 1];
      const group = record.world.azure.past.find(({ name, createdAt, goneAt }) => name === look.group && createdAt <= look.at && goneAt > look.at);
      if (before?.group !== look.group || group === undefined) continue;
      const isDisturbed = record.all("request", (request) => request.by === by && request.fault !== undefined && request.at >= before.at - 1 && request.at <= look.at).length > 0;
      // Who is handed an old handle waits as that one says.
      const isOld = record.isCrowd && record.all("forgot", (forgot) => forgot.by === by && forgot.at >= before.at && forgot.at <= look.at).length > 0;
      const isBusy = isOld || record.world.faults.isOn("R11");
      const pause = look.sentAt - lookedBefore(record, plan, before, look);
      if (!isDisturbed && !isBusy && pause > patienceOf(plan) + 20_000) record.broken("L1", `${by} did not look at job ${job} for ${pause} ms`);
    }
  }
}
