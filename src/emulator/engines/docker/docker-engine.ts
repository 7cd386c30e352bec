import type { Engine, EngineSession } from "../../engine.js";
import { ownMark } from "../owner.js";
import { checkImage } from "./api/images.js";
import { DockerClient } from "./api/docker-client.js";
import { ensureInfraImage } from "./api/infra-image.js";
import { DockerGroup, removeAll, removeOrphans, type DockerSurroundings } from "./docker-group.js";
import { makeNetwork } from "./docker-network.js";
import { LABELS } from "./labels.js";
import { DockerMetadata } from "./metadata/docker-metadata.js";

const DEFAULT_SOCKET = "/var/run/docker.sock";

/** Runs containers on a Docker-compatible engine: images, networks, volumes and limits are real. */
export function dockerEngine({ socketPath = DEFAULT_SOCKET, gitImage }: { readonly socketPath?: string | undefined; readonly gitImage?: string | undefined } = {}): Engine {
  const client = new DockerClient(socketPath);
  let session: EngineSession | undefined;
  let shared: Promise<Pick<DockerSurroundings, "network" | "metadata">> | undefined;
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
    checkImage: (image, credentials) => checkImage(client, image, credentials),
    async openGroup(spec, abortSignal) {
      if (session === undefined) throw new Error("The Docker engine is not open");
      const labels = { [LABELS.session]: session.id, [LABELS.owner]: ownMark() };
      shared ??= makeNetwork(client, session.id).then((network) => ({ network, metadata: new DockerMetadata(client, network, labels) }));
      return DockerGroup.open(spec, { client, session: session.id, ...(await shared), isPodman, gitImage }, abortSignal);
    },
    async close() {
      if (session !== undefined) await removeAll(client, LABELS.session, session.id);
    },
  };
}
