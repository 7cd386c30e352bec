import type { ContainerSpec, GroupSettings, InitContainerSpec, SecretValue, VolumeSpec } from "../container-spec.js";
import { expectForm, expectKeys, expectName, expectPositive, expectText, expectUrl, expectWords, fail } from "./expect.js";

export const GROUP_FIELDS = ["volumes", "initContainers", "address", "registries", "identity", "subnetId", "priority", "logAnalytics", "tags", "osType", "location", "arm"] as const;
const INIT_FIELDS = ["name", "image", "command", "environment", "mounts", "arm"] as const;
export const CONTAINER_FIELDS = [...INIT_FIELDS, "cpu", "memoryInGB", "ports", "livenessProbe", "readinessProbe"] as const;
const VOLUME_KINDS = ["azureFile", "emptyDir", "secret", "gitRepo"] as const;

// How a caller calls a container and its fields: messages name what the caller has written.
export type FieldNames = (field?: string) => string;

export function fieldsOf(container: string): FieldNames {
  return (field) => (field === undefined ? container : `${container}.${field}`);
}

// Checks what this library itself relies on, and what ACI would refuse only minutes later; the rest is left to Azure.
export function checkGroup(containers: readonly ContainerSpec[], settings: GroupSettings, namesOf = (i: number): FieldNames => fieldsOf(`containers[${i}]`)): void {
  if (containers.length === 0) fail("containers", "at least one container", containers);
  const volumes = settings.volumes ?? [];
  volumes.forEach((volume, i) => checkVolume(`volumes[${i}]`, volume));
  const volumeNames = new Set(volumes.map(({ name }) => name));
  const taken = new Set<string>();
  const check = (names: FieldNames, container: ContainerSpec | InitContainerSpec, fields: readonly string[]): void => {
    checkContainer(names, container, fields);
    if (taken.has(container.name)) fail(names("name"), "a name that no other container has", container.name);
    taken.add(container.name);
    checkMounts(names, container.mounts ?? [], volumeNames);
  };
  containers.forEach((container, i) => check(namesOf(i), container, CONTAINER_FIELDS));
  settings.initContainers?.forEach((container, i) => check(fieldsOf(`initContainers[${i}]`), container, INIT_FIELDS));
  checkRegistries(settings);
  checkTags(settings);
}

function checkContainer(names: FieldNames, container: ContainerSpec | InitContainerSpec, fields: readonly string[]): void {
  expectKeys(names(), container, fields);
  expectName(names("name"), container.name);
  expectText(names("image"), container.image);
  expectWords(names("command"), container.command);
  checkEnvironment(names("environment"), container.environment ?? {});
  checkSize(names, container);
}

// Init containers have none of these.
function checkSize(names: FieldNames, { cpu, memoryInGB, ports }: Partial<ContainerSpec>): void {
  expectPositive(names("cpu"), cpu);
  expectPositive(names("memoryInGB"), memoryInGB, 0.1);
  for (const { port } of ports ?? []) {
    if (!Number.isInteger(port) || port < 1 || port > 65535) fail(names("ports"), "ports from 1 to 65535", port);
  }
}

function checkEnvironment(field: string, environment: Readonly<Record<string, string | SecretValue>>): void {
  for (const [name, value] of Object.entries(environment)) {
    expectForm(field, name, /^[^=\0\s]+$/u, "an object whose names have no `=`, space or NUL");
    if (typeof value === "string") continue;
    checkSecret(`${field}.${name}`, value);
  }
}

// Says what is wrong with a secret without ever showing it.
function checkSecret(field: string, value: unknown): void {
  const fields = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const isGood = fields.length === 1 && ["secret", "secureValue"].includes(fields[0]?.[0] ?? "") && typeof fields[0]?.[1] === "string";
  if (!isGood) throw new TypeError(`Expected \`${field}\` to be a string, { secret: name } or { secureValue: value }, got ${value === null ? "null" : typeof value}.`);
}

function checkVolume(field: string, volume: VolumeSpec): void {
  expectKeys(field, volume, ["name", ...VOLUME_KINDS]);
  expectForm(`${field}.name`, volume.name, /^[a-z0-9](?:-?[a-z0-9])*$/u, "lower-case letters, digits and single hyphens");
  const kinds = VOLUME_KINDS.filter((kind) => kind in volume);
  if (kinds.length !== 1) fail(field, `a volume of exactly one kind of ${VOLUME_KINDS.join(", ")}`, kinds, "type");
  if ("gitRepo" in volume) expectUrl(`${field}.gitRepo.repository`, volume.gitRepo.repository);
  if ("azureFile" in volume) {
    expectForm(`${field}.azureFile.account`, volume.azureFile.account, /^[a-z0-9]{3,24}$/u, "3 to 24 lower-case letters and digits");
    expectForm(`${field}.azureFile.share`, volume.azureFile.share, /^[a-z0-9](?:-?[a-z0-9]){2,62}$/u, "3 to 63 lower-case letters, digits and single hyphens");
    checkSecret(`${field}.azureFile.accountKey`, volume.azureFile.accountKey);
  }
  if ("secret" in volume) {
    for (const [file, value] of Object.entries(volume.secret)) {
      expectForm(`${field}.secret`, file, /^(?!\.\.?$)[A-Za-z0-9._-]{1,253}$/u, "an object whose names are file names of letters, digits, `.`, `_` and `-`");
      checkSecret(`${field}.secret.${file}`, value);
    }
  }
}

function checkMounts(names: FieldNames, mounts: NonNullable<InitContainerSpec["mounts"]>, volumes: ReadonlySet<string>): void {
  const seen = new Set<string>();
  for (const [i, { volume, path }] of mounts.entries()) {
    const field = names(`mounts[${i}]`);
    expectForm(`${field}.path`, path, /^\/[^:]*$/u, "an absolute path without a colon");
    const plain = path.replace(/\/+$/u, "");
    if (seen.has(plain)) fail(`${field}.path`, "a path with one volume", path);
    seen.add(plain);
    if (!volumes.has(volume)) fail(`${field}.volume`, "the name of one of `volumes`", volume);
  }
}

function checkRegistries({ registries, logAnalytics }: GroupSettings): void {
  for (const [i, registry] of (registries ?? []).entries()) {
    expectText(`registries[${i}].server`, registry.server);
    if ("password" in registry) checkSecret(`registries[${i}].password`, registry.password);
    else expectText(`registries[${i}].identity`, registry.identity);
  }
  if (logAnalytics !== undefined) checkSecret("logAnalytics.workspaceKey", logAnalytics.workspaceKey);
}

function checkTags({ tags }: GroupSettings): void {
  for (const [name, value] of Object.entries(tags ?? {})) {
    if (name.toLowerCase().startsWith("aci-lifecycle-")) fail("tags", "tags without names that begin with `aci-lifecycle-`", name);
    if (typeof value !== "string" || value.length > 256) fail(`tags.${name}`, "a string of at most 256 characters", value);
  }
}
