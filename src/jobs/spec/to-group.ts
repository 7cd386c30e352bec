import type { ContainerGroupSpec } from "../../container-group.js";
import { TAGS } from "../../lifecycle/identity.js";
import type { Plan } from "../machine/plan.js";
import type { MachineState } from "../machine/state.js";
import { tagOfDone } from "../options/done-when.js";
import { containersOf } from "./check-job.js";
import type { ContainerJobSpec } from "./job-spec.js";

// The group for an attempt of a job. Byte for byte the same for every try and every caller: nothing random, no times.
export function toGroup(spec: ContainerJobSpec<string>, plan: Plan, state: MachineState): ContainerGroupSpec {
  const { startTimeoutInMs, pullTimeoutInMs = 0, runTimeoutInMs, cleanupTimeoutInMs, keep, doneWhen } = plan.limits;
  const tags = {
    ...spec.tags,
    [TAGS.owner]: plan.identity.owner,
    [TAGS.job]: plan.identity.job,
    [TAGS.attempt]: String(state.attempt),
    [TAGS.spec]: plan.identity.spec ?? "",
    [TAGS.main]: plan.main,
    [TAGS.limits]: [startTimeoutInMs + pullTimeoutInMs, runTimeoutInMs, cleanupTimeoutInMs, keep].join(" "),
    ...(doneWhen && { [TAGS.done]: tagOfDone(doneWhen) }),
  };
  return {
    name: state.groupName,
    location: state.location,
    containers: containersOf(spec),
    restartPolicy: "Never",
    ...settingsOf(spec),
    tags,
  };
}

type Settings = Pick<ContainerGroupSpec, "volumes" | "initContainers" | "address" | "registries" | "identity" | "subnetId" | "priority" | "logAnalytics" | "osType" | "arm">;

// What the group of a job or of a server takes from its spec as it is.
export function settingsOf({ volumes, initContainers, address, registries, identity, subnetId, priority, logAnalytics, osType, arm }: Settings): Settings {
  return { volumes, initContainers, address, registries, identity, subnetId, priority, logAnalytics, osType, arm };
}
