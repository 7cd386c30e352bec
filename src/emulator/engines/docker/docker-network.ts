import type { EngineSession } from "../../engine.js";
import { DockerError, type DockerClient } from "./api/docker-client.js";
import { labeled, LABELS, labelsOf } from "./labels.js";

// Makes the network that all groups of an emulator are in: unlike Docker's own, one in which they find each other by name.
// That of an earlier emulator on the same state folder goes on being used.
export async function makeNetwork(client: DockerClient, session: EngineSession): Promise<string> {
  const name = `aci-lifecycle-${session.id}`;
  if (session.state !== undefined) {
    const found = await client.call<unknown[]>("GET", "/networks", { query: { filters: labeled({ [LABELS.session]: session.id }).filters } });
    if (found.length > 0) return name;
  }
  await client.call("POST", "/networks/create", { body: { Name: name, Driver: "bridge", CheckDuplicate: true, Labels: labelsOf(session) } });
  return name;
}

// Removes it unless a container still uses it.
export async function removeIdleNetwork(client: DockerClient, session: EngineSession): Promise<void> {
  try {
    await client.call("DELETE", `/networks/aci-lifecycle-${session.id}`);
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
  }
}

// The name by which containers reach this machine: the one that Docker Desktop gives them by itself, and Podman its own.
export const HOST_NAME = "host.docker.internal";
export const PODMAN_HOST_NAME = "host.containers.internal";

// What lets containers find that name. An engine without a bridge of its own has no address for it, and starts nothing that asks for one.
export async function extraHosts(client: DockerClient, isPodman: boolean): Promise<readonly string[]> {
  if (isPodman) return [];
  const bridges = await client.call<{ Name: string }[]>("GET", "/networks", { query: { filters: { driver: ["bridge"] } } });
  return bridges.some(({ Name }) => Name === "bridge") ? [`${HOST_NAME}:host-gateway`] : [];
}

// The part of an endpoint that gives it an address of 169.254.0.0/16 besides its own.
export function linkLocal(address: string | undefined): { readonly IPAMConfig?: { readonly LinkLocalIPs: readonly string[] } } {
  return address === undefined ? {} : { IPAMConfig: { LinkLocalIPs: [address] } };
}
