import type { ContainerGroupSpec } from "../../../container-group.js";
import { shortHash, tagOf, TAGS } from "../../../lifecycle/identity.js";
import type { ServerSpec } from "../../server-spec.js";
import { leaseUntil } from "../../servers/group-lease.js";
import { toServerGroup } from "../../servers/server-group.js";

/** Whose servers these are. */
export interface PoolIdentity {
  readonly owner: string;
  readonly pool: string;
  readonly location: string;
}

// The name of a server's group, which no other group has or will have: ids are drawn.
export function groupNameOf({ owner, pool }: PoolIdentity, id: string): string {
  return `aci-s-${shortHash(`${owner}\n${pool}`)}-${id}`;
}

// The group of a server.
export function groupOf(identity: PoolIdentity, spec: ServerSpec, id: string, leaseEnd: number): ContainerGroupSpec {
  const { owner, pool, location } = identity;
  const tags = { [TAGS.owner]: owner, [TAGS.pool]: pool, [TAGS.server]: id, [TAGS.lease]: leaseUntil(leaseEnd) };
  return toServerGroup(spec, { name: groupNameOf(identity, id), location, tags, environment: { ACI_SERVER_ID: id } });
}

// Which of the pool's servers a group is; nothing for any other group. Tags alone can be copied: the name says the same.
export function serverIdOf(identity: PoolIdentity, group: { readonly groupName: string; readonly tags: Readonly<Record<string, string>> }): string | undefined {
  const id = tagOf(group, TAGS.server);
  if (id === undefined || tagOf(group, TAGS.owner) !== identity.owner || tagOf(group, TAGS.pool) !== identity.pool) return undefined;
  return group.groupName.toLowerCase() === groupNameOf(identity, id) ? id : undefined;
}
