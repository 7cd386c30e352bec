import type { Snapshot } from "../../container-group.js";

/** A container that runs until it is deleted, and how to reach it. @public */
export interface Server {
  /** Which of its pool's servers it is; of a server that stands by itself, the key. */
  readonly id: string;
  readonly groupName: string;
  /** It may be another after a restart by the platform. */
  readonly ip?: string | undefined;
  readonly fqdn?: string | undefined;
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
}

// What a snapshot tells of a server's address.
export function serverOf(id: string, { groupName, ip, fqdn, ports }: Snapshot): Server {
  return { id, groupName, ...(ip !== undefined && { ip }), ...(fqdn !== undefined && { fqdn }), ports };
}
