import { jobHash } from "../../lifecycle/identity.js";
import type { JobResult } from "../../job-result.js";
import type { JsonValue } from "../../json.js";
import type { JobStore } from "../../store.js";
import { AciError } from "../../errors.js";
import { checkHandle, type WholeHandle } from "./job-handle.js";
import { momentOf, type ActiveJob } from "./active-job.js";
import { withPauseOf } from "../machine/moves.js";
import { withEarlier, type Moment } from "../machine/outcome/result.js";
import { hasHad } from "../machine/outcome/retry.js";
import { hear } from "../machine/watch.js";
import type { JobPhase, MachineState } from "../machine/state.js";

const PHASES: readonly JobPhase[] = ["intended", "creating", "provisioning", "running", "ended", "collected", "deleting", "done"];

// What a store has of a job.
export async function readStored(store: JobStore, owner: string, key: string): Promise<{ handle: WholeHandle; version: string } | undefined> {
  const found = await store.read(storeKey(owner, jobHash(key)));
  return found && { handle: checkHandle(found.value), version: found.version };
}

// One key is one job with one spec. A handle that was found by its group knows its spec by a tag only, or not at all.
export function expectSameSpec(known: WholeHandle, asked: WholeHandle): void {
  if (known.specHash === undefined || asked.specHash === undefined || known.specHash === asked.specHash) return;
  throw new AciError(`Job "${asked.key}" is known to the store with another spec`, { code: "ACI_JOB_CONFLICT" });
}

// Saves a job's handle. If somebody else has saved it since, the one that knows more wins, so that there is one result.
export async function save(job: ActiveJob): Promise<void> {
  const { store } = job.options;
  if (store === undefined) return;
  const key = storeKey(job.plan.identity.owner, job.plan.identity.job);
  for (;;) {
    const version = await store.write(key, job.handle as unknown as JsonValue, job.storeVersion);
    if (version !== undefined) {
      job.storeVersion = version;
      return;
    }
    const other = await readOther(store, job);
    job.storeVersion = other?.version ?? "absent";
    if (other !== undefined && yieldTo(other.handle, job)) return;
  }
}

// Looks right before a create whether another process has carried the job further: then its handle is ours too, and there
// is nothing to be created.
export async function giveWay(job: ActiveJob): Promise<boolean> {
  const { store } = job.options;
  const other = store && (await readOther(store, job));
  if (other === undefined || other.version === job.storeVersion) return false;
  // What is about to be created is no more than an intent. What else the other knows is heard when this is saved.
  if (!isAhead(other.handle.state, { ...job.handle.state, phase: "intended" })) return false;
  job.storeVersion = other.version;
  takeOver(job, other.handle);
  return true;
}

// What the store has by now. Somebody may have asked for something else by the same key at the same time: he was quicker.
async function readOther(store: JobStore, { plan, handle }: ActiveJob): Promise<{ handle: WholeHandle; version: string } | undefined> {
  const other = await readStored(store, plan.identity.owner, plan.key);
  if (other !== undefined) expectSameSpec(other.handle, handle);
  return other;
}

// Whether somebody has kept again what was not run, and what this call begins anew.
function isReplaced({ state: { marks, result } }: WholeHandle, { replaced }: ActiveJob): boolean {
  return result?.outcome === "notRun" && marks.intendedAt === replaced?.marks.intendedAt && marks.endedAt === replaced.marks.endedAt;
}

// Gives way to another process's handle, if that one knows more. True if nothing is left to be written.
function yieldTo(other: WholeHandle, job: ActiveJob): boolean {
  if (isReplaced(other, job)) return false;
  const [theirs, ours] = [other.state, job.handle.state];
  // Who has canceled it gets that result; the store is left to the attempt that goes on.
  if (ours.phase === "done" && ours.cancel !== undefined && theirs.attempt > ours.attempt) return true;
  if (isLeaving(theirs, ours)) {
    job.logs.forget();
    job.handle = { ...job.handle, state: withLeftGroup(theirs, ours) };
    return false;
  }
  if (isAhead(theirs, ours)) {
    takeOver(job, other);
    return true;
  }
  if (isEndOf(theirs, ours)) takeOver(job, { ...job.handle, state: withEndOf(theirs, ours) });
  knowEarlierOf(theirs, job);
  return false;
}

// Of the logs, too, what the other has read is what counts, but for those that were read to the same end here. Signals that were
// heard here, and which the other need not have heard, are news to what it knows.
function takeOver(job: ActiveJob, handle: WholeHandle): void {
  const [ours, theirs] = [job.handle.state, handle.state];
  const isSameEnd = ours.result?.exitCode !== undefined && ours.result.exitCode === theirs.result?.exitCode && ours.attempt === theirs.attempt;
  job.logs.forget(isSameEnd ? ours.logs : {});
  const turn = momentOf(job);
  const heard = hear({ ...turn, state: withPauseOf(turn, theirs) }, { kind: "signals", signals: [...job.signals, ...job.given] });
  job.handle = { ...handle, state: heard.state };
  knowEarlierOf(ours, job);
}

export function knowEarlierOf(other: MachineState, job: ActiveJob): void {
  job.handle = { ...job.handle, state: withEarlierOf(other, momentOf(job)) };
}

// An attempt that was found by a list does not tell what came before it: who began it knows.
export function withEarlierOf(other: MachineState, moment: Moment): MachineState {
  const { state } = moment;
  const missed = (other.earlier ?? []).filter(({ attempt }) => attempt < state.attempt && !hasHad(state, attempt));
  if (missed.length === 0) return state;
  return withEarlier(moment, [...(state.earlier ?? []), ...missed].sort((a, b) => a.attempt - b.attempt));
}

// Whether both know how an attempt ended: what was kept first counts.
function isEndOf(theirs: MachineState, ours: MachineState): boolean {
  return theirs.attempt === ours.attempt && theirs.result !== undefined && ours.result !== undefined && !hasGivenUp(theirs) && !isRefutedBy(theirs, ours);
}

// What was kept first is the result, with all that it is made of. How the clean-up went is known to who went on.
function withEndOf({ verdict, snapshot, logs, outputs, marks, result }: MachineState, ours: MachineState): MachineState {
  const { deleteAt, goneAt, billedUntil } = ours.marks;
  const { cleanup } = ours.result as JobResult;
  return { ...ours, verdict, snapshot, logs, outputs, marks: { ...marks, deleteAt, goneAt, billedUntil }, result: { ...(result as JobResult), cleanup } };
}

// Whether a job is over for who has no group of its attempt, while there is one of it: somebody canceled it before he knew of that.
export function isLeaving(theirs: MachineState, ours: MachineState): boolean {
  const isOver = theirs.phase === "done" && theirs.verdict?.outcome === "canceled" && !hasGroup(theirs);
  return isOver && hasGroup(ours) && ours.phase !== "done" && ours.marks.goneAt === undefined && ours.attempt === theirs.attempt;
}

// That end, with the group that is left and is to be deleted.
export function withLeftGroup({ verdict, cancel, logs, result }: MachineState, ours: MachineState): MachineState {
  return { ...ours, phase: "collected", verdict, cancel, logs, retry: undefined, unread: [], result: { ...(result as JobResult), cleanup: "pending" }, pending: { kind: "save" }, wakeAt: 0 };
}

// Whose group there is decides first, then a result, then who is further on.
export function isAhead(theirs: MachineState, ours: MachineState): boolean {
  if (hasGivenUp(ours) && theirs.marks.createAt !== undefined) return true;
  if (hasGivenUp(theirs) && ours.marks.createAt !== undefined) return false;
  if (isRefutedBy(ours, theirs) || isRefutedBy(theirs, ours)) return isRefutedBy(ours, theirs);
  if (isToGoOn(theirs, ours)) return true;
  if (isNewTo(theirs, ours) || isNewTo(ours, theirs)) return isNewTo(theirs, ours);
  return isFurther(theirs, ours);
}

function isFurther(theirs: MachineState, ours: MachineState): boolean {
  if (theirs.result !== undefined && ours.phase === "intended") return true;
  if (theirs.attempt !== ours.attempt) return theirs.attempt > ours.attempt;
  if ((theirs.result === undefined) !== (ours.result === undefined)) return theirs.result !== undefined;
  return PHASES.indexOf(theirs.phase) > PHASES.indexOf(ours.phase);
}

// A result or a group of an attempt that ours did not follow on from, while there is no group of ours: it cannot know what became
// of that one.
function isNewTo(theirs: MachineState, ours: MachineState): boolean {
  const isOther = theirs.attempt !== ours.attempt && !hasHad(ours, theirs.attempt);
  return isOther && !hasGroup(ours) && (theirs.result !== undefined || (ours.result === undefined && hasGroup(theirs)));
}

// Whether a group of the attempt was accepted or seen.
export function hasGroup({ marks, snapshot }: MachineState): boolean {
  return marks.acceptedAt !== undefined || snapshot !== undefined;
}

// Who never got so far as to create anything knows nothing of what others have created.
function hasGivenUp({ result }: MachineState): boolean {
  return result?.outcome === "notRun";
}

// Whose create was refused, or who could not look for a group, knows nothing of one that another process has of the same
// attempt: the job did start.
function isRefutedBy(one: MachineState, other: MachineState): boolean {
  const outcome = one.verdict?.outcome ?? one.result?.outcome;
  return (outcome === "neverStarted" || outcome === "lost") && !hasGroup(one) && hasGroup(other) && one.attempt === other.attempt;
}

// An attempt is tried again by who has seen how it ended, and its group, which he has deleted, is missed by who has not.
function isToGoOn(theirs: MachineState, ours: MachineState): boolean {
  const isTriedAgain = theirs.retry !== undefined && theirs.result === undefined && theirs.verdict?.exitCode !== undefined;
  return isTriedAgain && theirs.attempt === ours.attempt && ours.verdict?.outcome === "lost";
}

// Where a store has a job, by the hash of its key.
export function storeKey(owner: string, job: string): string {
  return `jobs/${owner}/${job}`;
}
