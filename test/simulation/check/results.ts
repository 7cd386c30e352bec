import type { Run, TruthGroup } from "../azure/truth.js";
import { isByLine, type JobPlan } from "../jobs/job-plan.js";
import type { Told } from "../world/history.js";
import { baseOf, isOfKey } from "../world/names.js";
import { linesOf } from "../azure/log.js";
import { LINE } from "../azure/program.js";
import { firstSeen, hadTimeToSee, hasNoState, hasReadLine, isAttentive, isEndSeen, isShownOlder, lastSeen, type Claim } from "./knowledge.js";
import { isOf, isOfLine, lineOf, type Of, type Record } from "./record.js";

// How far two clocks may differ without being known to.
const CLOCKS_DIFFER_IN_MS = 3000;

/** I1, I2, I7: one result, and a true one, that nothing later replaces. */
export function checkResults(record: Record): void {
  for (const plan of record.plans) {
    const results = record.resultsOf(plan);
    for (const told of results) {
      const claims = claimsOf(record, plan, told);
      for (const claim of claims) checkTruth(record, plan, claim, told.by);
      // Nothing follows on a group that may still be there.
      if (told.result.cleanup === "done") for (const claim of claims.slice(-1)) checkFollowed(record, plan, claim, told.result.earlier.length + 1);
    }
    for (const told of results) checkKept(record, plan, told);
    for (const told of results) checkPlan(record, plan, told);
    for (const told of results) checkBegun(record, plan, told);
    // A store that failed may have had another result.
    const kept = results.filter(({ by }) => record.all("event", (event) => event.by === by && event.request === "save").length === 0);
    checkSame(record, plan, kept);
  }
}

function claimsOf(record: Record, plan: JobPlan, told: Of<"result">): readonly Claim[] {
  const { result } = told;
  const groups = record.groupsOf(plan);
  const claim = (one: Pick<Claim, "outcome" | "exitCode" | "attempt" | "reason">, name: string, isOwn: boolean): Claim => {
    const decision = record.decision(told, one.attempt, one.outcome);
    const { at: decidedAt, by } = decision;
    const hasHandle = plan.heir === "handle" && by.startsWith("job") && record.all("handed", ({ job, at }) => job === plan.index && at < decidedAt).length > 0;
    // Without a store or a handle, or with a store that did not take what was decided, a process knows only what it has seen itself.
    const isUnkept = record.all("event", (event) => event.by === by && event.request === "save" && event.at >= decidedAt).length > 0;
    const hasOthers = record.isCrowd ? !isUnkept : plan.hasStore || hasHandle;
    const line = hasOthers ? lineOf(by) : by;
    // Without a handle nobody knows of a group that was gone before he came: its end would be in the store.
    const isOnRecord = record.all("stored", ({ job, attempt, phase, at }) => isOfKey(name, job) && attempt === one.attempt && ["provisioning", "running", "ended"].includes(phase) && at < decidedAt).length > 0;
    const begunAt = hasHandle || (plan.hasStore && isOnRecord) ? 0 : (record.all("request", (request) => request.by === by)[0]?.sentAt ?? 0);
    // Where a line of the log may be the end, it is told when that was looked for. One of this number may be over, and another
    // caller's have followed it.
    const followedAt = record.all("event", (event) => event.by === by && event.type === "jobRetrying" && event.at < decidedAt).at(-1)?.at ?? 0;
    const seenAt = record.all("event", (event) => event.by === by && event.job === plan.index && event.type === "jobCollecting" && event.attempt === one.attempt && event.at >= followedAt && event.at <= decidedAt).at(-1)?.at ?? decidedAt;
    return { ...one, name, isOwn, line, by, at: decidedAt, group: groups.findLast((group) => group.name === name && group.createdAt <= seenAt && group.goneAt >= begunAt) };
  };
  const base = baseOf(result.groupName);
  // Where nothing is kept, another caller may have made one of the same number since, which is the job then.
  const earlier = result.earlier.filter(({ attempt }, index) => attempt !== result.attempt && !result.earlier.slice(index + 1).some((later) => later.attempt === attempt));
  return [...earlier.map((one) => claim(one, `${base}-${one.attempt}`, false)), claim(result, result.groupName, true)];
}

function checkTruth(record: Record, plan: JobPlan, claim: Claim, by: string): void {
  // Whoever knows only the key asks for whatever has it.
  const isExcused = plan.heir === "key" || record.isChanged(claim.name);
  // Whatever a strategy has put around it, the command is in there.
  if (isOfOtherSpec(claim.group, by) && ["succeeded", "failed"].includes(claim.outcome) && !isExcused) record.broken("C7", `${by} was told the result of another spec`);
  const why = hasReadLine(record, plan, claim) ? "it had read the line that ends it" : untruth(record, plan, claim);
  if (why !== undefined) record.broken("I2", `attempt ${claim.attempt} of job ${plan.index} is said to be ${claim.outcome}${claim.exitCode === undefined ? "" : ` (${claim.exitCode})`}, but ${why}`);
}

// Whether a group was made by somebody who has asked for something else by the same key.
function isOfOtherSpec(group: TruthGroup | undefined, by: string): boolean {
  const command = group?.body.properties.containers[0]?.properties?.command;
  return command !== undefined && command.includes("other") !== by.startsWith("other");
}

function untruth(record: Record, plan: JobPlan, claim: Claim): string | undefined {
  const { group, outcome } = claim;
  switch (outcome) {
    case "succeeded":
    case "failed":
      return group === undefined ? "there was no group" : untrueEnd(record, plan, group, claim);
    case "timedOut":
      return group === undefined ? "there was no group" : untrueTimeout(record, plan, lastSeen(record, claim) ?? group, claim);
    case "canceled":
      return untrueCancel(record, plan, claim);
    case "notRun":
      if (record.all("request", ({ by, verb, group: name }) => by === claim.by && verb === "put" && name === claim.name).length > 0) return "it had sent a create";
      return record.faultsOn(({ by }) => isOf(by, plan.index)) > 0 || record.world.faults.isOn("R11") ? undefined : "nothing was wrong";
    case "lost":
      return untrueLoss(record, plan, claim);
    default:
      return untrueRefusal(record, plan, claim);
  }
}

function untrueEnd(record: Record, plan: JobPlan, group: TruthGroup, claim: Claim): string | undefined {
  const { outcome, exitCode, at } = claim;
  if (group.program.initFails) return outcome === "failed" ? undefined : "its init container failed";
  if (isByLine(plan) && outcome === "succeeded") return exitCode === undefined && hasLine(group, at) ? undefined : "its line was not written";
  const { others } = group;
  if (others !== undefined && others.endAt > at) return `another container went on for ${others.endAt - at} ms`;
  const isOtherFailed = outcome === "failed" && ((others?.exitCode ?? 0) !== 0 || isByLine(plan));
  if (others !== undefined && others.exitCode !== 0 && outcome === "succeeded") return "another container failed";
  const runs = runsOf(record, plan, group, claim);
  const isRight = (code: number | undefined): boolean => (outcome === "succeeded" ? code === 0 : (code !== 0 || isOtherFailed) && code === exitCode);
  const isPlain = others === undefined && !isByLine(plan);
  if (isPlain && claim.isOwn && claim.reason !== group.program.detail) return `the reason is ${group.program.detail}, not ${claim.reason ?? "nothing"}`;
  return runs.some((run) => run.endAt <= at && isRight(run.exitCode)) && group.program.tells !== "noExitCode" ? undefined : `it ended with ${group.runs.map((run) => `${run.exitCode ?? "nothing"} at ${run.endAt - at}`).join(", ")}`;
}

// Whether any run has written the line that the job waits for.
function hasLine(group: TruthGroup, at: number): boolean {
  return group.runs.some((_, run) => linesOf(group, run, at).includes(LINE));
}

// What is gone is not begun anew.
function begunIn({ runs, goneAt }: TruthGroup): readonly Run[] {
  return runs.filter(({ startAt }) => startAt < goneAt);
}

// The runs whose end may be the job's. Where the platform began it anew that is the first, or the last where that was asked for:
// that one is seen to begin, where nothing is in the way.
function runsOf(record: Record, plan: JobPlan, group: TruthGroup, claim: Claim): readonly Run[] {
  const runs = begunIn(group);
  if (plan.limits.onRestart !== "continue") return firstSeen(record, group, claim);
  return isAttentive(record, plan, group, claim) ? runs.slice(-1) : runs;
}

function untrueTimeout(record: Record, plan: JobPlan, group: TruthGroup, claim: Claim): string | undefined {
  const { at: toldAt, by, attempt, line } = claim;
  // Where a line of the log may be the end, an end is told when it was looked for, perhaps by who has taken the job up meanwhile.
  const isKnown = (event: Of<"event">): boolean => event.by === by || (isOfLine(event.by, line) && record.wasPutDown(event.by, event.at, toldAt));
  const at = record.all("event", (event) => event.type === "jobCollecting" && event.attempt === attempt && event.at <= toldAt && isKnown(event)).at(-1)?.at ?? toldAt;
  const [first, last] = [group.runs[0], group.runs.at(-1)];
  if (first === undefined || last === undefined) return "it never started";
  const { runTimeoutInMs = 0 } = plan.limits;
  const isTheirs = (who: string): boolean => (record.isCrowd ? isOf(who, plan.index) : isOfLine(who, line));
  const hasLooked = record.all("request", (request) => isTheirs(request.by) && (request.verb === "list" || (request.verb === "get" && request.group === group.name)) && request.sentAt >= at - 190_000 && request.sentAt <= at).length > 0;
  if (!hasLooked) return "nobody had looked";
  // What a look shows that was answered before its time was over says nothing of its end.
  const due = first.startAt + runTimeoutInMs - CLOCKS_DIFFER_IN_MS;
  const hasHeard = record.all("answer", (answer) => isTheirs(answer.by) && (answer.verb === "list" || (answer.verb === "get" && answer.group === group.name)) && answer.at >= due && answer.at <= at).length > 0;
  if (group.incarnation === 0 && last.endAt < at && !hasHeard) return "nobody had looked since its time was over";
  // Time counts from the start of the first group that had the name.
  if (group.incarnation === 0 && at < first.startAt + runTimeoutInMs - CLOCKS_DIFFER_IN_MS) return `it had ${first.startAt + runTimeoutInMs - at} ms left`;
  return record.wasSeen(record.isKnownTo({ by, line, at }), group, ["Terminated"], last.endAt, at) && !isShownOlder(record, { ...claim, at }) ? "its end had been seen" : undefined;
}

// Who has aborted his own call has canceled nobody else's, but for those who have it from a store or from the group.
function untrueCancel(record: Record, plan: JobPlan, claim: Claim): string | undefined {
  const { group, by, line, at } = claim;
  const [asked] = record.all("asked", (one) => one.job === plan.index && one.what !== "detach" && one.at <= at && (one.what === "cancel" || plan.hasStore || isOfLine(one.by, lineOf(by))));
  if (asked === undefined) return "nobody asked for it";
  const isDone = group !== undefined && group.incarnation === 0 && group.runs[0]?.exitCode === 0 && !record.isChanged(group.name) && isEndSeen(record, plan, group, { by, line, at: asked.at - 1 });
  return isDone ? "its end had been seen before anybody asked for that" : undefined;
}

function isUnseen(reason: string | undefined): boolean {
  return /could not be looked for/u.test(reason ?? "");
}

function untrueLoss(record: Record, plan: JobPlan, claim: Claim): string | undefined {
  const { limits } = plan;
  const { group, name, at, reason, line, by } = claim;
  // Who took it up and cannot look for it cannot know; nor who finds it gone.
  const wasThere = record.world.azure.past.some((one) => one.name === name && one.goneAt <= at);
  if (group === undefined && wasThere) return undefined;
  if (group === undefined) return limits.retryOnLost === false || isUnseen(reason) ? undefined : "there was no group";
  if (group.incarnation === 0 && !record.isChanged(name) && isEndSeen(record, plan, group, { by, at, line: isUnseen(reason) ? by : line })) return "its end had been seen";
  // Its own was gone before somebody has made one of another spec under its name.
  if (wasThere && isOfOtherSpec(group, by)) return undefined;
  const canceledAt = record.all("request", ({ by, verb, status, group: name }) => by.startsWith("canceler") && verb === "patch" && status === 200 && name === group.name).find((request) => request.at >= group.createdAt)?.at ?? Infinity;
  // One that another caller's create has changed is not the job's any more, whoever has marked it. And who could not look knows
  // nothing of what one had seen who died before that was on record.
  const teller = isUnseen(reason) ? by : line;
  if (!record.world.faults.isOn("R11") && !record.isChanged(name) && record.wasSeen(record.isKnownTo({ by, line: teller, at }), group, ["Waiting", "Running"], canceledAt + 300, at)) return "it was seen to be canceled";
  if (!record.isChanged(name) && group.goneAt <= at && hadTimeToSee(record, group, canceledAt, teller)) return "it was canceled, and its caller had the time to see that";
  // One of this name was gone, whoever has made another since.
  if (wasThere || record.isChanged(name)) return undefined;
  const runs = runsOf(record, plan, group, claim);
  const isUntold = group.program.tells === "noExitCode" || runs.some(({ exitCode, endAt }) => exitCode === undefined && endAt <= at);
  return isUntold || hasNoState(record, claim, group) || group.goneAt <= at || isLostForDoubt(record, plan, name) || (isUnseen(reason) && isOverdue(record, plan, claim)) ? undefined : "its group was there";
}

// Whether it must not be begun twice, and it could not be known whether its create had an effect.
function isLostForDoubt(record: Record, { limits, index }: JobPlan, name: string): boolean {
  const puts = record.all("request", ({ by, verb, group }) => isOf(by, index) && verb === "put" && group === name);
  return limits.retryOnLost === false && puts.some(({ by, fault }) => fault !== undefined || record.all("died", (died) => died.by === by).length > 0);
}

// Whether an attempt had no time left, as far as was known of it.
function isOverdue(record: Record, plan: JobPlan, { attempt, at, group }: Claim): boolean {
  const { startTimeoutInMs = 0, pullTimeoutInMs = Infinity, runTimeoutInMs = 0 } = plan.limits;
  if (at >= (group?.runs[0]?.startAt ?? Infinity) + runTimeoutInMs - CLOCKS_DIFFER_IN_MS) return true;
  return at >= beganAt(record, plan, attempt) + Math.min(startTimeoutInMs, pullTimeoutInMs) - CLOCKS_DIFFER_IN_MS;
}

// When the time of an attempt began at the earliest.
function beganAt(record: Record, { index }: JobPlan, attempt: number): number {
  const began = attempt === 1 ? record.all("called", ({ job }) => job === index) : record.all("event", (event) => event.job === index && event.type === "jobRetrying" && event.attempt === attempt - 1);
  return began[0]?.at ?? -Infinity;
}

function untrueRefusal(record: Record, plan: JobPlan, { group, at, line, by, attempt }: Claim): string | undefined {
  if (group === undefined) {
    const isExcused = record.faultsOn(({ by }) => isOf(by, plan.index)) > 0;
    return isExcused ? undefined : "nothing was wrong";
  }
  const [first] = group.runs;
  // What somebody else has made under its name since says nothing of what was asked for, but to whoever asks for the key alone.
  const isAskedFor = plan.heir === "key" || !isOfOtherSpec(group, by);
  if (first !== undefined && isAskedFor && record.wasSeen(record.isKnownTo({ by, line, at }), group, ["Running", "Terminated"], first.startAt, at)) return "it had been seen to run";
  const { startTimeoutInMs = 0, pullTimeoutInMs = Infinity } = plan.limits;
  const { program, createdAt } = group;
  // Who was refused by a redirect when he looked has made nothing, and knows nothing of what another has made.
  const own = record.all("request", (request) => request.by === by && request.group === group.name);
  const isSentAway = own.some(({ fault }) => fault === "C20") && !own.some(({ verb }) => verb === "put");
  const isExcused = isSentAway || program.startsAfter === undefined || (program.provisioning === "Failed" && at >= createdAt + 28_000) || at >= Math.min(createdAt, beganAt(record, plan, attempt)) + Math.min(startTimeoutInMs, pullTimeoutInMs) - CLOCKS_DIFFER_IN_MS || record.faultsOn(({ by, group: name, verb }) => isOf(by, plan.index) && name === group.name && verb === "put") > 0;
  return isExcused ? undefined : "it would have started";
}

// What the platform has begun anew is tried again, where that was asked for, however long it takes about it.
function checkFollowed(record: Record, plan: JobPlan, claim: Claim, made: number): void {
  const { group, outcome, exitCode, attempt } = claim;
  const { retry, onRestart } = plan.limits;
  if (group === undefined || outcome !== "failed" || retry === undefined || retry.exitCodes !== undefined || onRestart === "continue" || Math.max(attempt, made) >= (retry.maxAttempts ?? 0)) return;
  const isPlatforms = begunIn(group).length > 1 && group.runs[0]?.exitCode === exitCode && !group.program.initFails;
  if (isPlatforms && isAttentive(record, plan, group, claim)) record.broken("R4", `attempt ${attempt} of job ${plan.index} was ended by the platform, and none followed`);
}

// What this process knew to be the end is what it told, unless the store knew better, or another attempt was canceled.
function checkKept(record: Record, plan: JobPlan, { by, result, at }: Of<"result">): void {
  if (record.all("forgot", (forgot) => forgot.by === by).length > 0) return;
  const ended = record.all("event", (event) => event.by === by && event.type === "jobEnded" && event.attempt === result.attempt && event.at <= at).at(-1);
  if (ended === undefined || ended.outcome === result.outcome) return;
  // Who has a group knows better than who has run nothing, and than who has never been told of one, too.
  // And of many the first who puts down how it ended counts, be that all that he has done.
  const isIgnorant = ended.outcome === "notRun" || record.isCrowd || (["lost", "neverStarted"].includes(ended.outcome ?? "") && !record.hasMet(by, result.groupName, ended.at));
  const knewBetter = ({ decided, phase }: Of<"stored">): boolean => decided || (isIgnorant && phase !== "intended");
  if (plan.hasStore && record.all("stored", (stored) => stored.by !== by && isOf(stored.by, plan.index) && knewBetter(stored) && stored.at <= at).length > 0) return;
  // After an end that no other attempt follows a cancel comes too late.
  const mayFollow = ended.outcome !== "succeeded" && (plan.limits.retry !== undefined || plan.limits.locations !== undefined);
  const isCanceled = mayFollow && result.outcome === "canceled" && record.all("asked", ({ job, what }) => job === plan.index && what !== "detach").length > 0;
  if (!isCanceled) record.broken("I7", `job ${plan.index} ended as ${ended.outcome ?? "?"} and was told to be ${result.outcome}`);
}

// What a result tells of attempts and of the clean-up is what was asked for, and of a group of the same spec.
function checkPlan(record: Record, plan: JobPlan, told: Of<"result">): void {
  const { by, result, at } = told;
  const { retry, locations, keep } = plan.limits;
  const most = retry?.maxAttempts ?? (locations === undefined ? 1 : 2);
  if (result.earlier.length + 1 > Math.max(most, locations?.length ?? 1)) record.broken("R", `${by} made ${result.earlier.length + 1} attempts of ${most}`);
  if (result.earlier.some(({ outcome }) => outcome === "failed") && retry?.exitCodes === undefined && record.world.azure.past.every(({ runs }) => runs.length < 2)) record.broken("R", `${by} tried again what had failed`);
  if (result.cleanup === "kept" && ((keep ?? "never") === "never" || (keep === "onFailure" && result.outcome === "succeeded"))) record.broken("I4", `${by} kept a group`);
  const group = record.groupsOf(plan).findLast(({ name, createdAt, goneAt }) => name === result.groupName && createdAt <= at && goneAt > at);
  const deletes = record.all("request", ({ by: sender, verb, group: name }) => sender === by && verb === "delete" && name === result.groupName);
  const isWanted = keep === "always" || (keep === "onFailure" && result.outcome !== "succeeded");
  if (isWanted && result.outcome !== "canceled" && retry === undefined && locations === undefined && deletes.length > 0) record.broken("D", `${by} deleted ${result.groupName}, which was to be kept`);
  // Who has not deleted it himself has seen it to be gone.
  const hadGroup = record.all("event", (event) => event.by === by && event.attempt === result.attempt && ["jobAccepted", "jobAdopted", "jobObserved"].includes(event.type)).length > 0;
  const ownAt = deletes[0]?.sentAt ?? ((group?.incarnation ?? 0) > 0 ? -Infinity : record.decision(told, result.attempt, result.outcome).at);
  const goneBy = hadGroup ? ownAt : -Infinity;
  if (result.cleanup === "done" && group !== undefined && !record.isChanged(group.name) && group.createdAt < goneBy) record.broken("I4", `${by} said that ${group.name} is gone, which is there`);
}

// What was not run does not stand: who makes the call again begins the job. Who takes it up by what he has of it does not.
function checkBegun(record: Record, { heir }: JobPlan, told: Of<"result">): void {
  const { by, job, result } = told;
  if (result.outcome !== "notRun" || heir === "handle" || heir === "key") return;
  const calledAt = record.all("called", (call) => call.by === by && call.job === job)[0]?.at ?? 0;
  const decision = record.decision(told, result.attempt, "notRun");
  // What another has decided is known to others when that is kept.
  const kept = record.all("stored", (entry) => entry.by === decision.by && entry.decided && entry.at >= decision.at)[0];
  if ((kept ?? decision).at < calledAt) record.broken("I7", `${by} was told that job ${job} was not run, which others had been told before`);
}

// Who asks for the same is told the same.
function checkSame(record: Record, plan: JobPlan, results: readonly Of<"result">[]): void {
  // Whose create was refused knows nothing of another's that was not.
  const isRefused = ({ by, result: { outcome, attempt } }: Of<"result">): boolean =>
    outcome === "neverStarted" && record.all("event", (event) => event.by === by && event.job === plan.index && event.attempt === attempt && ["jobAccepted", "jobAdopted", "jobObserved"].includes(event.type)).length === 0;
  // Whom something has kept from waiting for what becomes of a container that was killed knows only that, where there is no store.
  const hasWaited = (told: Of<"result">): boolean => {
    const { result } = told;
    const group = record.groupsOf(plan).find(({ name }) => name === result.groupName);
    const [claim] = claimsOf(record, plan, told).slice(-1);
    return plan.hasStore || plan.limits.onRestart !== "continue" || group === undefined || claim === undefined || isAttentive(record, plan, group, claim);
  };
  const told = results.filter((result) => !isRefused(result) && hasWaited(result));
  for (const [index, first] of told.entries()) {
    for (const second of told.slice(index + 1)) {
      const [one, other] = [first.result, second.result];
      // Who cancels an attempt has that told, though another had begun the next one by then.
      if (isLeftBehind(record, first, second) || isLeftBehind(record, second, first)) continue;
      const areOfOneGroup = one.groupName === other.groupName && record.groupsOf(plan).filter(({ name }) => name === one.groupName).length === 1;
      // A line may be read by one and be cut off when the other comes.
      const areKnown = !isByLine(plan) && [one, other].every(({ outcome }) => outcome === "succeeded" || outcome === "failed");
      // Who never reached Azure knows only that.
      if ([one, other].some(({ outcome, reason }) => outcome === "notRun" || isUnseen(reason))) continue;
      // Of many one may be told before another has put down what he knows of them.
      if (plan.hasStore && !record.isCrowd && one.attempt === other.attempt && earlierOf(one) !== earlierOf(other)) record.broken("I1", `job ${plan.index} was told to have made the attempts ${earlierOf(one)} and ${earlierOf(other)} before ${one.attempt}`);
      if (plan.hasStore ? !isSame(one, other) : areOfOneGroup && areKnown && !isSame(one, other)) record.broken("I1", `job ${plan.index} was told to be ${one.outcome} (${one.exitCode ?? ""}, attempt ${one.attempt}) and ${other.outcome} (${other.exitCode ?? ""}, attempt ${other.attempt})`);
    }
  }
}

// Whether one has canceled an attempt, and the other had gone on to a later one before.
function isLeftBehind(record: Record, { by, job, at, result: { outcome, attempt } }: Of<"result">, later: Of<"result">): boolean {
  const askedAt = record.all("asked", (asked) => asked.by === by && asked.at <= at)[0]?.at ?? -Infinity;
  const hasBegun = record.all("event", (event) => event.job === job && event.by === later.by && event.type === "jobCreating" && event.attempt === later.result.attempt && event.at < askedAt).length > 0;
  // Of many that was begun by whoever was first.
  const isOnRecord = record.isCrowd && record.all("stored", (stored) => stored.attempt >= later.result.attempt && isOfKey(later.result.groupName, stored.job) && stored.at <= at).length > 0;
  return outcome === "canceled" && later.result.attempt > attempt && (hasBegun || isOnRecord);
}

function earlierOf({ earlier }: Told): string {
  return earlier.map(({ attempt }) => attempt).join(",");
}

function isSame(one: Told, other: Told): boolean {
  // Who cancels an attempt that had no group yet, and who cancels the group that another adopts of the attempt before, have both canceled it.
  if (one.outcome === "canceled" && other.outcome === "canceled" && Math.min(one.cost, other.cost) === 0) return true;
  // Who lost it after others had gone on lost another group of it.
  if (one.outcome === "lost" && other.outcome === "lost") return true;
  return one.outcome === other.outcome && one.exitCode === other.exitCode && one.attempt === other.attempt;
}
