import { CleanupError, isAciError } from "../errors.js";
import { classifyFault } from "../lifecycle/classify-fault.js";
import type { DeleteOptions } from "./options.js";
import type { ClientParts } from "./parts.js";
import { retry } from "./retry.js";

const LOOK_EVERY_IN_MS = 2000;
const DELETE_EVERY_IN_MS = 10_000;

// Deletes a group and sees that it is gone: one look after a 200 or 204, two and a list after a 202.
export async function ensureGone(parts: ClientParts, groupName: string, options: DeleteOptions): Promise<void> {
  const { clock } = parts;
  const { abortSignal, timeoutInMs = 300_000 } = options;
  const deadline = clock.now() + timeoutInMs;
  let resourceId: string | undefined;
  for (;;) {
    const isAccepted = (await sendDelete(parts, groupName, abortSignal)) === "accepted";
    const again = clock.now() + DELETE_EVERY_IN_MS;
    for (let misses = 0; misses > 0 || clock.now() < again; ) {
      const id = await idOf(parts, groupName, abortSignal);
      misses = id === undefined ? misses + 1 : 0;
      resourceId = id ?? resourceId;
      if (await isProved(misses, isAccepted, () => isListed(parts, groupName, abortSignal))) return;
      if (clock.now() >= deadline) throw stillThere(groupName, timeoutInMs, resourceId);
      await clock.sleep(LOOK_EVERY_IN_MS, abortSignal);
    }
  }
}

async function isProved(misses: number, isAccepted: boolean, isListedStill: () => Promise<boolean>): Promise<boolean> {
  if (!isAccepted) return misses > 0;
  return misses > 1 && !(await isListedStill());
}

async function sendDelete(parts: ClientParts, groupName: string, abortSignal: AbortSignal | undefined): Promise<string> {
  try {
    return await retry(() => parts.gateway.delete(groupName, { abortSignal }), abortSignal);
  } catch (error) {
    if (isAciError(error) && classifyFault(error).kind === "absent") return "gone";
    throw error;
  }
}

async function idOf(parts: ClientParts, groupName: string, abortSignal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    return (await retry(() => parts.gateway.get(groupName, { abortSignal }), abortSignal)).id;
  } catch (error) {
    if (isAciError(error) && classifyFault(error).kind === "absent") return undefined;
    throw error;
  }
}

async function isListed(parts: ClientParts, groupName: string, abortSignal: AbortSignal | undefined): Promise<boolean> {
  let next: string | undefined;
  do {
    const from = next;
    const page = await retry(() => parts.gateway.list(from, { abortSignal }), abortSignal);
    if (page.items.some((item) => item.groupName.toLowerCase() === groupName.toLowerCase())) return true;
    next = page.next;
  } while (next !== undefined);
  return false;
}

function stillThere(groupName: string, timeoutInMs: number, resourceId: string | undefined): CleanupError {
  const text = `Delete of container group "${groupName}" was accepted, but the group was still there after ${timeoutInMs} ms`;
  return new CleanupError(text, { code: "ACI_CLEANUP_FAILED", resourceId, isRetryable: true });
}
