import { createHash } from "node:crypto";
import type { EngineGroup, EngineGroupSpec } from "../../../engine.js";
import type { DockerClient } from "../api/docker-client.js";
import { answerHead } from "./answer-head.js";
import { startRelay } from "./relay.js";

type Metadata = NonNullable<EngineGroupSpec["metadata"]>;

interface Holder {
  readonly group: string;
  readonly metadata: Metadata | undefined;
}

/**
 * The metadata service of all groups on a network. Each group, whether it has an identity or not, gets an address of
 * 169.254.0.0/16, which does two things: what it sends to 169.254.169.254 stays on the network, so that the service of a cloud
 * that this machine is in is not reached; and it comes from an address by which the group is known.
 */
export class DockerMetadata {
  readonly #holders = new Map<string, Holder>();
  #relay: Promise<void> | undefined;

  constructor(
    private readonly client: DockerClient,
    private readonly network: string,
    private readonly labels: Readonly<Record<string, string>>,
  ) {}

  /** An address that nobody else has. `left` is one that the group's containers have already. */
  take(group: string, metadata: Metadata | undefined, left?: string): string {
    let address = left;
    // By a hash, so that none is given away before the group that another emulator gave it to has been found again.
    for (let tries = 0; address === undefined || (address !== left && this.#holders.has(address)); tries++) address = addressOf(group, tries);
    this.#holders.set(address, { group, metadata });
    return address;
  }

  /** Makes sure that somebody answers at 169.254.169.254. */
  async serve(): Promise<NonNullable<EngineGroup["metadata"]>> {
    try {
      await (this.#relay ??= startRelay(this.client, this.network, this.labels, (from, head) => this.#answer(from, head), () => (this.#relay = undefined)));
      return "served";
    } catch (error) {
      // The next group may have more luck.
      this.#relay = undefined;
      return { problem: `The containers of this group get no tokens: what answers at 169.254.169.254 could not be started: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  /** Gives a group's addresses back. */
  release(group: string): void {
    for (const [address, holder] of this.#holders) if (holder.group === group) this.#holders.delete(address);
  }

  // A group without identity is told nothing, as if nobody were there.
  async #answer(from: string, head: Buffer): Promise<Buffer | undefined> {
    const metadata = this.#holders.get(from)?.metadata;
    return metadata === undefined ? undefined : answerHead(head, metadata);
  }
}

// 169.254.1.1 to 169.254.168.254: below 169.254.169.0/24, in which clouds have services.
function addressOf(group: string, tries: number): string {
  const hash = createHash("sha256").update(`${group} ${tries}`).digest();
  return `169.254.${1 + (hash.readUInt16BE(0) % 168)}.${1 + (hash.readUInt16BE(2) % 254)}`;
}
