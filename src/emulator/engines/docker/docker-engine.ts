import type { Engine, EngineSession } from "../../engine.js";
import { checkImage, pullImage } from "./api/images.js";
import { DockerClient } from "./api/docker-client.js";
import { ensureInfraImage } from "./api/infra-image.js";
import { DockerGroup, type DockerSurroundings } from "./docker-group.js";
import { extraHosts, HOST_NAME, makeNetwork, PODMAN_HOST_NAME, removeIdleNetwork } from "./docker-network.js";
import { LABELS, labelsOf } from "./labels.js";
import { findGroup } from "./left/find-group.js";
import { removeAll, removeOrphans, removeUnknown } from "./left/remove.js";
import { DockerMetadata } from "./metadata/docker-metadata.js";
import { METADATA_ROLE } from "./metadata/relay.js";

const DEFAULT_SOCKET = "/var/run/docker.sock";

/** Runs containers on a Docker-compatible engine: images, networks, volumes and limits are real. */
export function dockerEngine({ socketPath = DEFAULT_SOCKET, gitImage }: { readonly socketPath?: string | undefined; readonly gitImage?: string | undefined } = {}): Engine {
  const client = new DockerClient(socketPath);
  let session: EngineSession | undefined;
  let shared: Promise<Pick<DockerSurroundings, "network" | "extraHosts" | "metadata">> | undefined;
  let isPodman = false;
  const surroundings = async (): Promise<DockerSurroundings> => {
    if (session === undefined) throw new Error("The Docker engine is not open");
    const { clock } = session;
    const labels = labelsOf(session);
    shared ??= makeNetwork(client, session).then(async (network) => ({ network, extraHosts: await extraHosts(client, isPodman), metadata: new DockerMetadata(client, network, labels, clock) }));
    return { client, labels, isPodman, gitImage, ...(await shared) };
  };
  return {
    name: "docker",
    get hostForContainers() {
      return isPodman ? PODMAN_HOST_NAME : HOST_NAME;
    },
    async open(opened) {
      session = opened;
      const { Version = "of unknown version", Components = [] } = await client.call<{ Version?: string; Components?: { Name: string }[] }>("GET", "/version");
      isPodman = Components.some(({ Name }) => Name.startsWith("Podman"));
      await removeOrphans(client);
      if (opened.state !== undefined) await removeUnknown(client, opened);
      await ensureInfraImage(client);
      return `Containers run on the container engine ${Version} at ${socketPath}, and reach this machine as ${this.hostForContainers}.`;
    },
    // Podman cannot look into a registry without fetching.
    async checkImage(image, credentials) {
      await (isPodman ? pullImage : checkImage)(client, image, credentials);
    },
    openGroup: async (spec, abortSignal) => DockerGroup.open(await surroundings(), spec, abortSignal),
    findGroup: async (spec, abortSignal) => findGroup(await surroundings(), spec, abortSignal),
    async close() {
      await (await shared?.catch(() => undefined))?.metadata.close();
      if (session?.state === undefined) {
        if (session !== undefined) await removeAll(client, { [LABELS.session]: session.id });
        return;
      }
      await removeAll(client, { [LABELS.session]: session.id, [LABELS.role]: METADATA_ROLE });
      await removeIdleNetwork(client, session);
      client.close();
    },
  };
}
