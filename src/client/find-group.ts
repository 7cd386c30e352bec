import type { ContainerSnapshot, Snapshot } from "../container-group.js";
import { AciError, isAciError } from "../errors.js";
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

// A container of a group by its name. A group never gets another container, so that one that is not there never comes.
export function containerOf({ groupName, id, containers, initContainers }: Snapshot, name: string): ContainerSnapshot {
  const all = [...containers, ...initContainers];
  const found = all.find(({ containerName }) => containerName === name);
  if (found !== undefined) return found;
  const names = all.map(({ containerName }) => containerName).join(", ");
  throw new AciError(`Container group "${groupName}" has no container "${name}", only ${names}`, { code: "ACI_NOT_FOUND", resourceId: id });
}
