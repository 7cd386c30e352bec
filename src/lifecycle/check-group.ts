import type { ContainerSpec, GroupSettings, InitContainerSpec } from "../container-spec.js";
import { checkContainer, CONTAINER_FIELDS, INIT_FIELDS } from "./checks/check-container.js";
import { checkMounts } from "./checks/check-mounts.js";
import { checkSettings } from "./checks/check-settings.js";
import { checkVolume } from "./checks/check-volume.js";
import { fieldsOf, type FieldNames } from "./checks/field-names.js";
import { expectList, fail } from "./expect.js";

export const GROUP_FIELDS = ["volumes", "initContainers", "address", "registries", "identity", "subnetId", "priority", "logAnalytics", "tags", "osType", "location", "arm"] as const;

// Checks what this library itself relies on, what it would silently leave out, and what ACI would refuse only minutes later; the
// rest is left to Azure.
export function checkGroup(containers: readonly ContainerSpec[], settings: GroupSettings, namesOf = (i: number): FieldNames => fieldsOf(`containers[${i}]`)): void {
  if (containers.length === 0) fail("containers", "at least one container", containers);
  expectList("volumes", settings.volumes);
  const volumes = settings.volumes ?? [];
  volumes.forEach((volume, i) => checkVolume(`volumes[${i}]`, volume));
  const volumeNames = new Set(volumes.map(({ name }) => name));
  const taken = new Set<string>();
  const check = (names: FieldNames, container: ContainerSpec | InitContainerSpec, fields: readonly string[]): void => {
    checkContainer(names, container, fields);
    if (taken.has(container.name)) fail(names("name"), "a name that no other container has", container.name);
    taken.add(container.name);
    checkMounts(names, container.mounts, volumeNames);
  };
  containers.forEach((container, i) => check(namesOf(i), container, CONTAINER_FIELDS));
  expectList("initContainers", settings.initContainers);
  settings.initContainers?.forEach((container, i) => check(fieldsOf(`initContainers[${i}]`), container, INIT_FIELDS));
  checkSettings(settings);
}
