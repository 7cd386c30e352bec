import type { ClientParts } from "../../client/parts.js";
import type { ContainerGroupSpec, Snapshot } from "../../container-group.js";
import { AciError } from "../../errors.js";
import { expectObject, expectText } from "../../lifecycle/expect.js";
import { shortHash, tagOf, TAGS } from "../../lifecycle/identity.js";
import type { ServerSpec } from "../server-spec.js";
import { leaseUntil } from "../servers/group-lease.js";
import { checkServer, serverHash, toServerGroup } from "../servers/server-group.js";

/** The server of a key, whether it is there or not. */
export interface KeyedServer {
  readonly key: string;
  readonly spec: ServerSpec;
  readonly groupName: string;
  readonly owner: string;
  readonly hash: string;
}

// Throws a TypeError or RangeError for a spec that cannot be right.
export function identify({ owner }: ClientParts, given: ServerSpec & { readonly key: string }): KeyedServer {
  expectObject("spec", given);
  const { key, ...spec } = given;
  expectText("key", key);
  checkServer(spec);
  const hash = shortHash(`${owner}\n${key}`);
  return { key, spec, owner, hash, groupName: `aci-k-${hash}` };
}

// The group of a key's server: byte for byte the same for every caller, so that two who send it at once have sent it once. Its
// first lease ends at a whole number of leases, at least one from now; the next calls renew it.
export function keyedGroup({ azureClock, location }: ClientParts, { spec, groupName, owner, hash, key }: KeyedServer, leaseInMs: number): ContainerGroupSpec {
  const leaseEnd = (Math.floor(azureClock.now() / leaseInMs) + 2) * leaseInMs;
  const tags = { [TAGS.owner]: owner, [TAGS.key]: hash, [TAGS.lease]: leaseUntil(leaseEnd) };
  return toServerGroup(spec, { name: groupName, location, tags, environment: { ACI_SERVER_ID: key } });
}

// Throws an AciError where a group is not the server of this key and spec.
export function expectOurs({ key, owner, hash, spec, groupName }: KeyedServer, snapshot: Snapshot): void {
  if (tagOf(snapshot, TAGS.owner) !== owner || tagOf(snapshot, TAGS.key) !== hash) {
    throw new AciError(`The name of key "${key}" is taken by a container group of somebody else, "${groupName}"`, { code: "ACI_NAME_CONFLICT", resourceId: snapshot.id });
  }
  if (tagOf(snapshot, TAGS.spec) !== serverHash(spec)) {
    throw new AciError(`The server of key "${key}" was made by another spec; delete container group "${groupName}" to have one by this`, { code: "ACI_SERVER_CONFLICT", resourceId: snapshot.id });
  }
}
