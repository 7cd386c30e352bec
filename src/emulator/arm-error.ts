/** A refusal in the shape in which ARM and Container Instances give them: a status and `{ error: { code, message } }`. */
export class ArmError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The service's own refusals, with its codes and words. */
export const refusals = {
  groupNotFound: (resourceGroup: string, name: string): ArmError => refusals.resourceNotFound("Microsoft.ContainerInstance/containerGroups", resourceGroup, name),
  resourceGroupNotFound: (name: string): ArmError => new ArmError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`, { "x-ms-failure-cause": "gateway" }),
  resourceNotFound: (type: string, resourceGroup: string, name: string): ArmError =>
    new ArmError(
      404,
      "ResourceNotFound",
      `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
      { "x-ms-failure-cause": "gateway" },
    ),
  locationRequired: (): ArmError => new ArmError(400, "LocationRequired", "The location property is required for this definition."),
  containerNotFound: (group: string, name: string): ArmError =>
    new ArmError(404, "ContainerNotFound", `The container '${name}' does not exist in container group '${group}'.`),
  transitioning: (group: string): ArmError =>
    new ArmError(409, "ContainerGroupTransitioning", `The container group '${group}' is still transitioning, please retry later.`),
  stopped: (resourceGroup: string, group: string): ArmError =>
    new ArmError(409, "ContainerGroupStopped", `Container Group '${group}' in resource group '${resourceGroup}' is stopped.`),
  logNotAvailable: (group: string, container: string): ArmError =>
    new ArmError(
      404,
      "ContainerLogNotAvailable",
      `Log of container '${container}' in container group '${group}' is not available yet. Please check container 'InstanceView' for more information or retry later.`,
    ),
  // The service says no more than its sentence; why is what whoever develops has to know.
  inaccessibleImage: (group: string, image: string, why?: string): ArmError =>
    new ArmError(
      400,
      "InaccessibleImage",
      `The image '${image}' in container group '${group}' is not accessible. Please check the image and registry credential.${why === undefined ? "" : ` (${why})`}`,
    ),
  registryError: (registry: string): ArmError =>
    new ArmError(409, "RegistryErrorResponse", `An error response is received from the docker registry '${registry}'. Please retry later.`),
  throttled: (seconds: number): ArmError =>
    new ArmError(429, "TooManyRequests", "The request is being throttled as the limit has been reached for operation type. Please retry later.", { "Retry-After": String(seconds) }),
  quotaReached: (quota: string, location: string, limit: number, usage: number, requested: number): ArmError =>
    new ArmError(
      400,
      "ContainerGroupQuotaReached",
      `Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota '${quota}' exceeded in region '${location}'. Limit: '${limit}', Usage: '${usage}' Requested: '${requested}'.`,
    ),
  invalidUpdate: (group: string): ArmError =>
    new ArmError(
      400,
      "InvalidContainerGroupUpdate",
      `The updates on container group '${group}' are invalid. If you are going to update the os type, restart policy, network profile, CPU, memory or GPU resources for a container group, you must delete it first and then create a new one.`,
    ),
  invalidContent: (message: string): ArmError => new ArmError(400, "InvalidRequestContent", `The request content was invalid and could not be deserialized: '${message}'.`),
} as const;
