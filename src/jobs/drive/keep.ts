import { jobHash } from "../../lifecycle/identity.js";
import type { JsonValue } from "../../json.js";
import type { JobStore } from "../../store.js";
import { AciError } from "../../errors.js";
import { checkHandle, type WholeHandle } from "./job-handle.js";
import { momentOf, type ActiveJob } from "./active-job.js";
import { meet, type Met } from "../machine/meet.js";
import type { MachineState } from "../machine/state.js";
import { withPauseOf } from "../machine/moves.js";
import { hear } from "../machine/watch.js";

// A job as a store has it.
export interface Stored {
  readonly handle: WholeHandle;
  readonly version: string;
}

// What a store has of a job.
export async function readStored(store: JobStore, owner: string, key: string): Promise<Stored | undefined> {
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
    const version = await store.write(key, job.handle as unknown as JsonValue, job.storeVersion).catch((error: unknown) => unlessKept(store, job, error));
    if (version !== undefined) {
      job.storeVersion = version;
      return;
    }
    // What goes on here is written as it is now.
    if (await meetOther(store, job)) return;
  }
}

// A store that takes nothing may still tell what another has kept: then nothing of ours is to be written.
async function unlessKept(store: JobStore, job: ActiveJob, error: unknown): Promise<string> {
  if (await meetOther(store, job).catch(() => false)) return job.storeVersion;
  throw error;
}

// Goes on with what another has saved since, if anybody. Whether that is all there is to save.
async function meetOther(store: JobStore, job: ActiveJob): Promise<boolean> {
  const other = await readOther(store, job);
  job.storeVersion = other?.version ?? "absent";
  if (other === undefined) return false;
  const met = meet(other.handle.state, momentOf(job));
  follow(job, other.handle, met);
  return met.isKept && met.kind !== "ours";
}

// Looks right before a create whether another process has carried the job further: then its handle is ours too, and there
// is nothing to be created.
export async function giveWay(job: ActiveJob): Promise<boolean> {
  const { store } = job.options;
  const other = store && (await readOther(store, job));
  if (other === undefined || other.version === job.storeVersion) return false;
  const moment = momentOf(job);
  // What is about to be created is no more than an intent. What else the other knows is heard when this is saved.
  const met = meet(other.handle.state, { ...moment, state: { ...moment.state, phase: "intended" } });
  if (met.kind === "ours") return false;
  job.storeVersion = other.version;
  follow(job, other.handle, met);
  return true;
}

// What the store has by now. Somebody may have asked for something else by the same key at the same time: he was quicker.
async function readOther(store: JobStore, { plan, handle }: ActiveJob): Promise<Stored | undefined> {
  const other = await readStored(store, plan.identity.owner, plan.key);
  if (other !== undefined) expectSameSpec(other.handle, handle);
  return other;
}

// Goes on with what came of meeting another process's handle.
function follow(job: ActiveJob, other: WholeHandle, { kind, state }: Met): void {
  if (kind === "theirs" || kind === "end") takeOver(job, { ...(kind === "theirs" ? other : job.handle), state });
  if (kind === "left") job.logs.forget();
  if (kind === "left" || kind === "ours") job.handle = { ...job.handle, state };
}

// Of the logs, too, what the other has read is what counts, but for those that were read to the same end here. Signals that were
// heard here, and which the other need not have heard, are news to what it knows.
function takeOver(job: ActiveJob, handle: WholeHandle): void {
  const [ours, theirs] = [job.handle.state, handle.state];
  job.logs.forget(isSameEnd(ours, theirs) ? ours.logs : {});
  const turn = momentOf(job);
  const heard = hear({ ...turn, state: withPauseOf(turn, theirs) }, { kind: "signals", signals: [...job.signals, ...job.given] });
  job.handle = { ...handle, state: heard.state };
  // Somebody else knows the key.
  job.plan = { ...job.plan, isKeyNew: false };
}

// Whether both have read the logs to the same end, or to one that is ours: of a write that has failed it need not be known that it
// had its effect.
function isSameEnd(ours: MachineState, { attempt, marks, result }: MachineState): boolean {
  if (ours.result === undefined || result === undefined || ours.attempt !== attempt) return false;
  return ours.marks.endedAt === marks.endedAt || (result.exitCode !== undefined && ours.result.exitCode === result.exitCode);
}

// Where a store has a job, by the hash of its key.
export function storeKey(owner: string, job: string): string {
  return `jobs/${owner}/${job}`;
}
