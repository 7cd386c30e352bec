import { ArmError, refusals } from "../../arm-error.js";
import { isImageName } from "../image-name.js";
import { checkProbes } from "./check-probes.js";
import { checkVolumes } from "./check-volumes.js";
import type { ContainerBody, GroupBody, ResourcesBody } from "../group-body.js";

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
// A name of a region, by its short or its long form: `westeurope`, `West Europe`.
const LOCATION = /^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$/;
const VARIABLE = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Refuses a PUT that the service would refuse, with the service's codes. */
export function checkGroup(name: string, body: GroupBody): void {
  const { properties } = body;
  checkLocation(body.location);
  if (!LABEL.test(name) || name.includes("--")) {
    refuse(
      "InvalidContainerGroupName",
      `The container group name '${name}' is invalid. It must be 1 to 63 lowercase letters, numbers and single hyphens, and start and end with a letter or number.`,
    );
  }
  if (!properties.osType) refuse("InvalidOsType", "The 'osType' for container group '<null>' is invalid. The value must be one of 'Windows,Linux'.");
  if (properties.containers.length === 0) refuse("MissingContainers", `The container group '${name}' has no containers. At least one is required.`);
  if (properties.containers.length > 60) refuse("TooManyContainers", `The container group '${name}' has more than 60 containers.`);
  for (const container of properties.initContainers) checkContainer(name, container);
  for (const container of properties.containers) {
    checkContainer(name, container);
    checkResources(name, container);
    checkProbes(name, container);
  }
  checkNames(name, [...properties.initContainers, ...properties.containers]);
  checkVolumes(name, properties);
  checkNetworkProfile(name, body);
  checkAddress(name, body);
}

function checkLocation(location: string | undefined): void {
  if (!location) throw refusals.locationRequired();
  if (location.length <= 64 && LOCATION.test(location)) return;
  refuse("LocationNotAvailableForResourceType", `The provided location '${location}' is not available for resource type 'Microsoft.ContainerInstance/containerGroups'.`);
}

function checkContainer(group: string, container: ContainerBody): void {
  const { image, environmentVariables } = container.properties;
  if (!LABEL.test(container.name)) {
    refuse(
      "InvalidContainerName",
      `The container name '${container.name}' in container group '${group}' is invalid. It must be 1 to 63 lowercase letters, numbers and hyphens, and start and end with a letter or number.`,
    );
  }
  if (!image) refuse("InvalidImageName", `The image name in container '${container.name}' of container group '${group}' is empty.`);
  if (!isImageName(image)) throw refusals.inaccessibleImage(group, image);
  const wrong = environmentVariables.find((variable) => !VARIABLE.test(variable.name));
  if (wrong !== undefined) {
    refuse("InvalidEnvironmentVariableName", `The environment variable name '${wrong.name}' in container '${container.name}' of container group '${group}' is invalid.`);
  }
}

function checkResources(group: string, container: ContainerBody): void {
  const { requests, limits } = container.properties.resources ?? {};
  if (requests === undefined || (requests.cpu === undefined && requests.memoryInGB === undefined)) {
    refuse(
      "ResourceRequestsNotSpecified",
      `The resource requests are not specified in container '${container.name}' of contain group '${group}'. Both memory and CPU requests are required since API version '2017-07-01-preview'.`,
    );
  }
  checkAmount(group, container, requests, "cpu", "Cpu");
  checkAmount(group, container, requests, "memoryInGB", "MemoryInGB");
  for (const [field, word] of [["cpu", "Cpu"], ["memoryInGB", "MemoryInGB"]] as const) {
    if ((limits?.[field] ?? Infinity) < (requests[field] ?? 0)) {
      refuse(
        "ResourceLimitsLessThanRequests",
        `The resource requirement '${JSON.stringify({ requests, limits })}' in container '${container.name}' of contain group '${group}' is invalid. The '${word}' limit value must be greater than or equal to the request value.`,
      );
    }
  }
}

function checkAmount(group: string, container: ContainerBody, requests: ResourcesBody, field: "cpu" | "memoryInGB", word: string): void {
  const amount = requests[field];
  if (amount === undefined) {
    refuse(
      "ResourceSomeRequestsNotSpecified",
      `The '${word}' request is not specified in 'Microsoft.Azure.CloudConsole.Providers.Common.Entities.ComputeResources' in container '${container.name}' of contain group '${group}'. It is required since API version '2017-07-01-preview'.`,
    );
  }
  const most = field === "cpu" ? 31 : 240;
  if (amount < (field === "cpu" ? 0.01 : 0.1) || amount > most) {
    refuse("InvalidResourceRequest", `The '${word}' request '${amount}' in container '${container.name}' of contain group '${group}' is invalid.`);
  }
}

function checkNames(group: string, containers: readonly ContainerBody[]): void {
  const names = containers.map((container) => container.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse("DuplicateContainerName", `Duplicate container name '${twice}' is found in container group '${group}'.`);
}

// No network profile exists: the service took them away, in favour of subnets.
function checkNetworkProfile(group: string, { properties: { networkProfile } }: GroupBody): void {
  if (networkProfile !== undefined) refuse("NetworkProfileNotFound", `Network profile '${networkProfile.id ?? ""}' is not found for container group '${group}'.`);
}

function checkAddress(group: string, body: GroupBody): void {
  const { ipAddress, subnetIds } = body.properties;
  if (ipAddress === undefined) return;
  if ((ipAddress.ports ?? []).length === 0) refuse("IpAddressPortsNotSpecified", `The ports of the IP address in container group '${group}' are not specified.`);
  if ((ipAddress.ports ?? []).some(({ port }) => port < 1 || port > 65535)) refuse("InvalidPort", `A port of the IP address in container group '${group}' is not between 1 and 65535.`);
  if (ipAddress.type === "Private" && subnetIds === undefined) {
    refuse("PrivateIPAddressNotSupported", `A private IP address in container group '${group}' needs a subnet.`);
  }
  const label = ipAddress.dnsNameLabel;
  if (label !== undefined && !/^[a-z][-a-z0-9]{3,61}[a-z0-9]$/.test(label)) {
    refuse(
      "InvalidDnsNameLabel",
      `The DNS name label '${label}' in container group '${group}' is invalid. It can contain only lowercase letters, numbers and hyphens. The first character must be a letter. The last character must be a letter or number. The value must be between 5 and 63 characters long.`,
    );
  }
}

function refuse(code: string, message: string): never {
  throw new ArmError(400, code, message);
}
