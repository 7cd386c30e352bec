import type { AciClient } from "../client/aci-client.js";
import type { Snapshot } from "../container-group.js";
import { findGroup, orAbsent } from "../client/find-group.js";
import { partsOf } from "../client/parts.js";
import { retry } from "../client/retry.js";
import { expectKeys } from "../lifecycle/expect.js";
import { jobHash, TAGS, tagOf, whose } from "../lifecycle/identity.js";
import { attemptOf, latestGroup, resolveRef } from "./find-container-job.js";
import type { JobRef, WholeHandle } from "./drive/job-handle.js";

// Whoever waits for the job looks at it at least this often, and then reads its logs and deletes it.
const OTHERS_LOOK_WITHIN_IN_MS = 35_000;
const LOOK_EVERY_IN_MS = 1000;
const LOOK_IN_VAIN_EVERY_IN_MS = 5000;
// ARM answers 404 for a while after a create, and whoever carries the job on may take so long to create its next group.
const UNSURE_FOR_IN_MS = 30_000;

/** Options for {@link cancelContainerJob}. @public */
export interface CancelContainerJobOptions {
  /** Told to whoever waits for the job; at most 256 characters count. @defaultValue `"canceled"` */
  readonly reason?: string | undefined;
}

/** The attempt that was last seen. */
interface Marked {
  readonly groupName: string;
  readonly attempt: number;
  /** Until when it is left to others. */
  readonly until: number;
  /** The mark was there before the end of its container: whoever waits for that end reads the mark with it. */
  readonly isHeard: boolean;
}

/**
 * Cancels a job from any process. Marks the group of its latest attempt by a tag, so that whoever waits for the job reads its
 * logs, deletes the group and ends as `canceled`, without another attempt; if nobody does within 35 seconds, deletes the group
 * itself. Resolves when no group of the job is there, by several looks and a list.
 *
 * Where the mark may have come too late for the attempt that was ending, and the handle's `retry` or nothing at all says that
 * another may follow, it is waited for: 30 seconds, and the pause of the handle's `retry`. A job that has no group, because it
 * is not begun yet or rests between two attempts for longer than that, cannot be canceled from elsewhere.
 *
 * @throws {@link AciError} `ACI_NOT_FOUND` if a key was given and no group of it exists.
 * @throws {@link CleanupError} if the group could not be deleted.
 * @public
 */
export async function cancelContainerJob(client: AciClient, job: JobRef, options: CancelContainerJobOptions = {}): Promise<void> {
  expectKeys("options", options, ["reason"]);
  const { clock } = partsOf(client);
  const { handle } = await resolveRef(client, job, undefined);
  const reason = (options.reason ?? "canceled").slice(0, 256);
  let last: Marked | undefined;
  let missingSince = Infinity;
  for (;;) {
    const group = await findLatest(client, handle, last);
    missingSince = group === undefined ? Math.min(missingSince, clock.now()) : Infinity;
    if (group !== undefined) last = await cancelAttempt(client, { handle, group, reason, last });
    else if (clock.now() - missingSince >= quietInMs(handle, last)) return;
    await clock.sleep(clock.now() > missingSince ? LOOK_IN_VAIN_EVERY_IN_MS : LOOK_EVERY_IN_MS);
  }
}

// The group of the job by its name, or where that shows none of the job's, the latest of a list. A name may be somebody else's
// by now.
async function findLatest(client: AciClient, { key, state }: WholeHandle, last: Marked | undefined): Promise<Snapshot | undefined> {
  const parts = partsOf(client);
  const found = await findGroup(parts, last?.groupName ?? state.groupName);
  const isOurs = found !== undefined && whose({ owner: parts.owner, job: jobHash(key) }, found) === "ours";
  return isOurs ? found : latestGroup(client, key);
}

interface Attempt {
  readonly handle: WholeHandle;
  readonly group: Snapshot;
  readonly reason: string;
  readonly last: Marked | undefined;
}

// Marks a group, and deletes it if nobody else has.
async function cancelAttempt(client: AciClient, { handle, group, reason, last }: Attempt): Promise<Marked> {
  const { clock } = partsOf(client);
  const { groupName } = group;
  const before = last?.groupName === groupName ? last : { until: clock.now() + OTHERS_LOOK_WITHIN_IN_MS, isHeard: false };
  const isHeard = before.isHeard || isUnderWay(handle, await mark(client, group, reason));
  if (clock.now() >= before.until) await client.delete(groupName);
  return { groupName, attempt: attemptOf(group), until: before.until, isHeard };
}

// A marked group as it was seen last. A PATCH replaces all tags: somebody who had read them before may have taken the mark away.
// One that is new may not be found yet.
async function mark(client: AciClient, group: Snapshot, reason: string): Promise<Snapshot | undefined> {
  const { gateway, clock } = partsOf(client);
  if (tagOf(group, TAGS.cancel) !== undefined) return group;
  const patch = (): Promise<Snapshot> => gateway.patchTags(group.groupName, { ...group.tags, [TAGS.cancel]: reason }, {});
  return orAbsent(retry(clock, patch, undefined), undefined);
}

// Whether a look shows that a container that decides has not ended.
function isUnderWay({ main, limits: { doneWhen } }: WholeHandle, group: Snapshot | undefined): boolean {
  const deciding = group?.containers.filter(({ containerName }) => doneWhen === "all" || containerName === main) ?? [];
  return deciding.some(({ currentState }) => currentState?.state === "Waiting" || currentState?.state === "Running");
}

// How long nothing must be found of a job until it is taken for over.
function quietInMs(handle: WholeHandle, last: Marked | undefined): number {
  const pause = pauseBeforeNext(handle, last);
  if (last !== undefined && (last.isHeard || pause === undefined)) return LOOK_EVERY_IN_MS;
  return UNSURE_FOR_IN_MS + (pause ?? 0);
}

// The longest pause before another attempt, or undefined if none can follow. Of a job that was found by its key nothing is known
// of that.
function pauseBeforeNext({ limits: { retry }, state }: WholeHandle, last: Marked | undefined): number | undefined {
  if (state.phase === "done") return undefined;
  if (retry === undefined) return 0;
  const made = (state.earlier?.length ?? 0) + 1 + (last === undefined ? 0 : last.attempt - state.attempt);
  return made >= retry.maxAttempts ? undefined : Math.min(retry.longestDelayInMs, retry.firstDelayInMs * 2 ** (made - 1));
}
