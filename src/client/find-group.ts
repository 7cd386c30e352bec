import type { Snapshot } from "../container-group.js";
import { isAciError } from "../errors.js";
import { classifyFault } from "../lifecycle/faults/classify-fault.js";
import type { ClientParts } from "./parts.js";
import { retry } from "./retry.js";

// The state of a group, or nothing if there is none.
export async function findGroup({ gateway, clock }: ClientParts, groupName: string, abortSignal?: AbortSignal): Promise<Snapshot | undefined> {
  return orAbsent(retry(clock, () => gateway.get(groupName, { abortSignal }), abortSignal), undefined);
}

// An answer, or something else in its place where the service says that there is no such group.
export async function orAbsent<T, A>(answer: Promise<T>, absent: A): Promise<T | A> {
  try {
    return await answer;
  } catch (error) {
    if (isAciError(error) && classifyFault(error).kind === "absent") return absent;
    throw error;
  }
}
