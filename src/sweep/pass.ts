import type { ClientParts } from "../client/parts.js";
import type { CreatedGroup } from "../gateway.js";
import { checkHandle } from "../jobs/drive/job-handle.js";
import { storeKey } from "../jobs/drive/keep.js";
import { TAGS } from "../lifecycle/identity.js";
import type { Brake } from "./brake.js";
import { judge, type Verdict } from "./judge/judge.js";
import type { ResolvedSweepOptions } from "./sweep-options.js";

// One pass over the groups of an owner.
export interface Pass {
  readonly parts: ClientParts;
  readonly options: ResolvedSweepOptions;
  /** When it began, by Azure's clock. */
  readonly now: number;
  readonly brake: Brake;
}

// What is to become of a group. A store is asked of groups that are older than the grace; one that cannot be read rejects.
export async function verdictOf({ parts: { owner }, options, now }: Pass, group: CreatedGroup): Promise<Verdict> {
  const { graceInMs, tags, store } = options;
  const rules = { owner, graceInMs, tags };
  const verdict = judge(group, now, rules);
  const isAsked = (verdict.kind === "alive" || verdict.kind === "expired") && (verdict.ageInMs ?? 0) > graceInMs && group.tags[TAGS.lease] === undefined;
  const stored = isAsked ? await store?.read(storeKey(owner, String(group.tags[TAGS.job]))) : undefined;
  if (stored === undefined) return verdict;
  try {
    return judge(group, now, rules, checkHandle(stored.value));
  } catch {
    return { kind: "unreadable", reason: "its job in the store cannot be read" };
  }
}
