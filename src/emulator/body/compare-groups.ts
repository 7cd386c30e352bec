import { isDeepStrictEqual } from "node:util";
import type { ContainerBody, GroupBody } from "./group-body.js";

/** Whether two bodies ask for the same, whatever the order of their names. */
export function isSameGroup(a: GroupBody, b: GroupBody): boolean {
  return isDeepStrictEqual(a, b);
}

/** Whether a live group can be changed from one body to the other in place. */
export function isUpdatable(from: GroupBody, to: GroupBody): boolean {
  return isDeepStrictEqual(fixed(from), fixed(to));
}

// What can only be changed by deleting the group first.
function fixed({ properties }: GroupBody): unknown {
  const { osType, restartPolicy, subnetIds, ipAddress } = properties;
  const resources = (container: ContainerBody): unknown => container.properties.resources;
  return { osType, restartPolicy: restartPolicy ?? "Always", subnetIds, address: ipAddress?.type, resources: properties.containers.map(resources) };
}
