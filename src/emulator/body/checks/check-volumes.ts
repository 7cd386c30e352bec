import { ArmError } from "../../arm-error.js";
import { checkRepository } from "./check-repository.js";
import type { ContainerBody, GroupProperties, VolumeBody } from "../group-body.js";

const VOLUME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SECRET_FILE = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,253}$/;
const ACCOUNT = /^[a-z0-9]{3,24}$/;
const SHARE = /^[a-z0-9](?:-?[a-z0-9]){1,62}$/;
const SOURCES = ["azureFile", "emptyDir", "secret", "gitRepo"] as const;

/** Refuses volumes and mounts that the service would refuse, and every name that could lead out of its folder. */
export function checkVolumes(group: string, properties: GroupProperties): void {
  const volumes = properties.volumes ?? [];
  if (volumes.length > 20) refuse("TooManyVolumes", `The container group '${group}' has more than 20 volumes.`);
  const names = volumes.map((volume) => volume.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse("DuplicateVolumes", `Duplicate volumes '${twice}' are found.`);
  for (const volume of volumes) checkVolume(group, volume);
  for (const container of [...properties.initContainers, ...properties.containers]) checkMounts(group, container, names);
}

function checkVolume(group: string, volume: VolumeBody): void {
  if (!VOLUME.test(volume.name)) {
    refuse("InvalidVolumeName", `The volume name '${volume.name}' in container group '${group}' is invalid.`);
  }
  if (SOURCES.filter((source) => volume[source] !== undefined).length !== 1) {
    refuse("InvalidVolume", `The volume '${volume.name}' in container group '${group}' must have exactly one of ${SOURCES.join(", ")}.`);
  }
  checkRepository(group, volume);
  const file = volume.azureFile;
  if (file !== undefined && !(ACCOUNT.test(file.storageAccountName) && SHARE.test(file.shareName))) {
    refuse("InvalidAzureFileVolume", `The storage account or share name of volume '${volume.name}' in container group '${group}' is invalid.`);
  }
  const wrong = Object.entries(volume.secret ?? {}).find(([name, value]) => !SECRET_FILE.test(name) || !isBase64(value));
  if (wrong !== undefined) {
    refuse("InvalidSecretVolume", `The secret '${wrong[0]}' of volume '${volume.name}' in container group '${group}' is invalid. It needs a plain file name and a base64 value.`);
  }
}

function checkMounts(group: string, container: ContainerBody, volumes: readonly string[]): void {
  const paths = new Set<string>();
  for (const { name, mountPath } of container.properties.volumeMounts ?? []) {
    const where = `container '${container.name}' of container group '${group}'`;
    if (!volumes.includes(name)) refuse("VolumeNotFound", `The volume '${name}' that is mounted in ${where} is not defined.`);
    if (!mountPath || mountPath.includes("\0")) refuse("InvalidVolumeMountPath", `The volume mount path in ${where} is empty.`);
    if (mountPath.includes(":")) refuse("InvalidVolumeMountPath", `The volume mount path '${mountPath}' in ${where} cannot contain ':'.`);
    const path = mountPath.replace(/\/+$/, "");
    if (paths.has(path)) refuse("DuplicateVolumeMountPath", `Duplicate volume mount path '${mountPath}' is found in ${where}.`);
    paths.add(path);
  }
}

function isBase64(value: unknown): boolean {
  return typeof value === "string" && /^[A-Za-z0-9+/\s]*={0,2}$/.test(value);
}

function refuse(code: string, message: string): never {
  throw new ArmError(400, code, message);
}
