import type { ContainerGroupSpec } from "../container-group.js";
import type { AddressSpec, ContainerSpec, Environment, IdentitySpec, InitContainerSpec, ProbeSpec, RegistrySpec, SecretValue, VolumeSpec } from "../container-spec.js";
import type { JsonObject, JsonValue } from "../json.js";

// The body of the PUT for a group whose secrets are all inline. The same spec always gives the same bytes.
export function toArm(group: ContainerGroupSpec): JsonObject {
  const { logAnalytics, subnetId } = group;
  const properties = clean({
    containers: group.containers.map(containerOf),
    initContainers: group.initContainers?.map(initContainerOf),
    restartPolicy: group.restartPolicy,
    osType: group.osType ?? "Linux",
    ipAddress: group.address && addressOf(group.address, group),
    volumes: group.volumes?.map(volumeOf),
    imageRegistryCredentials: group.registries?.map(registryOf),
    subnetIds: subnetId === undefined ? undefined : [{ id: subnetId }],
    priority: group.priority,
    diagnostics: logAnalytics && {
      logAnalytics: clean({ workspaceId: logAnalytics.workspaceId, workspaceKey: inline(logAnalytics.workspaceKey), logType: logAnalytics.logType }),
    },
  });
  const body = clean({ location: group.location, tags: group.tags, identity: group.identity && identityOf(group.identity), properties });
  return merge(body, group.arm);
}

function initContainerOf(container: InitContainerSpec): JsonObject {
  const properties = clean({ image: container.image, command: container.command, environmentVariables: environmentOf(container.environment), volumeMounts: mountsOf(container) });
  return { name: container.name, properties: merge(properties, container.arm) };
}

function containerOf(container: ContainerSpec): JsonObject {
  const { arm, ...plain } = container;
  const { name, properties } = initContainerOf(plain) as { name: string; properties: JsonObject };
  const more = clean({
    ports: container.ports?.map(({ port, protocol = "TCP" }) => ({ port, protocol })),
    resources: { requests: { cpu: container.cpu ?? 1, memoryInGB: container.memoryInGB ?? 1.5 } },
    livenessProbe: container.livenessProbe && probeOf(container.livenessProbe),
    readinessProbe: container.readinessProbe && probeOf(container.readinessProbe),
  });
  return { name, properties: merge({ ...properties, ...more }, arm) };
}

function environmentOf(environment: Environment | undefined): readonly JsonObject[] | undefined {
  if (environment === undefined) return undefined;
  return Object.entries(environment).map(([name, value]) => (typeof value === "string" ? { name, value } : { name, secureValue: inline(value) }));
}

function mountsOf({ mounts }: InitContainerSpec): readonly JsonObject[] | undefined {
  return mounts?.map(({ volume, path, isReadOnly }) => clean({ name: volume, mountPath: path, readOnly: isReadOnly }));
}

function probeOf(probe: ProbeSpec): JsonObject {
  const { command, httpGet, initialDelayInSeconds, periodInSeconds, timeoutInSeconds, failureThreshold, successThreshold } = probe;
  const headers = httpGet?.headers && Object.entries(httpGet.headers).map(([name, value]) => ({ name, value }));
  return clean({
    exec: command && { command },
    httpGet: httpGet && clean({ path: httpGet.path, port: httpGet.port, scheme: httpGet.scheme, httpHeaders: headers }),
    initialDelaySeconds: initialDelayInSeconds,
    periodSeconds: periodInSeconds,
    timeoutSeconds: timeoutInSeconds,
    failureThreshold,
    successThreshold,
  });
}

function addressOf({ ports, dnsLabel, type }: AddressSpec, group: ContainerGroupSpec): JsonObject {
  const all = ports ?? group.containers.flatMap((container) => container.ports ?? []);
  return clean({
    type: type ?? (group.subnetId === undefined ? "Public" : "Private"),
    ports: all.map(({ port, protocol = "TCP" }) => ({ port, protocol })),
    dnsNameLabel: dnsLabel,
  });
}

function volumeOf(volume: VolumeSpec): JsonObject {
  const { name } = volume;
  if ("azureFile" in volume) {
    const { account, share, accountKey, isReadOnly } = volume.azureFile;
    return { name, azureFile: clean({ shareName: share, storageAccountName: account, storageAccountKey: inline(accountKey), readOnly: isReadOnly }) };
  }
  if ("secret" in volume) {
    const files = Object.entries(volume.secret).map(([file, value]) => [file, Buffer.from(inline(value)).toString("base64")] as const);
    return { name, secret: Object.fromEntries(files) };
  }
  if ("gitRepo" in volume) return { name, gitRepo: clean({ ...volume.gitRepo }) };
  return { name, emptyDir: {} };
}

function registryOf(registry: RegistrySpec): JsonObject {
  if ("identity" in registry) return { server: registry.server, identity: registry.identity };
  return { server: registry.server, username: registry.username, password: inline(registry.password) };
}

function identityOf({ isSystemAssigned = false, userAssigned = [] }: IdentitySpec): JsonObject {
  const type = [...(isSystemAssigned ? ["SystemAssigned"] : []), ...(userAssigned.length > 0 ? ["UserAssigned"] : [])].join(", ");
  return clean({ type: type === "" ? "None" : type, userAssignedIdentities: userAssigned.length === 0 ? undefined : Object.fromEntries(userAssigned.map((id) => [id, {}])) });
}

// References are resolved before anything gets here.
function inline(value: SecretValue): string {
  if ("secureValue" in value) return value.secureValue;
  throw new TypeError("A secret was to be sent before it was resolved.");
}

// Without what is undefined, which JSON would leave out too.
function clean(value: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== undefined));
}

// Objects are merged, everything else is replaced.
function merge(base: JsonObject, over: JsonObject | undefined): JsonObject {
  if (over === undefined) return base;
  const merged: Record<string, JsonValue | undefined> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
    Object.defineProperty(merged, key, { value: isObject(before) && isObject(value) ? merge(before, value) : value, enumerable: true, writable: true, configurable: true });
  }
  return merged;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
