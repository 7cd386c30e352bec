import type { AciClient } from "../client/aci-client.js";
import type { Snapshot } from "../container-group.js";
import { findGroup } from "../client/find-group.js";
import { partsOf } from "../client/parts.js";
import { retry } from "../client/retry.js";
import { expectKeys } from "../lifecycle/expect.js";
import { jobHash, TAGS, tagOf, whose } from "../lifecycle/identity.js";
import { resolveRef } from "./find-container-job.js";
import type { JobRef } from "./drive/job-handle.js";

// Whoever waits for the job looks at it at least this often, and then reads its logs and deletes it.
const OTHERS_LOOK_WITHIN_IN_MS = 35_000;
const LOOK_EVERY_IN_MS = 1000;

/** Options for {@link cancelContainerJob}. @public */
export interface CancelContainerJobOptions {
  /** Told to whoever waits for the job; at most 256 characters count. @defaultValue `"canceled"` */
  readonly reason?: string | undefined;
}

/**
 * Cancels a job from any process. Marks its group by a tag, so that whoever waits for the job reads its logs, deletes
 * the group and ends as `canceled`; if nobody does within 35 seconds, deletes the group itself. Resolves when the group
 * is gone.
 *
 * @throws {@link AciError} `ACI_NOT_FOUND` if a key was given and no group of it exists.
 * @throws {@link CleanupError} if the group could not be deleted.
 * @public
 */
export async function cancelContainerJob(client: AciClient, job: JobRef, options: CancelContainerJobOptions = {}): Promise<void> {
  expectKeys("options", options, ["reason"]);
  const parts = partsOf(client);
  const { handle } = await resolveRef(client, job, undefined);
  const { groupName } = handle.state;
  const group = await findGroup(parts, groupName);
  // A name may be somebody else's by now.
  const isOurs = (one: Snapshot): boolean => whose({ owner: parts.owner, job: jobHash(handle.key) }, one) === "ours";
  if (group === undefined || !isOurs(group)) return;
  const reason = (options.reason ?? "canceled").slice(0, 256);
  const mark = async ({ tags }: Snapshot): Promise<unknown> => retry(parts.clock, () => parts.gateway.patchTags(groupName, { ...tags, [TAGS.cancel]: reason }, {}), undefined);
  await mark(group);
  const until = parts.clock.now() + OTHERS_LOOK_WITHIN_IN_MS;
  while (parts.clock.now() < until) {
    const found = await findGroup(parts, groupName);
    if (found === undefined || !isOurs(found)) return;
    // A PATCH replaces all tags: somebody who had read them before has taken the mark away.
    if (tagOf(found, TAGS.cancel) === undefined) await mark(found);
    await parts.clock.sleep(LOOK_EVERY_IN_MS);
  }
  await client.delete(groupName);
}
