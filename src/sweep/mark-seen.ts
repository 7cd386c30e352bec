import { findGroup, orAbsent } from "../client/find-group.js";
import { retry } from "../client/retry.js";
import type { CreatedGroup } from "../gateway.js";
import { TAGS } from "../lifecycle/identity.js";
import { isOwned } from "./judge/judge.js";
import type { Pass } from "./pass.js";

// Notes on a group of unknown age that it is there: the next passes count from this time. A PATCH replaces all tags, so
// that the others are read first.
export async function markSeen({ parts, options, now }: Pass, group: CreatedGroup): Promise<"marked" | "gone" | "changed"> {
  const { groupName } = group;
  const { abortSignal } = options;
  const snapshot = await findGroup(parts, groupName, abortSignal);
  if (snapshot === undefined) return "gone";
  if (!isOwned({ ...group, tags: snapshot.tags }, parts.owner)) return "changed";
  if (snapshot.tags[TAGS.seen] !== undefined) return "marked";
  const tags = { ...snapshot.tags, [TAGS.seen]: new Date(now).toISOString() };
  const patched = await orAbsent(retry(parts.clock, () => parts.gateway.patchTags(groupName, tags, { abortSignal }), abortSignal), undefined);
  return patched === undefined ? "gone" : "marked";
}
