import type { EngineContainerSpec, EngineGroup, EngineGroupSpec, EngineRun, RegistryLogin } from "../../engine.js";
import type { DockerClient } from "./api/docker-client.js";
import { pullImage } from "./api/images.js";
import { INFRA_IMAGE } from "./api/infra-image.js";
import { isAddressTaken, startRun } from "./runs/docker-run.js";
import { linkLocal } from "./docker-network.js";
import { makeVolume, mountOf } from "./docker-volumes.js";
import type { GitSettings } from "./git-clone.js";
import { hostConfig, type Mount } from "./host-config.js";
import { LABELS } from "./labels.js";
import type { LeftGroup } from "./left/find-group.js";
import { removeAll } from "./left/remove.js";
import type { DockerMetadata } from "./metadata/docker-metadata.js";

const ADDRESS_TRIES = 5;
const PODMAN_HAS_NO_METADATA = "The containers of this group get no tokens: Podman gives them no address of their own for 169.254.169.254.";

// What all groups of an engine have in common.
export interface DockerSurroundings {
  readonly client: DockerClient;
  /** The labels that say whose a group is. */
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
  /** Names that each group can look up besides those of other groups, with their addresses. */
  readonly extraHosts: readonly string[];
  readonly isPodman: boolean;
  /** An image with git, where repositories may be cloned. */
  readonly gitImage: string | undefined;
  readonly metadata: DockerMetadata;
}

// A group on Docker: a container that does nothing holds its network and its ports, the others join it. One that is alone
// and started once holds them itself.
export class DockerGroup implements EngineGroup {
  readonly #volumes = new Map<string, Omit<Mount, "Target">>();
  readonly #labels: Readonly<Record<string, string>>;
  #infraId = "";
  ip: string | undefined;
  metadata: EngineGroup["metadata"];
  #linkLocal: string | undefined;

  private constructor(
    private readonly around: DockerSurroundings,
    private readonly spec: EngineGroupSpec,
  ) {
    this.#labels = { ...around.labels, [LABELS.group]: spec.id };
  }

  static async open(around: DockerSurroundings, spec: EngineGroupSpec, abortSignal?: AbortSignal): Promise<DockerGroup> {
    const group = new DockerGroup(around, spec);
    try {
      await group.#takeAddress();
      for (const volume of spec.volumes) group.#volumes.set(volume.name, await makeVolume(around.client, volume, `${spec.id}-${volume.name}`, group.#labels, group.#gitSettings(abortSignal)));
      if (!spec.isSingleRun) await group.#startInfra();
    } catch (error) {
      await group.close();
      throw error;
    }
    return group;
  }

  // One that another emulator made. What it lacks is made; volumes that a container has seen are left as they are.
  static async reopen(around: DockerSurroundings, spec: EngineGroupSpec, left: LeftGroup, abortSignal?: AbortSignal): Promise<DockerGroup> {
    const group = new DockerGroup(around, spec);
    try {
      await group.#takeAddress(left.linkLocal);
      for (const volume of spec.volumes) {
        const name = `${spec.id}-${volume.name}`;
        group.#volumes.set(volume.name, left.hasRun ? mountOf(volume, name) : await makeVolume(around.client, volume, name, group.#labels, group.#gitSettings(abortSignal)));
      }
      group.ip = left.ip;
      if (left.infraId !== undefined) group.#infraId = left.infraId;
      else if (!spec.isSingleRun) await group.#startInfra();
    } catch (error) {
      // What runs is left to be found again, or removed with its group.
      if (!left.hasRun) await group.close();
      throw error;
    }
    return group;
  }

  async pull(image: string, credentials: RegistryLogin | undefined): Promise<string | undefined> {
    return pullImage(this.around.client, image, credentials);
  }

  async start(container: EngineContainerSpec): Promise<EngineRun> {
    const mounts = container.mounts.map(({ volume, path, isReadOnly }): Mount => {
      const mount = this.#volumes.get(volume);
      if (mount === undefined) throw new Error(`Container "${container.name}" mounts a volume "${volume}" that its group does not have`);
      return { ...mount, Target: path, ReadOnly: mount.ReadOnly || isReadOnly };
    });
    const labels = { ...this.#labels, [LABELS.container]: container.name, [LABELS.run]: String(container.run), [LABELS.role]: container.isInit ? "init" : "main" };
    const body = (network: object, mode: string): object => ({
      Image: container.image,
      // Replaces entry point and command together, as ACI does.
      ...(container.command.length === 0 ? {} : { Entrypoint: container.command, Cmd: [] }),
      Env: Object.entries(container.environment).map(([name, value]) => `${name}=${value}`),
      ...(container.workingFolder === undefined ? {} : { WorkingDir: container.workingFolder }),
      Labels: labels,
      ...network,
      HostConfig: { ...hostConfig(container, mode, mounts, this.around.isPodman), ...("HostConfig" in network ? (network.HostConfig as object) : {}) },
    });
    if (!this.spec.isSingleRun) return startRun(this.around.client, body({}, `container:${this.#infraId}`), this.#infraId);
    return this.#withAddress((address) => startRun(this.around.client, body(this.#networkOf(address), this.around.network)));
  }

  async close(): Promise<void> {
    await removeAll(this.around.client, { [LABELS.group]: this.spec.id });
    this.around.metadata.release(this.spec.id);
  }

  // Takes the address by which the metadata service knows the group.
  async #takeAddress(left?: string): Promise<void> {
    const { metadata, isPodman } = this.around;
    if (!isPodman) this.#linkLocal = metadata.take(this.spec.id, this.spec.metadata, left);
    if (this.spec.metadata === undefined) return;
    this.metadata = isPodman ? { problem: PODMAN_HAS_NO_METADATA } : await metadata.serve();
  }

  // What clones has an address of its own, as it has no identity.
  #gitSettings(abortSignal: AbortSignal | undefined): GitSettings | undefined {
    const { gitImage: image, network, isPodman, metadata } = this.around;
    if (image === undefined) return undefined;
    return { image, network, isPodman, abortSignal, linkLocal: isPodman ? undefined : metadata.take(this.spec.id, undefined) };
  }

  async #startInfra(): Promise<void> {
    await this.#withAddress(async (address) => {
      const { HostConfig, ...network } = this.#networkOf(address);
      const body = { Image: INFRA_IMAGE, Labels: { ...this.#labels, [LABELS.role]: "infra" }, ...network, HostConfig: { ...hostConfig({ cpu: undefined, memoryInGB: undefined }, this.around.network, [], this.around.isPodman), ...HostConfig } };
      this.#infraId = (await this.around.client.call<{ Id: string }>("POST", "/containers/create", { body })).Id;
      try {
        await this.around.client.call("POST", `/containers/${this.#infraId}/start`);
      } catch (error) {
        await this.around.client.call("DELETE", `/containers/${this.#infraId}`, { query: { force: 1 } });
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
  #networkOf(address: string | undefined): { readonly Hostname: string; readonly ExposedPorts: object; readonly NetworkingConfig: object; readonly HostConfig: { readonly PortBindings: object; readonly ExtraHosts: readonly string[] } } {
    const names = this.spec.ports.map(({ port, protocol }) => [`${port}/${protocol.toLowerCase()}`, port] as const);
    return {
      Hostname: "SandboxHost",
      ExposedPorts: Object.fromEntries(names.map(([name]) => [name, {}])),
      NetworkingConfig: { EndpointsConfig: { [this.around.network]: { Aliases: this.spec.hostNames, ...linkLocal(this.#linkLocal) } } },
      HostConfig: { PortBindings: Object.fromEntries(names.map(([name, port]) => [name, [{ HostIp: address, HostPort: String(port) }]])), ExtraHosts: this.around.extraHosts },
    };
  }
}

// An address of 127.0.0.0/8 by a group's id, away from the few that people use.
function addressOf(id: string, tries: number): string {
  let hash = tries;
  for (const char of id) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  return `127.${64 + (hash % 64)}.${(hash >>> 8) % 256}.${1 + ((hash >>> 16) % 254)}`;
}
