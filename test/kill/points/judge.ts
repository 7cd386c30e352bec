import type { JobResult } from "aci-lifecycle";
import type { RecordedRequest } from "aci-lifecycle/emulator";

/** What the containers of a job really did. */
export interface Truth {
  readonly exitCode: number;
  readonly output: string;
}

/** Whether the first group of a job was deleted, by the emulator's own record. */
export function isDeleted(requests: readonly RecordedRequest[]): boolean {
  return requests.some(isDelete);
}

/** What the emulator's own record says against a job: two groups at once, one too many, or a PUT on a group that was there. */
export function doublesOf(requests: readonly RecordedRequest[], mayRunAgain: boolean): string[] {
  const faults: string[] = [];
  const alive = new Set<string>();
  let made = 0;
  let isSeenGone = true;
  for (const { method, path, status } of requests) {
    if (method === "DELETE" && alive.delete(path)) isSeenGone = false;
    if (method === "GET" && status === 404 && alive.size === 0) isSeenGone = true;
    if (method !== "PUT") continue;
    if (status === 200) faults.push("doubled: a PUT on a group that was there");
    if (status !== 201) continue;
    if (alive.size > 0) faults.push("doubled: two groups at once");
    if (!isSeenGone) faults.push("doubled: a group before the one before was seen to be gone");
    alive.add(path);
    made++;
  }
  if (made > (mayRunAgain ? 2 : 1)) faults.push(`doubled: ${made} groups of one job`);
  return faults;
}

/** What is wrong with the result of a job that was carried on. */
export function lossesOf({ outcome, exitCode, logs, cleanup, groupName, error }: JobResult & { readonly error?: unknown }, { exitCode: trueCode, output }: Truth): string[] {
  const faults: string[] = [];
  const expected = trueCode === 0 ? "succeeded" : "failed";
  if (outcome !== expected) faults.push(`lost: the outcome of ${groupName} is ${outcome} and not ${expected}: ${JSON.stringify(error)}`);
  if (exitCode !== trueCode) faults.push(`lost: the exit code is ${exitCode ?? "unknown"} and not ${trueCode}`);
  if (logs !== output) faults.push(`lost: ${logs.length} of ${output.length} characters of the log`);
  if (cleanup !== "done") faults.push(`leaked: cleanup is ${cleanup}`);
  return faults;
}

function isDelete({ method, status }: RecordedRequest): boolean {
  return method === "DELETE" && (status === 200 || status === 202);
}
