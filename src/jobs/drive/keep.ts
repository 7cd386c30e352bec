import type { JobResult } from "../../job-result.js";
import type { JsonValue } from "../../json.js";
import type { JobStore } from "../../store.js";
import { checkHandle, type WholeHandle } from "./job-handle.js";
import type { ActiveJob } from "./active-job.js";
import { jobHash } from "../spec/job-identity.js";
import type { JobPhase, MachineState } from "../machine/state.js";

const PHASES: readonly JobPhase[] = ["intended", "creating", "provisioning", "running", "ended", "collected", "deleting", "done"];

// What a store has of a job.
export async function readStored(store: JobStore, owner: string, key: string): Promise<{ handle: WholeHandle; version: string } | undefined> {
  const found = await store.read(storeKey(owner, jobHash(key)));
  return found && { handle: checkHandle(found.value), version: found.version };
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
    const other = await readStored(store, job.plan.identity.owner, job.plan.key);
    job.storeVersion = other?.version ?? "absent";
    if (other !== undefined && yieldTo(other.handle, job)) return;
  }
}

// Gives way to another process's handle, if that one knows more. True if nothing is left to be written.
function yieldTo(other: WholeHandle, job: ActiveJob): boolean {
  const [theirs, ours] = [other.state, job.handle.state];
  // Our caller gets our result; the store is left to the attempt that goes on.
  if (ours.phase === "done" && theirs.attempt > ours.attempt) return true;
  if (isAhead(theirs, ours)) {
    job.logs.forget(theirs.attempt === ours.attempt ? ours.logs : {});
    job.handle = other;
    return true;
  }
  if (theirs.attempt === ours.attempt && theirs.result !== undefined && ours.result !== undefined) {
    job.logs.forget(ours.logs);
    job.handle = { ...job.handle, state: withEndOf(theirs, ours) };
  }
  return false;
}

// What was kept first is the result, with all that it is made of. How the clean-up went is known to who went on.
function withEndOf({ verdict, snapshot, logs, outputs, marks, result }: MachineState, ours: MachineState): MachineState {
  const { deleteAt, goneAt } = ours.marks;
  const { cleanup } = ours.result as JobResult;
  return { ...ours, verdict, snapshot, logs, outputs, marks: { ...marks, deleteAt, goneAt }, result: { ...(result as JobResult), cleanup } };
}

// Whose group there is decides first, then a result, then who is further on.
export function isAhead(theirs: MachineState, ours: MachineState): boolean {
  if (theirs.result !== undefined && ours.phase === "intended") return true;
  if (theirs.attempt !== ours.attempt) return theirs.attempt > ours.attempt;
  if ((theirs.result === undefined) !== (ours.result === undefined)) return theirs.result !== undefined;
  return PHASES.indexOf(theirs.phase) > PHASES.indexOf(ours.phase);
}

// Where a store has a job, by the hash of its key.
export function storeKey(owner: string, job: string): string {
  return `jobs/${owner}/${job}`;
}
