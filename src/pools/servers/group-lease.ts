import type { Snapshot } from "../../container-group.js";
import { orAbsent } from "../../client/find-group.js";
import type { ClientParts } from "../../client/parts.js";
import { retry } from "../../client/retry.js";
import { tagOf, TAGS } from "../../lifecycle/identity.js";

// Leases go by Azure's clock, as a sweep does that judges by them: `now` is the time by it.

// Whether less than half of a group's lease is left. What cannot be read is renewed.
export function isLeaseDue(snapshot: Pick<Snapshot, "tags">, now: number, leaseInMs: number): boolean {
  const end = Date.parse(tagOf(snapshot, TAGS.lease) ?? "");
  return !(end - now > leaseInMs / 2);
}

// Until when a group is wanted, as its tag says it.
export function leaseUntil(end: number): string {
  return new Date(end).toISOString();
}

// Writes on a group until when it is wanted. A PATCH replaces all tags, so that those which a look has shown go back with it.
export async function renewLease({ gateway, clock, azureClock }: ClientParts, { groupName, tags }: Pick<Snapshot, "groupName" | "tags">, leaseInMs: number, abortSignal?: AbortSignal): Promise<void> {
  const others = Object.entries(tags).filter(([name]) => name.toLowerCase() !== TAGS.lease);
  const renewed = { ...Object.fromEntries(others), [TAGS.lease]: leaseUntil(azureClock.now() + leaseInMs) };
  await orAbsent(retry(clock, () => gateway.patchTags(groupName, renewed, { abortSignal }), abortSignal), undefined);
}
