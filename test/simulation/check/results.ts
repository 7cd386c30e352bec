import type { TruthGroup } from "../azure/truth.js";
import type { JobPlan } from "../jobs/job-plan.js";
import type { Told } from "../world/history.js";
import { baseOf } from "../world/names.js";
import { isOf, isOfLine, lineOf, type Of, type Record } from "./record.js";

interface Claim {
  readonly outcome: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly attempt: number;
  /** Of its group. */
  readonly name: string;
  readonly group: TruthGroup | undefined;
  /** What those are called who carried on from each other. */
  readonly line: string;
  /** Who decided it, and when. */
  readonly by: string;
  readonly at: number;
}

/** I1, I2, I7: one result, and a true one, that nothing later replaces. */
export function checkResults(record: Record): void {
  for (const plan of record.plans) {
    const results = record.resultsOf(plan);
    for (const told of results) {
      for (const claim of claimsOf(record, plan, told)) checkTruth(record, plan, claim, told.by);
    }
    for (const told of results) checkKept(record, plan, told);
    for (const told of results) checkPlan(record, plan, told);
    // A store that failed may have had another result.
    const kept = results.filter(({ by }) => record.all("event", (event) => event.by === by && event.request === "save").length === 0);
    checkSame(record, plan, kept);
  }
}

function claimsOf(record: Record, plan: JobPlan, told: Of<"result">): readonly Claim[] {
  const { result } = told;
  const groups = record.groupsOf(plan);
  const claim = (one: Pick<Claim, "outcome" | "exitCode" | "attempt" | "reason">, name: string): Claim => {
    const decision = record.decision(told, one.attempt, one.outcome);
    const { at: decidedAt, by } = decision;
    const hasHandle = plan.heir === "handle" && by.startsWith("job") && record.all("handed", ({ job, at }) => job === plan.index && at < decidedAt).length > 0;
    // Without a store or a handle a process knows only what it has seen itself.
    const line = plan.hasStore || hasHandle ? lineOf(by) : by;
    // Without a handle nobody knows of a group that was gone before he came: its end would be in the store.
    const begunAt = hasHandle ? 0 : (record.all("request", (request) => request.by === by)[0]?.sentAt ?? 0);
    return { ...one, name, line, by, at: decidedAt, group: groups.findLast((group) => group.name === name && group.createdAt <= decidedAt && group.goneAt >= begunAt) };
  };
  const base = baseOf(result.groupName);
  return [...result.earlier.map((one) => claim(one, `${base}-${one.attempt}`)), claim(result, result.groupName)];
}

function checkTruth(record: Record, plan: JobPlan, claim: Claim, by: string): void {
  // Whoever knows only the key asks for whatever has it.
  const isExcused = plan.heir === "key" || record.isChanged(claim.name);
  // Whatever a strategy has put around it, the command is in there.
  if (isOfOtherSpec(claim.group, by) && ["succeeded", "failed"].includes(claim.outcome) && !isExcused) record.broken("C7", `${by} was told the result of another spec`);
  const why = untruth(record, plan, claim);
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
      return group === undefined ? "there was no group" : untrueEnd(plan, group, claim);
    case "timedOut":
      return group === undefined ? "there was no group" : untrueTimeout(record, plan, group, claim);
    case "canceled":
      return record.all("asked", ({ job, what, at }) => job === plan.index && what !== "detach" && at <= claim.at).length > 0 ? undefined : "nobody asked for it";
    case "notRun":
      return record.faultsOn(({ by }) => isOf(by, plan.index)) > 0 ? undefined : "nothing was wrong";
    case "lost":
      return untrueLoss(record, plan, claim);
    default:
      return untrueRefusal(record, plan, claim);
  }
}

function untrueEnd(plan: JobPlan, group: TruthGroup, { outcome, exitCode, at }: Claim): string | undefined {
  if (group.program.initFails) return outcome === "failed" ? undefined : "its init container failed";
  // Where the platform began it anew, the first run was the job's.
  const runs = plan.limits.onRestart === "continue" ? group.runs : group.runs.slice(0, 1);
  const isRight = (code: number | undefined): boolean => (outcome === "succeeded" ? code === 0 : code !== 0 && code === exitCode);
  return runs.some((run) => run.endAt <= at && isRight(run.exitCode)) && group.program.tells !== "noExitCode" ? undefined : `it ended with ${group.runs.map((run) => `${run.exitCode ?? "nothing"} at ${run.endAt - at}`).join(", ")}`;
}

function untrueTimeout(record: Record, plan: JobPlan, group: TruthGroup, { at, line }: Claim): string | undefined {
  const [first, last] = [group.runs[0], group.runs.at(-1)];
  if (first === undefined || last === undefined) return "it never started";
  const { runTimeoutInMs = 0 } = plan.limits;
  const hasLooked = record.all("request", (request) => isOfLine(request.by, line) && (request.verb === "list" || (request.verb === "get" && request.group === group.name)) && request.sentAt >= at - 190_000 && request.sentAt <= at).length > 0;
  if (!hasLooked) return "nobody had looked";
  // Time counts from the start of the first group that had the name. Who has found it goes by what Azure says, whose clock may differ.
  const came = record.all("event", ({ by, type }) => ["jobAccepted", "jobAdopted"].includes(type) && isOfLine(by, line));
  const hasFound = came.at(-1)?.type !== "jobAccepted";
  const earlyInMs = 2000 + (hasFound ? Math.max(0, record.world.callersAheadInMs) : 0);
  if (group.incarnation === 0 && at < first.startAt + runTimeoutInMs - earlyInMs) return `it had ${first.startAt + runTimeoutInMs - at} ms left`;
  // A step that is run twice knows what it knew the first time.
  if (plan.mode === "step") return undefined;
  return record.wasSeen(line, group, ["Terminated"], last.endAt, at) ? "its end had been seen" : undefined;
}

function isUnseen(reason: string | undefined): boolean {
  return /could not be looked for/u.test(reason ?? "");
}

function untrueLoss(record: Record, { limits }: JobPlan, { group, name, at, reason, line, by }: Claim): string | undefined {
  // Who took it up and cannot look for it cannot know; nor who finds it gone.
  const wasThere = record.world.azure.past.some((one) => one.name === name && one.goneAt <= at);
  if (group === undefined && wasThere) return undefined;
  if (group === undefined) return limits.retryOnLost === false || isUnseen(reason) ? undefined : "there was no group";
  // Its own was gone before somebody has made one of another spec under its name.
  if (wasThere && isOfOtherSpec(group, by)) return undefined;
  const canceledAt = record.all("request", ({ by, verb, status, group: name }) => by.startsWith("canceler") && verb === "patch" && status === 200 && name === group.name).find((request) => request.at >= group.createdAt)?.at ?? Infinity;
  // One that another caller's create has changed is not the job's any more, whoever has marked it. And who could not look knows
  // nothing of what one had seen who died before that was on record.
  const teller = isUnseen(reason) ? by : line;
  const wasSeen = (who: string, until: number): boolean => record.wasSeen(who, group, ["Waiting", "Running"], canceledAt + 300, until);
  if (!record.world.faults.isOn("R11") && !record.isChanged(name) && (wasSeen(by, at) || wasSeen(teller, onRecordAt(record, line, by, at)))) return "it was seen to be canceled";
  if (!record.isChanged(name) && group.goneAt <= at && hadTimeToSee(record, group, canceledAt, teller)) return "it was canceled, and its caller had the time to see that";
  // One of this name was gone, whoever has made another since.
  if (wasThere || record.isChanged(name)) return undefined;
  const isRestarted = group.runs.length > 1 && (group.runs[1] as { startAt: number }).startAt <= at;
  const isUntold = group.program.tells === "noExitCode" || group.runs.some(({ exitCode, endAt }) => exitCode === undefined && endAt <= at);
  return isRestarted || isUntold || hasNoState(record, line, group, at) || group.goneAt <= at || limits.retryOnLost === false || isUnseen(reason) ? undefined : "its group was there";
}

// When others of a line last put on record what they knew, for the one who goes on from there.
function onRecordAt(record: Record, line: string, by: string, until: number): number {
  const kept = [...record.all("stored"), ...record.all("handed")].filter((entry) => entry.by !== by && isOfLine(entry.by, line) && entry.at <= until);
  return Math.max(-Infinity, ...kept.map(({ at }) => at));
}

// Whether the last looks, three in a row, did not tell the state of the container.
function hasNoState(record: Record, line: string, { name }: TruthGroup, until: number): boolean {
  const looks = record.all("request", ({ by, verb, group, fault, status, at }) => isOfLine(by, line) && verb === "get" && group === name && status === 200 && at <= until && [undefined, "R2", "R6"].includes(fault));
  return looks.length > 2 && looks.slice(-3).every(({ fault }) => fault === "R6");
}

// Whether who waits for a job that was canceled was there all the time, and nothing kept him from looking.
function hadTimeToSee(record: Record, group: TruthGroup, canceledAt: number, line: string): boolean {
  const own = record.all("request", ({ by, group: name }) => isOfLine(by, line) && name === group.name);
  const isDeleted = record.all("request", ({ by, verb, group: name, at }) => by.startsWith("canceler") && verb === "delete" && name === group.name && at <= group.goneAt && at >= canceledAt).length > 0;
  const plan = record.planOf(line);
  if (!isDeleted || plan === undefined || plan.forgetsStrategy || plan.mode === "step" || plan.wrongs.some((wrong) => wrong.endsWith("hangs")) || record.world.faults.isOn("R11")) return false;
  const isCalm = own.every(({ fault, sentAt }) => fault === undefined || sentAt > group.goneAt) && record.all("died", ({ by }) => isOfLine(by, line)).length === 0;
  return isCalm && own.some(({ verb, sentAt }) => verb === "get" && sentAt > group.createdAt && sentAt < canceledAt);
}

function untrueRefusal(record: Record, plan: JobPlan, { group, at, line }: Claim): string | undefined {
  if (group === undefined) {
    const isExcused = record.faultsOn(({ by }) => isOf(by, plan.index)) > 0;
    return isExcused ? undefined : "nothing was wrong";
  }
  const [first] = group.runs;
  if (first !== undefined && record.wasSeen(line, group, ["Running", "Terminated"], first.startAt, at)) return "it had been seen to run";
  const { startTimeoutInMs = 0 } = plan.limits;
  const { program, createdAt } = group;
  const isExcused = program.startsAfter === undefined || (program.provisioning === "Failed" && at >= createdAt + 28_000) || at >= createdAt + startTimeoutInMs - 80_000 || record.faultsOn(({ by, group: name }) => isOf(by, plan.index) && name === group.name) > 0;
  return isExcused ? undefined : "it would have started";
}

// What this process knew to be the end is what it told, unless the store knew better, or another attempt was canceled.
function checkKept(record: Record, plan: JobPlan, { by, result, at }: Of<"result">): void {
  if (plan.hasStore || plan.mode === "step") return;
  const ended = record.all("event", (event) => event.by === by && event.type === "jobEnded" && event.attempt === result.attempt && event.at <= at).at(-1);
  if (ended === undefined || ended.outcome === result.outcome) return;
  const isCanceled = result.outcome === "canceled" && record.all("asked", ({ job, what }) => job === plan.index && what !== "detach").length > 0;
  if (!isCanceled) record.broken("I7", `job ${plan.index} ended as ${ended.outcome ?? "?"} and was told to be ${result.outcome}`);
}

// What a result tells of attempts and of the clean-up is what was asked for, and of a group of the same spec.
function checkPlan(record: Record, plan: JobPlan, { by, result, at }: Of<"result">): void {
  const { retry, locations, keep } = plan.limits;
  const most = retry?.maxAttempts ?? (locations === undefined ? 1 : 2);
  if (result.earlier.length + 1 > Math.max(most, locations?.length ?? 1)) record.broken("R", `${by} made ${result.earlier.length + 1} attempts of ${most}`);
  if (result.earlier.some(({ outcome }) => outcome === "failed") && retry?.exitCodes === undefined && record.world.azure.past.every(({ runs }) => runs.length < 2)) record.broken("R", `${by} tried again what had failed`);
  if (result.cleanup === "kept" && (keep ?? "never") === "never") record.broken("I4", `${by} kept a group`);
  const group = record.groupsOf(plan).findLast(({ name, createdAt, goneAt }) => name === result.groupName && createdAt <= at && goneAt > at);
  const deletes = record.all("request", ({ by: sender, verb, group: name }) => sender === by && verb === "delete" && name === result.groupName);
  if (result.cleanup === "done" && group !== undefined && !record.isChanged(group.name) && deletes[0] !== undefined && group.createdAt < deletes[0].sentAt) record.broken("I4", `${by} said that ${group.name} is gone, which is there`);
}

// Who asks for the same is told the same.
function checkSame(record: Record, plan: JobPlan, results: readonly Of<"result">[]): void {
  // Whose create was refused knows nothing of another's that was not.
  const isRefused = ({ by, result: { outcome, attempt } }: Of<"result">): boolean =>
    outcome === "neverStarted" && record.all("event", (event) => event.by === by && event.job === plan.index && event.attempt === attempt && ["jobAccepted", "jobAdopted", "jobObserved"].includes(event.type)).length === 0;
  const told = results.filter((result) => !isRefused(result)).map(({ result }) => result);
  for (const [index, one] of told.entries()) {
    for (const other of told.slice(index + 1)) {
      const areOfOneGroup = one.groupName === other.groupName && record.groupsOf(plan).filter(({ name }) => name === one.groupName).length === 1;
      const areKnown = [one, other].every(({ outcome }) => outcome === "succeeded" || outcome === "failed");
      // Who never reached Azure knows only that.
      if ([one, other].some(({ outcome, reason }) => outcome === "notRun" || isUnseen(reason))) continue;
      if (plan.hasStore ? !isSame(one, other) : areOfOneGroup && areKnown && !isSame(one, other)) record.broken("I1", `job ${plan.index} was told to be ${one.outcome} (${one.exitCode ?? ""}, attempt ${one.attempt}) and ${other.outcome} (${other.exitCode ?? ""}, attempt ${other.attempt})`);
    }
  }
}

function isSame(one: Told, other: Told): boolean {
  // Who lost it after others had gone on lost another group of it.
  if (one.outcome === "lost" && other.outcome === "lost") return true;
  return one.outcome === other.outcome && one.exitCode === other.exitCode && one.attempt === other.attempt;
}
