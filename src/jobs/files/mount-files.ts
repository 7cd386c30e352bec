import type { ContainerGroupSpec } from "../../container-group.js";
import type { AzureFileVolume, Environment, InitContainerSpec } from "../../container-spec.js";
import type { ContainerJobSpec } from "../spec/job-spec.js";

export const VOLUME_NAME = "job-files";
export const FOLDER_VARIABLE = "ACI_JOB_FOLDER";

// Where the containers see the share.
export function mountPathOf({ files }: Pick<ContainerJobSpec<string>, "files">): string {
  return files?.mountPath ?? "/job";
}

// The group with the job's share in every container, and its folder there told by name.
export function mountFiles(group: ContainerGroupSpec, azureFile: AzureFileVolume["azureFile"], mountPath: string): ContainerGroupSpec {
  const folder = `${mountPath.replace(/\/+$/u, "")}/${group.name}`;
  const mounted = <C extends InitContainerSpec>(container: C): C => ({
    ...container,
    command: container.command?.map((word) => tell(word, folder)),
    environment: { ...toldIn(container.environment ?? {}, folder), [FOLDER_VARIABLE]: folder },
    mounts: [...(container.mounts ?? []), { volume: VOLUME_NAME, path: mountPath }],
  });
  return {
    ...group,
    containers: group.containers.map(mounted),
    initContainers: group.initContainers?.map(mounted),
    volumes: [...(group.volumes ?? []), { name: VOLUME_NAME, azureFile }],
  };
}

function toldIn(environment: Environment, folder: string): Environment {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, typeof value === "string" ? tell(value, folder) : value]));
}

function tell(text: string, folder: string): string {
  return text.replaceAll(`$(${FOLDER_VARIABLE})`, folder);
}
