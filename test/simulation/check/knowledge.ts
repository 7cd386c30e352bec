import type { Run, TruthGroup } from "../azure/truth.js";
import { LINE } from "../azure/program.js";
import { isByLine, type JobPlan } from "../jobs/job-plan.js";
import { isOfLine, type Of, type Record } from "./record.js";

/** What has a larger one was killed. */
const LARGEST_OWN_EXIT_CODE = 128;
const BELIEVED_AFTER_LOOKS = 3;
const BELIEVED_AFTER_IN_MS = 60_000;

/** What somebody was told of an attempt. */
export interface Claim {
  readonly outcome: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly attempt: number;
  /** Of its group. */
  readonly name: string;
  readonly group: TruthGroup | undefined;
  /** What those are called who carried on from each other. */
  readonly line: string;
  /** Not an attempt before the last. */
  readonly isOwn: boolean;
  /** Who decided it, and when. */
  readonly by: string;
  readonly at: number;
}

// Whether who decided had read the line that was waited for. Then nothing else is the end, but that somebody had wanted one before.
export function hasReadLine(record: Record, plan: JobPlan, { outcome, name, by, line, at }: Claim): boolean {
  if (!isByLine(plan) || outcome === "succeeded" || outcome === "canceled") return false;
  const isKnown = record.isKnownTo({ by, line, at });
  return record.all("answer", (answer) => answer.by === by && isKnown(answer) && answer.verb === "logs" && answer.group === name && answer.shows === LINE && answer.at <= at).length > 0;
}

// The first run; and where that had long been followed when somebody looked, the one before what he saw, which is all that is shown.
export function firstSeen(record: Record, { runs, name }: TruthGroup, { by, line, at }: Claim): readonly Run[] {
  const [first] = runs;
  const isKnown = record.isKnownTo({ by, line, at });
  const look = record.all("request", (request) => isKnown(request) && request.verb === "get" && request.group === name && request.status === 200 && request.fault === undefined && request.at >= (first?.endAt ?? Infinity) && request.at <= at)[0];
  return [first, runs.filter(({ startAt }) => startAt <= (look?.at ?? -Infinity)).at(-2)].filter((run) => run !== undefined);
}

// Whether nothing has kept the callers of a job, since its container was ended first, from waiting for what becomes of it.
export function isAttentive(record: Record, plan: JobPlan, { runs, name }: TruthGroup, { by, at }: Claim): boolean {
  const { startAt, endAt } = runs[0] ?? { startAt: -Infinity, endAt: -Infinity };
  const isOver = at >= startAt + (plan.limits.runTimeoutInMs ?? 0) - 60_000;
  const isForgotten = plan.forgetsLimits || plan.heir === "key";
  const isFaulty = record.faultsOn((request) => request.by === by && request.group === name && request.at >= endAt) > 0;
  const isMisled = record.all("answer", (answer) => answer.by === by && answer.group === name && answer.at >= endAt && !answer.isFresh).length > 0;
  const isHurried = record.all("asked", (asked) => asked.job === plan.index && asked.at <= at).length > 0;
  return !isOver && !isForgotten && !isFaulty && !isMisled && !isHurried;
}

// The group of its name that who decides saw last: one that he could not look for any more may have been followed by another.
export function lastSeen(record: Record, { name, by, line, at }: Claim): TruthGroup | undefined {
  const isKnown = record.isKnownTo({ by, line, at });
  const seen = record.all("answer", (answer) => answer.group === name && answer.isFresh && answer.shows !== undefined && answer.at <= at && isKnown(answer)).at(-1);
  return seen && record.world.azure.past.findLast((group) => group.name === name && group.createdAt <= seen.at && !group.isForeign);
}

// Whether a look that was read showed the end of its only run, which no other can follow.
export function isEndSeen(record: Record, plan: JobPlan, group: TruthGroup, { by, line, at }: Pick<Claim, "by" | "line" | "at">): boolean {
  const [run] = group.runs;
  if (run === undefined || group.runs.length > 1 || isByLine(plan) || group.others !== undefined || group.program.tells === "noExitCode") return false;
  // What was killed may have been begun anew, and is tried again as what is lost is.
  if (plan.limits.retry !== undefined && (run.exitCode ?? Infinity) > LARGEST_OWN_EXIT_CODE) return false;
  const isKnown = record.isKnownTo({ by, line, at });
  const isRead = (answer: Of<"answer">): boolean => record.all("event", (event) => event.by === answer.by && event.type === "jobObserved" && event.at === answer.at).length > 0;
  return record.wasSeen((answer) => isKnown(answer) && isRead(answer), group, ["Terminated"], run.endAt, at);
}

// Whether the last looks that who decided knew of, three in a row, did not tell the state of the container. Those whose step was lost
// are not known.
export function hasNoState(record: Record, { by: decider, line, at: until }: Claim, { name }: TruthGroup): boolean {
  const isHisOwn = record.isKnownTo({ by: decider, line, at: until });
  // What others have seen he may have from a store.
  const hasStore = record.planOf(decider)?.hasStore === true;
  const isKnown = (look: Of<"request">): boolean => isHisOwn(look) || (hasStore && record.wasPutDown(look.by, look.at, until));
  const isForgotten = (look: Of<"request">): boolean => record.all("forgot", ({ by, since, at }) => by === look.by && since <= look.sentAt && look.at <= at && at <= until && !(hasStore && record.wasPutDown(by, look.at, at))).length > 0;
  // What a cache does not have yet shows nothing.
  const isAnswered = (look: Of<"request">): boolean => record.all("answer", ({ by, verb, group, at }) => by === look.by && verb === "get" && group === name && at >= look.at)[0]?.status === 200;
  const looks = record.all("request", ({ verb, group, fault, status, at }) => verb === "get" && group === name && status === 200 && at <= until && [undefined, "R2", "R6"].includes(fault)).filter((look) => isKnown(look) && !isForgotten(look) && isAnswered(look));
  const isBlind = (seen: readonly Of<"request">[]): boolean => seen.length > 2 && seen.slice(-3).every(({ fault }) => fault === "R6");
  // Of many he need not have what others have put down meanwhile.
  return isBlind(looks) || (record.isCrowd && isBlind(looks.filter(({ by }) => by === decider)));
}

// Whether who waits for a job that was canceled was there all the time, and nothing kept him from looking.
export function hadTimeToSee(record: Record, group: TruthGroup, canceledAt: number, line: string): boolean {
  const own = record.all("request", ({ by, group: name }) => isOfLine(by, line) && name === group.name);
  const isDeleted = record.all("request", ({ by, verb, group: name, at }) => by.startsWith("canceler") && verb === "delete" && name === group.name && at <= group.goneAt && at >= canceledAt).length > 0;
  const plan = record.planOf(line);
  if (!isDeleted || plan === undefined || plan.forgetsStrategy || plan.mode === "step" || plan.wrongs.some((wrong) => wrong.endsWith("hangs") || wrong === "nextCheck is never") || record.world.faults.isOn("R11")) return false;
  const isCalm = own.every(({ fault, sentAt }) => fault === undefined || sentAt > group.goneAt) && record.all("died", ({ by }) => isOfLine(by, line)).length === 0;
  return isCalm && own.some(({ verb, sentAt }) => verb === "get" && sentAt > group.createdAt && sentAt < canceledAt);
}

// Whether nothing but what is older was shown for a minute before somebody decided. Then it is believed.
export function isShownOlder(record: Record, { by, name, at }: Claim): boolean {
  const looks = record.all("answer", (answer) => answer.by === by && answer.verb === "get" && answer.group === name && answer.status === 200 && answer.at <= at);
  const old = looks.slice(looks.findLastIndex(({ isFresh }) => isFresh) + 1).filter(({ shows }) => shows !== "Terminated");
  return old.length >= BELIEVED_AFTER_LOOKS && at - (old[0]?.at ?? at) >= BELIEVED_AFTER_IN_MS;
}
