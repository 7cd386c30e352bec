import type { EngineContainerSpec, EngineGroup, EngineGroupSpec, EngineRun, RegistryLogin } from "../../engine.js";
import { DockerError, type DockerClient } from "./api/docker-client.js";
import { pullImage } from "./api/images.js";
import { INFRA_IMAGE } from "./api/infra-image.js";
import { isAddressTaken, startRun } from "./runs/docker-run.js";
import { linkLocal } from "./docker-network.js";
import { makeVolume } from "./docker-volumes.js";
import type { DockerMetadata } from "./metadata/docker-metadata.js";
import { isGone, ownMark } from "../owner.js";
import { hostConfig, type Mount } from "./host-config.js";
import { labeled, LABELS } from "./labels.js";

const ADDRESS_TRIES = 5;
const PODMAN_HAS_NO_METADATA = "The containers of this group get no tokens: Podman gives them no address of their own for 169.254.169.254.";

/** What all groups of an engine share. */
export interface DockerSurroundings {
  readonly client: DockerClient;
  readonly session: string;
  readonly network: string;
  readonly isPodman: boolean;
  /** An image with git, where repositories may be cloned. */
  readonly gitImage: string | undefined;
  readonly metadata: DockerMetadata;
}

// A group on Docker: a container that does nothing holds its network and its ports, the others join it. One that is alone
// and started once holds them itself.
export class DockerGroup implements EngineGroup {
  readonly #volumes = new Map<string, Omit<Mount, "Target">>();
  #infraId = "";
  ip: string | undefined;
  metadata: EngineGroup["metadata"];
  readonly #linkLocals: string[] = [];
  private readonly client: DockerClient;
  private readonly labels: Readonly<Record<string, string>>;
  private readonly network: string;
  private readonly isPodman: boolean;

  private constructor(
    private readonly spec: EngineGroupSpec,
    private readonly around: DockerSurroundings,
  ) {
    const { client, session, network, isPodman, metadata } = around;
    [this.client, this.network, this.isPodman] = [client, network, isPodman];
    this.labels = { [LABELS.session]: session, [LABELS.owner]: ownMark(), [LABELS.group]: spec.id };
    if (!isPodman) this.#linkLocals.push(metadata.take(spec.metadata));
  }

  static async open(spec: EngineGroupSpec, around: DockerSurroundings, abortSignal?: AbortSignal): Promise<DockerGroup> {
    const group = new DockerGroup(spec, around);
    const { client, network, isPodman, gitImage } = around;
    const clones = spec.volumes.some(({ kind }) => kind === "gitRepo");
    // What clones has no identity.
    if (clones && !isPodman) group.#linkLocals.push(around.metadata.take(undefined));
    const git = gitImage === undefined ? undefined : { image: gitImage, network, linkLocal: group.#linkLocals[1], isPodman, abortSignal };
    try {
      if (spec.metadata !== undefined) group.metadata = await group.#serveMetadata();
      for (const volume of spec.volumes) group.#volumes.set(volume.name, await makeVolume(client, volume, `${spec.id}-${volume.name}`, group.labels, git));
      if (!spec.isSingleRun) await group.#startInfra();
    } catch (error) {
      await group.close();
      throw error;
    }
    return group;
  }

  async pull(image: string, credentials: RegistryLogin | undefined): Promise<string | undefined> {
    return pullImage(this.client, image, credentials);
  }

  async start(container: EngineContainerSpec): Promise<EngineRun> {
    const mounts = container.mounts.map(({ volume, path, isReadOnly }): Mount => {
      const mount = this.#volumes.get(volume);
      if (mount === undefined) throw new Error(`Container "${container.name}" mounts a volume "${volume}" that its group does not have`);
      return { ...mount, Target: path, ReadOnly: mount.ReadOnly || isReadOnly };
    });
    const labels = { ...this.labels, [LABELS.container]: container.name, [LABELS.run]: String(container.run), [LABELS.role]: container.isInit ? "init" : "main" };
    const body = (network: object, mode: string): object => ({
      Image: container.image,
      // Replaces entry point and command together, as ACI does.
      ...(container.command.length === 0 ? {} : { Entrypoint: container.command, Cmd: [] }),
      Env: Object.entries(container.environment).map(([name, value]) => `${name}=${value}`),
      ...(container.workingFolder === undefined ? {} : { WorkingDir: container.workingFolder }),
      Labels: labels,
      ...network,
      HostConfig: { ...hostConfig(container, mode, mounts, this.isPodman), ...("HostConfig" in network ? (network.HostConfig as object) : {}) },
    });
    if (!this.spec.isSingleRun) return startRun(this.client, body({}, `container:${this.#infraId}`), this.#infraId);
    return this.#withAddress((address) => startRun(this.client, body(this.#networkOf(address), this.network)));
  }

  async close(): Promise<void> {
    await removeAll(this.client, LABELS.group, this.spec.id);
    for (const address of this.#linkLocals) this.around.metadata.release(address);
  }

  async #serveMetadata(): Promise<EngineGroup["metadata"]> {
    if (this.isPodman) return { problem: PODMAN_HAS_NO_METADATA };
    try {
      await this.around.metadata.serve();
      return "served";
    } catch (error) {
      return { problem: `The containers of this group get no tokens: what answers at 169.254.169.254 could not be started: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  async #startInfra(): Promise<void> {
    await this.#withAddress(async (address) => {
      const { HostConfig, ...network } = this.#networkOf(address);
      const body = { Image: INFRA_IMAGE, Labels: { ...this.labels, [LABELS.role]: "infra" }, ...network, HostConfig: { ...hostConfig({ cpu: undefined, memoryInGB: undefined }, this.network, [], this.isPodman), ...HostConfig } };
      this.#infraId = (await this.client.call<{ Id: string }>("POST", "/containers/create", { body })).Id;
      try {
        await this.client.call("POST", `/containers/${this.#infraId}/start`);
      } catch (error) {
        await this.client.call("DELETE", `/containers/${this.#infraId}`, { query: { force: 1 } });
        throw error;
      }
    });
  }

  // A group with ports gets a loopback address of its own, so that two groups can show the same port.
  async #withAddress<T>(start: (address: string | undefined) => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      const address = this.spec.ports.length === 0 ? undefined : process.platform === "linux" ? addressOf(this.spec.id, tries) : "127.0.0.1";
      try {
        const started = await start(address);
        this.ip = address;
        return started;
      } catch (error) {
        if (!isAddressTaken(error) || tries >= ADDRESS_TRIES || process.platform !== "linux") throw error;
      }
    }
  }

  // What makes a container the one that holds the group's network.
  #networkOf(address: string | undefined): { readonly Hostname: string; readonly ExposedPorts: object; readonly NetworkingConfig: object; readonly HostConfig: { readonly PortBindings: object } } {
    const names = this.spec.ports.map(({ port, protocol }) => [`${port}/${protocol.toLowerCase()}`, port] as const);
    return {
      Hostname: "SandboxHost",
      ExposedPorts: Object.fromEntries(names.map(([name]) => [name, {}])),
      NetworkingConfig: { EndpointsConfig: { [this.network]: { Aliases: this.spec.hostNames, ...linkLocal(this.#linkLocals[0]) } } },
      HostConfig: { PortBindings: Object.fromEntries(names.map(([name, port]) => [name, [{ HostIp: address, HostPort: String(port) }]])) },
    };
  }
}

// Removes every container and every volume with a label. What is gone already is gone.
export async function removeAll(client: DockerClient, label: string, value: string): Promise<void> {
  const query = labeled(label, value);
  const containers = await client.call<{ Id: string }[]>("GET", "/containers/json", { query });
  await Promise.all(containers.map(({ Id }) => remove(client, `/containers/${Id}`)));
  const { Volumes } = await client.call<{ Volumes: { Name: string }[] | null }>("GET", "/volumes", { query: { filters: query.filters } });
  await Promise.all((Volumes ?? []).map(({ Name }) => remove(client, `/volumes/${Name}`)));
  const networks = await client.call<{ Id: string }[]>("GET", "/networks", { query: { filters: query.filters } });
  await Promise.all(networks.map(({ Id }) => remove(client, `/networks/${Id}`)));
}

// Removes what emulators of this machine have left that were killed.
export async function removeOrphans(client: DockerClient): Promise<void> {
  const query = { all: 1, filters: { label: [LABELS.owner] } };
  const containers = await client.call<{ Labels: Record<string, string> }[]>("GET", "/containers/json", { query });
  const { Volumes } = await client.call<{ Volumes: { Labels: Record<string, string> | null }[] | null }>("GET", "/volumes", { query: { filters: query.filters } });
  const networks = await client.call<{ Labels: Record<string, string> }[]>("GET", "/networks", { query: { filters: query.filters } });
  const owners = new Set([...containers, ...(Volumes ?? []), ...networks].map(({ Labels }) => Labels?.[LABELS.owner] ?? ""));
  for (const owner of owners) if (isGone(owner)) await removeAll(client, LABELS.owner, owner);
}

async function remove(client: DockerClient, path: string): Promise<void> {
  try {
    await client.call("DELETE", path, { query: { force: 1, v: 1 } });
  } catch (error) {
    // 409: somebody is removing it already.
    if (!(error instanceof DockerError) || ![404, 409].includes(error.status)) throw error;
  }
}

// An address of 127.0.0.0/8 by a group's id, away from the few that people use.
function addressOf(id: string, tries: number): string {
  let hash = tries;
  for (const char of id) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  return `127.${64 + (hash % 64)}.${(hash >>> 8) % 256}.${1 + ((hash >>> 16) % 254)}`;
}
