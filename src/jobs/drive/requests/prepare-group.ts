import type { ContainerGroupSpec } from "../../../container-group.js";
import { AciError } from "../../../errors.js";
import { redactor, secretsIn } from "../../../internal/redact.js";
import { resolveSecrets } from "../../../lifecycle/resolve-secrets.js";
import { mountFiles, mountPathOf } from "../../files/mount-files.js";
import { LOOKED_LATELY_IN_MS } from "../../machine/deadlines.js";
import { toGroup } from "../../spec/to-group.js";
import { isWithheld } from "../../spec/withhold.js";
import { withPreparation } from "../../watch/prepare.js";
import type { ActiveJob } from "../active-job.js";
import { giveWay } from "../keep.js";

// Who needs so long every time, for its secrets perhaps, cannot do better.
const MOST_HELD_UP = 2;

// The group to create, or nothing where there is nothing to be created any more. What fails here leaves the job where it was:
// nothing was sent, and nobody is to think that it may have been.
export async function prepareGroup(job: ActiveJob, before: ActiveJob["handle"]): Promise<ContainerGroupSpec | undefined> {
  const { clock } = job.parts;
  const lookedAt = clock.now();
  try {
    const group = await unlessOvertaken(job);
    if (group === undefined) return undefined;
    if (clock.now() - lookedAt <= LOOKED_LATELY_IN_MS || ++job.heldUp > MOST_HELD_UP) return group;
    // Held up for so long, it cannot know any more that nobody has created it: it is looked for once more.
    job.handle = before;
    return undefined;
  } catch (error) {
    job.handle = before;
    throw error;
  }
}

// What it needs may take long. Whether another process has been quicker is asked last, also where it cannot be had.
async function unlessOvertaken(job: ActiveJob): Promise<ContainerGroupSpec | undefined> {
  let group: ContainerGroupSpec;
  try {
    group = await groupOf(job);
  } catch (error) {
    if (await giveWay(job)) return undefined;
    throw error;
  }
  return (await giveWay(job)) ? undefined : group;
}

async function groupOf(job: ActiveJob): Promise<ContainerGroupSpec> {
  const { spec, plan, handle, options } = job;
  if (spec === undefined || isWithheld(spec)) {
    const text = `Job "${plan.key}" cannot be started here: its spec or its secret values are known only to the process that began it`;
    throw new AciError(text, { code: "ACI_JOB_NEEDS_SECRETS" });
  }
  const group = await withPreparation(job, toGroup(spec, plan, handle.state));
  const mounted = options.fileStore === undefined || spec.files === undefined ? group : mountFiles(group, options.fileStore.mount(), mountPathOf(spec));
  const resolved = await resolveSecrets(mounted, options.secrets);
  job.hide = redactor(secretsIn(resolved));
  return resolved;
}
