import type { ContainerSpec, GroupSettings, InitContainerSpec, SecretValue, VolumeSpec } from "../container-spec.js";
import { expectForm, expectKeys, expectName, expectPositive, expectText, expectUrl, expectWords, fail } from "./expect.js";

export const GROUP_FIELDS = ["volumes", "initContainers", "address", "registries", "identity", "subnetId", "priority", "logAnalytics", "tags", "osType", "location", "arm"] as const;
const INIT_FIELDS = ["name", "image", "command", "environment", "mounts", "arm"] as const;
export const CONTAINER_FIELDS = [...INIT_FIELDS, "cpu", "memoryInGB", "ports", "livenessProbe", "readinessProbe"] as const;
const VOLUME_KINDS = ["azureFile", "emptyDir", "secret", "gitRepo"] as const;

// Checks what this library itself relies on, and what ACI would refuse only minutes later; the rest is left to Azure.
export function checkGroup(containers: readonly ContainerSpec[], settings: GroupSettings): void {
  const inits = settings.initContainers ?? [];
  if (containers.length === 0) fail("containers", "at least one container", containers);
  containers.forEach((container, i) => checkContainer(`containers[${i}]`, container, CONTAINER_FIELDS));
  inits.forEach((container, i) => checkContainer(`initContainers[${i}]`, container, INIT_FIELDS));
  const names = [...containers, ...inits].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) fail("containers", "containers with different names", twice);
  const volumes = settings.volumes ?? [];
  volumes.forEach((volume, i) => checkVolume(`volumes[${i}]`, volume));
  for (const { name, mounts } of [...containers, ...inits]) checkMounts(name, mounts ?? [], volumes);
  checkRegistries(settings);
  checkTags(settings);
}

function checkContainer(field: string, container: ContainerSpec | InitContainerSpec, fields: readonly string[]): void {
  expectKeys(field, container, fields);
  expectName(`${field}.name`, container.name);
  expectText(`${field}.image`, container.image);
  expectWords(`${field}.command`, container.command);
  checkEnvironment(field, container.environment ?? {});
  checkSize(field, container);
}

// Init containers have none of these.
function checkSize(field: string, { cpu, memoryInGB, ports }: Partial<ContainerSpec>): void {
  expectPositive(`${field}.cpu`, cpu);
  expectPositive(`${field}.memoryInGB`, memoryInGB, 0.1);
  for (const { port } of ports ?? []) {
    if (!Number.isInteger(port) || port < 1 || port > 65535) fail(`${field}.ports`, "ports from 1 to 65535", port);
  }
}

function checkEnvironment(field: string, environment: Readonly<Record<string, string | SecretValue>>): void {
  for (const [name, value] of Object.entries(environment)) {
    expectForm(`${field}.environment`, name, /^[^=\0\s]+$/u, "an object whose names have no `=`, space or NUL");
    if (typeof value === "string") continue;
    checkSecret(`${field}.environment.${name}`, value);
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

function checkMounts(container: string, mounts: NonNullable<InitContainerSpec["mounts"]>, volumes: readonly VolumeSpec[]): void {
  const seen = new Set<string>();
  for (const { volume, path } of mounts) {
    const field = `mounts of container "${container}"`;
    expectForm(`${field}.path`, path, /^\/[^:]*$/u, "an absolute path without a colon");
    const plain = path.replace(/\/+$/u, "");
    if (seen.has(plain)) fail(field, "at most one volume on each path", path);
    seen.add(plain);
    if (!volumes.some(({ name }) => name === volume)) fail(`${field}.volume`, "the name of one of `volumes`", volume);
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
