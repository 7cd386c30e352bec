import type { AciClient } from "../client/aci-client.js";
import { partsOf, type ClientParts } from "../client/parts.js";
import type { Snapshot } from "../container-group.js";
import { AciError } from "../errors.js";
import { expectText } from "../lifecycle/expect.js";
import { jobHash, TAGS, tagOf, whose } from "../lifecycle/identity.js";
import type { JobStore } from "../store.js";
import { expectSameSpec, readStored, type Stored } from "./drive/keep.js";
import { checkHandle, handleFrom, type JobHandle, type JobRef, type WholeHandle } from "./drive/job-handle.js";
import { meet } from "./machine/meet.js";

/**
 * The handle of a job by its key alone, while its group exists. It can be carried on to its result, but not be started
 * again, because a group does not tell its secrets.
 *
 * @returns `undefined` if there is no group of that key and the client's owner.
 *
 * @example
 * ```ts
 * const handle = await findContainerJob(client, "report-2026-11");
 * ```
 * @public
 */
export async function findContainerJob(client: AciClient, key: string): Promise<JobHandle | undefined> {
  partsOf(client);
  expectText("key", key);
  return findGroup(client, key);
}

async function findGroup(client: AciClient, key: string): Promise<WholeHandle | undefined> {
  const latest = await latestGroup(client, key);
  return latest && handleFrom(latest, key, partsOf(client));
}

// The group of the latest attempt at a job that a list shows.
export async function latestGroup(client: AciClient, key: string): Promise<Snapshot | undefined> {
  const parts = partsOf(client);
  let latest: Snapshot | undefined;
  for await (const group of client.list()) {
    const isOurs = whose({ owner: parts.owner, job: jobHash(key) }, group) === "ours";
    if (isOurs && attemptOf(group) >= (latest === undefined ? 0 : attemptOf(latest))) latest = group;
  }
  return latest;
}

interface ResolvedRef {
  readonly handle: WholeHandle;
  /** Of what the store has, if anything. */
  readonly version?: string;
  /** The store has what the handle has. */
  readonly isStored?: boolean;
}

// The handle that a reference means: its own or the store's, whichever is further on, or that of the group.
export async function resolveRef(client: AciClient, job: JobRef, store: JobStore | undefined): Promise<ResolvedRef> {
  expectRef(job);
  const given = "kind" in job ? checkHandle(job) : undefined;
  expectText("job.key", job.key);
  const stored = store && (await readStored(store, partsOf(client).owner, job.key));
  if (given !== undefined) return stored === undefined ? { handle: given } : furtherOf(given, stored, partsOf(client));
  if (stored !== undefined) return { ...stored, isStored: true };
  const handle = await findGroup(client, job.key);
  if (handle !== undefined) return { handle };
  throw new AciError(`No container group was found of job "${job.key}"`, { code: "ACI_NOT_FOUND" });
}

// What is in the place of a handle may be all of one.
function expectRef(job: unknown): void {
  if (typeof job === "object" && job !== null && !Array.isArray(job)) return;
  const hint = typeof job === "string" && job.startsWith("{") ? ": what `serialize()` has given goes through `JSON.parse()` first" : "";
  throw new TypeError(`Expected \`job\` to be a handle of this library or { key }, got ${job === null ? "null" : Array.isArray(job) ? "array" : typeof job}${hint}.`);
}

// A handle may be old: others have carried the job on since. One that is not may lack what was before it.
function furtherOf(given: WholeHandle, stored: Stored, { clock, azureClock }: ClientParts): ResolvedRef {
  expectSameSpec(stored.handle, given);
  const { kind, state, isKept } = meet(stored.handle.state, { state: given.state, now: clock.now(), behindInMs: azureClock.behindInMs });
  // Where each has its own, what is kept is not to be written over.
  return { handle: { ...(kind === "theirs" ? stored.handle : given), state }, ...(kind !== "apart" && { version: stored.version }), isStored: isKept };
}

// Which attempt a group is of.
export function attemptOf(group: Snapshot): number {
  return Number(tagOf(group, TAGS.attempt) ?? 1);
}
