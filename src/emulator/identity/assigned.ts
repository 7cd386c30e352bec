import type { GroupBody } from "../body/group-body.js";
import { guidOf } from "../guid.js";

/** An identity that a group has. Its ids are made up, the same ones for the same identity: no directory is asked. */
export interface AssignedIdentity {
  /** The resource that a user-assigned one is; the system's own has none. */
  readonly resourceId: string | undefined;
  readonly clientId: string;
  readonly principalId: string;
}

/** The identities of a group: the system's own first. */
export function assignedIdentities(groupId: string, { type = "None", userAssignedIdentities = {} }: NonNullable<GroupBody["identity"]>): AssignedIdentity[] {
  const own = type.startsWith("SystemAssigned") ? [{ resourceId: undefined, clientId: guidOf(`client ${groupId}`), principalId: guidOf(`principal ${groupId}`) }] : [];
  const assigned = type.endsWith("UserAssigned") ? Object.keys(userAssignedIdentities) : [];
  return [...own, ...assigned.map((id) => ({ resourceId: id, clientId: guidOf(`client ${id}`), principalId: guidOf(`principal ${id}`) }))];
}
