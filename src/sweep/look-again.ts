import { findGroup } from "../client/find-group.js";
import type { Snapshot } from "../container-group.js";
import type { CreatedGroup } from "../gateway.js";
import { listAgain } from "./list-owned.js";
import { verdictOf, type Pass } from "./pass.js";

// A group right before it is deleted, if it still is what was judged: the same incarnation, with the same tags, and still
// over its time. Azure has no delete on condition, so that the moment between this look and the delete remains.
export async function lookAgain(pass: Pass, group: CreatedGroup): Promise<Snapshot | "gone" | "changed"> {
  const { parts, options } = pass;
  const listed = await listAgain(parts, group, options.abortSignal);
  const isOver = listed !== undefined && listed.createdAt === group.createdAt && (await verdictOf(pass, listed)).kind === "expired";
  const snapshot = await findGroup(parts, group.groupName, options.abortSignal);
  if (snapshot === undefined) return "gone";
  const isSame = snapshot.id.toLowerCase() === group.id.toLowerCase() && hasTagsOf(snapshot, group);
  return isOver && isSame ? snapshot : "changed";
}

function hasTagsOf({ tags }: Pick<CreatedGroup, "tags">, other: Pick<CreatedGroup, "tags">): boolean {
  const names = Object.keys(tags);
  return names.length === Object.keys(other.tags).length && names.every((name) => tags[name] === other.tags[name]);
}
