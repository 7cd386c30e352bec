import type { Snapshot } from "../container-group.js";
import { CleanupError, isAciError } from "../errors.js";
import type { DeleteAnswer } from "../gateway.js";
import { itemsOf } from "../lifecycle/items-of.js";
import { findGroup, orAbsent } from "./find-group.js";
import type { DeleteOptions } from "./options.js";
import type { ClientParts } from "./parts.js";
import { retry } from "./retry.js";

const LOOK_EVERY_IN_MS = 2000;
const DELETE_EVERY_IN_MS = 10_000;
// So many looks in a row must miss a group after an answer to its delete.
const MISSES_AFTER: Readonly<Record<DeleteAnswer, number>> = { deleted: 1, accepted: 2, gone: 2 };

// Deletes a group and sees that it is gone.
export async function ensureGone(parts: ClientParts, groupName: string, options: DeleteOptions): Promise<void> {
  const { clock } = parts;
  const { abortSignal, timeoutInMs = 300_000 } = options;
  const deadline = clock.now() + timeoutInMs;
  let resourceId: string | undefined;
  for (let isFirst = true; ; isFirst = false) {
    const sent = orAbsent(retry(clock, () => parts.gateway.delete(groupName, { abortSignal }), abortSignal), "gone" as const);
    // Where nothing was found before, the resource group may just have a wrong name.
    const answer = await (isFirst ? sent : orWithoutResourceGroup(sent, "gone" as const));
    const watched = await watchGone(parts, groupName, answer, { until: clock.now() + DELETE_EVERY_IN_MS, deadline, abortSignal });
    if (watched.isGone) return;
    resourceId = watched.resourceId ?? resourceId;
    if (clock.now() >= deadline) throw stillThere(groupName, timeoutInMs, resourceId);
  }
}

interface WatchTimes {
  /** Until when to look at a group that is there. One that was missed is looked at until it is sure. */
  readonly until: number;
  readonly deadline: number;
  readonly abortSignal: AbortSignal | undefined;
}

// Looks whether a deleted group is gone: one look after a 200, two and a list after any other answer. Who says that there is no
// group may be the one that does not find it.
export async function watchGone(parts: ClientParts, groupName: string, answer: DeleteAnswer, times: WatchTimes): Promise<{ readonly isGone: boolean; readonly resourceId?: string | undefined }> {
  const { until, deadline, abortSignal } = times;
  let resourceId: string | undefined;
  for (let misses = 0; misses > 0 || parts.clock.now() < until; ) {
    const group = await orWithoutResourceGroup<Snapshot | undefined, undefined>(findGroup(parts, groupName, abortSignal), undefined);
    resourceId = group?.id ?? resourceId;
    misses = group === undefined ? misses + 1 : 0;
    if (misses >= MISSES_AFTER[answer]) {
      if (answer === "deleted" || !(await isListed(parts, groupName, abortSignal))) return { isGone: true };
      misses = 0;
    }
    if (parts.clock.now() >= deadline) break;
    await parts.clock.sleep(LOOK_EVERY_IN_MS, abortSignal);
  }
  return { isGone: false, resourceId };
}

// Whether a list has the group: one 404 proves nothing.
export async function isListed({ gateway, clock }: ClientParts, groupName: string, abortSignal: AbortSignal | undefined): Promise<boolean> {
  const groups = itemsOf((page) => orWithoutResourceGroup(retry(clock, () => gateway.list(page, { abortSignal }), abortSignal), { items: [] }));
  for await (const group of groups) if (group.groupName.toLowerCase() === groupName.toLowerCase()) return true;
  return false;
}

// An answer, or something else in its place where the resource group is gone, and all that was in it.
async function orWithoutResourceGroup<T, A>(answer: Promise<T>, gone: A): Promise<T | A> {
  try {
    return await answer;
  } catch (error) {
    if (isAciError(error) && error.serviceCode?.toLowerCase() === "resourcegroupnotfound") return gone;
    throw error;
  }
}

function stillThere(groupName: string, timeoutInMs: number, resourceId: string | undefined): CleanupError {
  const text = `Delete of container group "${groupName}" was accepted, but the group was still there after ${timeoutInMs} ms`;
  return new CleanupError(text, { code: "ACI_CLEANUP_FAILED", resourceId, isRetryable: true });
}
