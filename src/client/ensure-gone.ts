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
  let misses = 0;
  let [needed, deletedAt, resourceId]: [number, number, string | undefined] = [1, -Infinity, undefined];
  for (;;) {
    if (misses === 0 && clock.now() - deletedAt >= DELETE_EVERY_IN_MS) {
      needed = (await sendDelete(parts, groupName, abortSignal)) === "accepted" ? 2 : 1;
      deletedAt = clock.now();
    }
    const id = await idOf(parts, groupName, abortSignal);
    misses = id === undefined ? misses + 1 : 0;
    resourceId = id ?? resourceId;
    if (misses >= needed && (needed === 1 || !(await isListed(parts, groupName, abortSignal)))) return;
    if (clock.now() >= deadline) throw stillThere(groupName, timeoutInMs, resourceId);
    await clock.sleep(LOOK_EVERY_IN_MS, abortSignal);
  }
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
