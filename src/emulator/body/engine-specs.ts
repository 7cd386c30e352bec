import { MountError, type EngineContainerSpec, type EngineGroupSpec, type EngineVolume, type RegistryLogin } from "../engine.js";
import { registryAt, registryOf } from "./image-name.js";
import type { ContainerBody, GroupBody, GroupProperties, VolumeBody } from "./group-body.js";

/** The folder of a file share; undefined if there is no such share. */
export type FindShare = (account: string, share: string) => string | undefined;

/** What the engine has to make for a group, before its first container. */
export function engineGroupSpec(id: string, name: string, body: GroupBody, findShare: FindShare): EngineGroupSpec {
  const { ipAddress, volumes, containers, initContainers, restartPolicy } = body.properties;
  const isSingleRun = containers.length === 1 && initContainers.length === 0 && restartPolicy === "Never";
  const ports = (ipAddress?.ports ?? []).map(({ port, protocol }) => ({ port, protocol: protocol ?? ("TCP" as const) }));
  const hostNames = ipAddress?.dnsNameLabel === undefined ? [] : [fqdnOf(ipAddress.dnsNameLabel, body.location)];
  return { id, name, ports, hostNames, isSingleRun, volumes: (volumes ?? []).map((volume) => engineVolume(volume, findShare)) };
}

/** The body without the volumes whose shares are gone; itself if there are none. */
export function withoutLostShares(body: GroupBody, findShare: FindShare): GroupBody {
  const { volumes = [] } = body.properties;
  const there = volumes.filter(({ azureFile }) => azureFile === undefined || findShare(azureFile.storageAccountName, azureFile.shareName) !== undefined);
  return there.length === volumes.length ? body : { ...body, properties: { ...body.properties, volumes: there } };
}

/** What the engine has to start for one run of a container. `added` is what it finds in its environment besides its own. */
export function engineContainerSpec(properties: GroupProperties, container: ContainerBody, run: number, isInit: boolean, added: Readonly<Record<string, string>> = {}): EngineContainerSpec {
  const { image, command, environmentVariables, resources, volumeMounts } = container.properties;
  const amounts = { ...resources?.requests, ...resources?.limits };
  const readOnly = new Set((properties.volumes ?? []).filter((volume) => volume.secret !== undefined || volume.azureFile?.readOnly).map(({ name }) => name));
  return {
    name: container.name,
    image,
    command: command ?? [],
    environment: { ...added, ...Object.fromEntries(environmentVariables.map(({ name, value, secureValue }) => [name, secureValue ?? value ?? ""])) },
    cpu: amounts.cpu,
    memoryInGB: amounts.memoryInGB,
    mounts: (volumeMounts ?? []).map(({ name, mountPath, readOnly: isReadOnly }) => ({ volume: name, path: mountPath, isReadOnly: isReadOnly === true || readOnly.has(name) })),
    run,
    isInit,
  };
}

/** The login for an image's registry, if the group gives one. */
export function registryLogin(properties: GroupProperties, image: string): RegistryLogin | undefined {
  const registry = registryOf(image);
  const found = properties.imageRegistryCredentials?.find((login) => registryAt(login.server) === registry);
  if (found?.username === undefined || found.password === undefined) return undefined;
  return { server: found.server, username: found.username, password: found.password };
}

/** The full name of a group that has a label. */
export function fqdnOf(label: string, location: string): string {
  return `${label}.${location.toLowerCase().replaceAll(" ", "")}.azurecontainer.io`;
}

function engineVolume(volume: VolumeBody, findShare: FindShare): EngineVolume {
  const { name, azureFile, secret, gitRepo } = volume;
  if (azureFile !== undefined) {
    const path = findShare(azureFile.storageAccountName, azureFile.shareName);
    if (path === undefined) throw new MountError(`Failed to mount Azure File Volume '${azureFile.shareName}' of account '${azureFile.storageAccountName}': no such share.`, true);
    return { name, kind: "folder", path, isReadOnly: azureFile.readOnly === true };
  }
  if (secret !== undefined) {
    return { name, kind: "secret", files: Object.fromEntries(Object.entries(secret).map(([file, value]) => [file, Buffer.from(value, "base64")])) };
  }
  return gitRepo === undefined ? { name, kind: "emptyDir" } : { name, kind: "gitRepo", ...gitRepo };
}
