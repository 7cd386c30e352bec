import type { AciClient } from "../client/aci-client.js";
import type { Snapshot } from "../container-group.js";
import type { CompletionStrategy } from "../completion-strategy.js";
import { checkStrategy } from "../completion/check-strategy.js";
import { sendBy } from "../completion/harmless.js";
import type { Clock } from "../internal/clock.js";
import { findGroup, orAbsent } from "../client/find-group.js";
import { partsOf } from "../client/parts.js";
import { retry } from "../client/retry.js";
import { expectForm, expectKeys } from "../lifecycle/expect.js";
import { jobHash, TAGS, tagOf, whose } from "../lifecycle/identity.js";
import { attemptOf, latestGroup, resolveRef } from "./find-container-job.js";
import type { JobRef, WholeHandle } from "./drive/job-handle.js";
import { decidingOf } from "./machine/outcome/verdict.js";

// Whoever waits for the job looks at it at least this often, unless a tag says that it is less, and then reads its logs and
// deletes it.
const OTHERS_LOOK_EVERY_IN_MS = 30_000;
const LONGEST_PAUSE_IN_MS = 600_000;
// A look takes a while.
const OTHERS_LOOK_FOR_IN_MS = 5000;
// So often is waited again because the mark was not found to be set, or was taken away.
const MOST_MARKS = 3;
const LOOK_EVERY_IN_MS = 1000;
const LOOK_IN_VAIN_EVERY_IN_MS = 5000;
// ARM answers 404 for a while after a create, and whoever carries the job on may take so long to create its next group.
const UNSURE_FOR_IN_MS = 30_000;

/** Options for {@link cancelContainerJob}. @public */
export interface CancelContainerJobOptions {
  /** Told to whoever waits for the job; at most 256 characters count. @defaultValue `"canceled"` */
  readonly reason?: string | undefined;
  /**
   * The strategy of the job, where it has one by which a signal can be left, such as {@link webhook} with a mailbox that is
   * shared: whoever waits is then told at once. @defaultValue none: it is seen at the next look
   */
  readonly completion?: CompletionStrategy | undefined;
}

/** The attempt that was last seen. */
interface Marked {
  readonly groupName: string;
  readonly attempt: number;
  /** Until when it is left to others, and until when at the latest, whatever becomes of the mark. */
  readonly until: number;
  readonly latest: number;
  /** The mark was there before the end of its container: whoever waits for that end reads the mark with it. */
  readonly isHeard: boolean;
}

/**
 * Cancels a job from any process. Marks the group of its latest attempt by a tag, so that whoever waits for the job reads its
 * logs, deletes the group and ends as `canceled`, without another attempt; if nobody does within 35 seconds of that, deletes the
 * group itself. For a job whose strategy looks more seldom that is 5 seconds more than the longest pause it was begun with: 125
 * for a {@link webhook}. With its `completion` whoever waits is told at once. Resolves when no group of the job is there, by
 * several looks and a list.
 *
 * Who was kept from looking all that time, or has taken the job up with a strategy that looks more seldom than the first, finds
 * no group any more and ends as `lost`.
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
  const { clock } = partsOf(client);
  expectKeys("options", options, ["reason", "completion"]);
  if (options.reason !== undefined) expectForm("reason", options.reason, /^/u, "a string");
  if (options.completion !== undefined) checkStrategy("completion", options.completion);
  const { handle } = await resolveRef(client, job, undefined);
  const reason = (options.reason ?? "canceled").slice(0, 256);
  let last: Marked | undefined;
  let missingSince = Infinity;
  for (;;) {
    const group = await findLatest(client, handle, last);
    missingSince = group === undefined ? Math.min(missingSince, clock.now()) : Infinity;
    if (group !== undefined) last = await cancelAttempt(client, { handle, group, reason, last, completion: options.completion });
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
  readonly completion: CompletionStrategy | undefined;
}

// Marks a group, and deletes it if nobody else has.
async function cancelAttempt(client: AciClient, { handle, group, reason, last, completion }: Attempt): Promise<Marked> {
  const { clock } = partsOf(client);
  const { groupName } = group;
  const isNew = last?.groupName !== groupName;
  // Where the mark was taken away, it is another one that has to be heard.
  const wasMarked = tagOf(group, TAGS.cancel) !== undefined;
  const marked = await mark(client, group, reason);
  const isHeard = (!isNew && last.isHeard && wasMarked) || isUnderWay(handle, marked);
  const times = timesFor(group, clock.now(), isNew ? undefined : last, wasMarked);
  if (isNew && completion !== undefined) await tellOthers(completion, groupName, clock);
  if (clock.now() >= times.until) await client.delete(groupName);
  return { groupName, attempt: attemptOf(group), ...times, isHeard };
}

// Others can see the mark from when Azure has set it, which may take long, or have to be done again.
function timesFor(group: Snapshot, now: number, last: Marked | undefined, wasMarked: boolean): Pick<Marked, "until" | "latest"> {
  const pause = othersLookWithinInMs(group);
  if (last === undefined) return { until: now + pause, latest: now + MOST_MARKS * pause };
  return { until: wasMarked ? last.until : Math.min(now + pause, last.latest), latest: last.latest };
}

// How long it takes until those have looked who wait for a job.
function othersLookWithinInMs(group: Snapshot): number {
  const pause = Number(tagOf(group, TAGS.pause) ?? 0);
  return Math.min(Math.max(OTHERS_LOOK_EVERY_IN_MS, pause > 0 ? pause : 0), LONGEST_PAUSE_IN_MS) + OTHERS_LOOK_FOR_IN_MS;
}

// Lets those look at once who wait for a job. Where that fails they do so in their own time.
async function tellOthers(completion: CompletionStrategy, groupName: string, clock: Clock): Promise<void> {
  const at = new Date(clock.now()).toISOString();
  await sendBy(completion, { id: `${groupName}/canceled`, groupName, kind: "changed", source: completion.name, at }, clock).catch(() => undefined);
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
function isUnderWay(handle: WholeHandle, group: Snapshot | undefined): boolean {
  return group !== undefined && decidingOf(handle, group).some(({ currentState }) => currentState?.state === "Waiting" || currentState?.state === "Running");
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
