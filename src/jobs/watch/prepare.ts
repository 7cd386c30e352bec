import type { Preparation } from "../../completion-strategy.js";
import { prepareBy } from "../../completion/harmless.js";
import { longestPauseOf, SCHEDULE_IN_MS } from "../../completion/longest-pause.js";
import type { ContainerGroupSpec } from "../../container-group.js";
import { TAGS } from "../../lifecycle/identity.js";
import type { ActiveJob } from "../drive/active-job.js";
import { jobView } from "./job-view.js";
import { tellTrouble } from "./listening.js";
import { DEFAULT_STRATEGY } from "./strategy-of.js";

// The group with what the strategy of the job needs in it. One that cannot say in time what that is has no part in what this
// process does; whoever takes the job up may look as seldom as it wants to.
export async function withPreparation(job: ActiveJob, group: ContainerGroupSpec): Promise<ContainerGroupSpec> {
  const paused = withPause(group, longestPauseOf(job.strategy));
  try {
    return merge(paused, job.plan.main, await prepareBy(job.strategy, jobView(job), job.parts.clock));
  } catch (error) {
    tellTrouble(job, "prepare", error);
    job.strategy = DEFAULT_STRATEGY;
    return paused;
  }
}

// Whoever cancels the job has to know how long those may not look who wait for it.
function withPause(group: ContainerGroupSpec, pauseInMs: number): ContainerGroupSpec {
  return pauseInMs <= SCHEDULE_IN_MS ? group : { ...group, tags: { ...group.tags, [TAGS.pause]: String(pauseInMs) } };
}

function merge(group: ContainerGroupSpec, main: string, { environment, command, initContainers = [], volumes = [], mounts = [] }: Preparation): ContainerGroupSpec {
  return {
    ...group,
    containers: group.containers.map((container) =>
      container.name === main ? { ...container, command: command ?? container.command, environment: { ...container.environment, ...environment }, mounts: [...(container.mounts ?? []), ...mounts] } : container,
    ),
    initContainers: [...initContainers, ...(group.initContainers ?? [])],
    volumes: [...(group.volumes ?? []), ...volumes],
  };
}
