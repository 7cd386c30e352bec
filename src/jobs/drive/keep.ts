import type { JsonValue } from "../../json.js";
import type { JobStore } from "../../store.js";
import { checkHandle, type WholeHandle } from "./job-handle.js";
import { jobHash } from "../spec/job-identity.js";
import type { ActiveJob } from "./active-job.js";

// What a store has of a job.
export async function readStored(store: JobStore, owner: string, key: string): Promise<{ handle: WholeHandle; version: string } | undefined> {
  const found = await store.read(storeKey(owner, jobHash(key)));
  return found && { handle: checkHandle(found.value), version: found.version };
}

// Saves a job's handle. If somebody else has saved it since, the handle that knows a result wins, so that there is one.
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
    if (other?.handle.state.result !== undefined && job.handle.state.phase !== "done") {
      job.handle = other.handle;
      return;
    }
  }
}

// Where a store has a job, by the hash of its key.
export function storeKey(owner: string, job: string): string {
  return `jobs/${owner}/${job}`;
}
