import { CleanupError } from "../errors.js";
import type { DeleteAnswer } from "../gateway.js";
import { itemsOf } from "../lifecycle/items-of.js";
import { findGroup, orAbsent } from "./find-group.js";
import type { DeleteOptions } from "./options.js";
import type { ClientParts } from "./parts.js";
import { retry } from "./retry.js";

const LOOK_EVERY_IN_MS = 2000;
const DELETE_EVERY_IN_MS = 10_000;

// Deletes a group and sees that it is gone.
export async function ensureGone(parts: ClientParts, groupName: string, options: DeleteOptions): Promise<void> {
  const { clock } = parts;
  const { abortSignal, timeoutInMs = 300_000 } = options;
  const deadline = clock.now() + timeoutInMs;
  let resourceId: string | undefined;
  for (;;) {
    const answer = await orAbsent(retry(clock, () => parts.gateway.delete(groupName, { abortSignal }), abortSignal), "gone" as const);
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

// Looks whether a deleted group is gone: one look after a 200 or 204, two and a list after a 202.
export async function watchGone(parts: ClientParts, groupName: string, answer: DeleteAnswer, times: WatchTimes): Promise<{ readonly isGone: boolean; readonly resourceId?: string | undefined }> {
  const { until, deadline, abortSignal } = times;
  let resourceId: string | undefined;
  for (let misses = 0; misses > 0 || parts.clock.now() < until; ) {
    const group = await findGroup(parts, groupName, abortSignal);
    misses = group === undefined ? misses + 1 : 0;
    resourceId = group?.id ?? resourceId;
    if (await isProved(misses, answer === "accepted", () => isListed(parts, groupName, abortSignal))) return { isGone: true };
    if (parts.clock.now() >= deadline) break;
    await parts.clock.sleep(LOOK_EVERY_IN_MS, abortSignal);
  }
  return { isGone: false, resourceId };
}

async function isProved(misses: number, isAccepted: boolean, isListedStill: () => Promise<boolean>): Promise<boolean> {
  if (!isAccepted) return misses > 0;
  return misses > 1 && !(await isListedStill());
}

// Whether a list has the group: one 404 proves nothing.
export async function isListed({ gateway, clock }: ClientParts, groupName: string, abortSignal: AbortSignal | undefined): Promise<boolean> {
  const groups = itemsOf((page) => retry(clock, () => gateway.list(page, { abortSignal }), abortSignal));
  for await (const group of groups) if (group.groupName.toLowerCase() === groupName.toLowerCase()) return true;
  return false;
}

function stillThere(groupName: string, timeoutInMs: number, resourceId: string | undefined): CleanupError {
  const text = `Delete of container group "${groupName}" was accepted, but the group was still there after ${timeoutInMs} ms`;
  return new CleanupError(text, { code: "ACI_CLEANUP_FAILED", resourceId, isRetryable: true });
}
