import type { AciClient } from "../client/aci-client.js";
import { partsOf } from "../client/parts.js";
import type { CreatedGroup } from "../gateway.js";
import type { JobFault } from "../job-result.js";
import { faultData } from "../lifecycle/faults/fault-data.js";
import { TAGS } from "../lifecycle/identity.js";
import { Brake } from "./brake.js";
import type { Verdict } from "./judge/judge.js";
import { listOwned } from "./list-owned.js";
import { markSeen } from "./mark-seen.js";
import { verdictOf, type Pass } from "./pass.js";
import { ALREADY_GONE, CHANGED, remove, type Done } from "./remove.js";
import { resolveSweepOptions, type SweepOptions } from "./sweep-options.js";
import { reportOf, type Outcome, type SweepReport } from "./sweep-report.js";

// So many groups are looked at and deleted at a time.
const WIDTH = 8;

interface Judged {
  readonly group: CreatedGroup;
  readonly verdict: Exclude<Verdict, { kind: "foreign" }>;
}

/**
 * Deletes the groups of the client's owner whose time is over: what processes have left behind that died, or that could
 * not delete what they had made. Call it on a timer; two at once do no harm.
 *
 * A job's group has the limits of its job in a tag. Its time is over when it is older than all of them together and a
 * grace, by Azure's clock. What has not this very owner in its tags is never touched, and what cannot be read is left
 * alone. Right before a delete the group is looked at again: it must be the same, with the same tags.
 *
 * @param client - Whose groups: those of its `owner` in its resource group.
 * @param options - See {@link SweepOptions}.
 * @returns What became of each group. That one could not be deleted is told there, too.
 * @throws {@link AciError} if the groups could not all be listed. Then nothing was deleted.
 * @throws RangeError or TypeError if an option cannot be right. What the store rejects with, if it cannot be read: nothing
 * was deleted then either.
 *
 * @example
 * ```ts
 * const { counts, groups } = await sweep(client);
 * if (counts.failed > 0) console.error(groups.filter(({ action }) => action === "failed"));
 * ```
 * @public
 */
export async function sweep(client: AciClient, options: SweepOptions = {}): Promise<SweepReport> {
  const resolved = resolveSweepOptions(options);
  const parts = partsOf(client);
  const { groups, now } = await listOwned(parts, resolved.abortSignal);
  const brake = new Brake(resolved.maxDeletes ?? Math.max(10, Math.floor(groups.length / 5)));
  const pass: Pass = { parts, options: resolved, now, brake };
  // All are judged before the first is deleted: what cannot be read then stops the pass.
  const judged: Judged[] = [];
  for (const group of groups) {
    const verdict = await verdictOf(pass, group);
    if (verdict.kind !== "foreign") judged.push({ group, verdict });
  }
  // Those whose time is over the longest come first.
  judged.sort((a, b) => overSince(a) - overSince(b));
  return reportOf(parts.owner, now, resolved.isDryRun, await actOnAll(pass, judged));
}

function overSince({ verdict }: Judged): number {
  return verdict.kind === "expired" ? verdict.since : Number.MAX_VALUE;
}

async function actOnAll(pass: Pass, judged: readonly Judged[]): Promise<readonly Outcome[]> {
  const outcomes = new Array<Outcome>(judged.length);
  const queue = judged.entries();
  const work = async (): Promise<void> => {
    for (const [index, one] of queue) outcomes[index] = await act(pass, one);
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
  return outcomes;
}

async function act(pass: Pass, one: Judged): Promise<Outcome> {
  try {
    return outcomeOf(one, await actOn(pass, one));
  } catch (error) {
    pass.options.abortSignal?.throwIfAborted();
    return outcomeOf(one, { action: "failed" }, faultData(error));
  }
}

async function actOn(pass: Pass, { group, verdict }: Judged): Promise<Done> {
  if (verdict.kind === "expired") return remove(pass, group, verdict);
  if (verdict.kind !== "unseen") return { action: verdict.kind };
  if (pass.options.isDryRun) return { action: "alive", reason: "Azure does not tell its age, and a dry run does not mark it" };
  const marked = await markSeen(pass, group);
  if (marked === "marked") return { action: "marked", reason: "Azure does not tell its age: it counts from now" };
  return marked === "gone" ? ALREADY_GONE : CHANGED;
}

function outcomeOf({ group, verdict }: Judged, { action, reason, costPerHour }: Done, error?: JobFault): Outcome {
  const job = group.tags[TAGS.job];
  const ageInMs = "ageInMs" in verdict ? verdict.ageInMs : undefined;
  const entry = {
    groupName: group.groupName,
    resourceId: group.id,
    ...(job !== undefined && { job }),
    action,
    reason: reason ?? ("reason" in verdict ? verdict.reason : "its age could not be found out"),
    ...(ageInMs !== undefined && { ageInMs }),
    ...(error && { error }),
  };
  return { entry, costPerHour };
}
