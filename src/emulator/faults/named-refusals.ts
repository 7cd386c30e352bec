import { ArmError, refusals } from "../arm-error.js";
import type { GroupAddress } from "../groups/group.js";
import { expiredToken } from "../tokens/tokens.js";
import type { Refusal } from "./fault-rule.js";

/** The refusals that have a name of their own, in the service's words. */
export const namedRefusals: Record<Refusal, (address: GroupAddress, location: string) => ArmError> = {
  notFound: ({ resourceGroup, name }) => refusals.groupNotFound(resourceGroup, name),
  forgotten: ({ name }) => new ArmError(404, "ContainerGroupNotFound", `The container group '${name}' does not exist.`),
  transitioning: ({ name }) => refusals.transitioning(name),
  registry: () => refusals.registryError("index.docker.io"),
  throttled: () => refusals.throttled(1),
  internal: () => new ArmError(500, "InternalServerError", "Encountered an internal server error. The tracking activity id is '00000000-0000-0000-0000-000000000000'."),
  unavailable: () => new ArmError(503, "ServiceUnavailable", "The service is temporarily unavailable. Please retry later."),
  gatewayTimeout: () =>
    new ArmError(504, "GatewayTimeout", "The gateway did not receive a response from 'Microsoft.ContainerInstance' within the specified time period.", {
      "x-ms-failure-cause": "service",
    }),
  logNotAvailable: ({ name }) => refusals.logNotAvailable(name, name),
  expiredToken: () => expiredToken(Date.now() - 1_000, Date.now()),
  capacity: (_address, location) => new ArmError(409, "ServiceUnavailable", noCapacity(location)),
  quota: (_address, location) => refusals.quotaReached("StandardCores", location, 10, 10, 1),
};

/** What the service says, at once or as an event, where it has no machine for a group. */
export function noCapacity(location: string): string {
  return `The requested resource is not available in the location '${location}' at this moment. Please retry with a different resource request or in another location. Resource requested: '1' CPU '1.5' GB memory 'Linux' OS`;
}
