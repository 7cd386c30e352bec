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

// The part of an endpoint that gives it an address of 169.254.0.0/16 besides its own.
export function linkLocal(address: string | undefined): { readonly IPAMConfig?: { readonly LinkLocalIPs: readonly string[] } } {
  return address === undefined ? {} : { IPAMConfig: { LinkLocalIPs: [address] } };
}
