import { ownMark } from "../owner.js";
import type { DockerClient } from "./api/docker-client.js";
import { LABELS } from "./labels.js";

// Makes the network that all groups of an emulator are in: unlike Docker's own, one in which they find each other by name.
export async function makeNetwork(client: DockerClient, session: string): Promise<string> {
  const name = `aci-lifecycle-${session}`;
  await client.call("POST", "/networks/create", { body: { Name: name, Driver: "bridge", CheckDuplicate: true, Labels: { [LABELS.session]: session, [LABELS.owner]: ownMark() } } });
  return name;
}

// The part of an endpoint that gives it an address of 169.254.0.0/16 besides its own.
export function linkLocal(address: string | undefined): { readonly IPAMConfig?: { readonly LinkLocalIPs: readonly string[] } } {
  return address === undefined ? {} : { IPAMConfig: { LinkLocalIPs: [address] } };
}
