import type { Engine, EngineSession } from "../../engine.js";
import { checkImage, pullImage } from "./api/images.js";
import { DockerClient } from "./api/docker-client.js";
import { ensureInfraImage } from "./api/infra-image.js";
import { DockerGroup, removeAll, removeOrphans } from "./docker-group.js";
import { makeNetwork } from "./docker-network.js";
import { LABELS } from "./labels.js";

const DEFAULT_SOCKET = "/var/run/docker.sock";

/** Runs containers on a Docker-compatible engine: images, networks, volumes and limits are real. */
export function dockerEngine({ socketPath = DEFAULT_SOCKET }: { readonly socketPath?: string | undefined } = {}): Engine {
  const client = new DockerClient(socketPath);
  let session: EngineSession | undefined;
  let network: Promise<string> | undefined;
  let isPodman = false;
  return {
    name: "docker",
    async open(opened) {
      session = opened;
      const { Version = "of unknown version", Components = [] } = await client.call<{ Version?: string; Components?: { Name: string }[] }>("GET", "/version");
      isPodman = Components.some(({ Name }) => Name.startsWith("Podman"));
      await removeOrphans(client);
      await ensureInfraImage(client);
      return `Containers run on the container engine ${Version} at ${socketPath}.`;
    },
    // Podman cannot look into a registry without fetching.
    async checkImage(image, credentials) {
      await (isPodman ? pullImage : checkImage)(client, image, credentials);
    },
    async openGroup(spec) {
      if (session === undefined) throw new Error("The Docker engine is not open");
      network ??= makeNetwork(client, session.id);
      return DockerGroup.open(client, spec, session.id, await network, isPodman);
    },
    async close() {
      if (session !== undefined) await removeAll(client, LABELS.session, session.id);
    },
  };
}
