import type { EngineGroupSpec } from "../../../engine.js";
import type { DockerClient } from "../api/docker-client.js";
import { answerHead } from "./answer-head.js";
import { startRelay } from "./relay.js";

type Metadata = NonNullable<EngineGroupSpec["metadata"]>;

/**
 * The metadata service of all groups on a network. Each group, whether it has an identity or not, gets an address of
 * 169.254.0.0/16, which does two things: what it sends to 169.254.169.254 stays on the network, so that the service of a cloud
 * that this machine is in is not reached; and it comes from an address by which the group is known.
 */
export class DockerMetadata {
  readonly #groups = new Map<string, Metadata | undefined>();
  #last = 0;
  #relay: Promise<void> | undefined;

  constructor(
    private readonly client: DockerClient,
    private readonly network: string,
    private readonly labels: Readonly<Record<string, string>>,
  ) {}

  /** An address that no other group has. */
  take(metadata: Metadata | undefined): string {
    do this.#last = (this.#last % ADDRESSES) + 1;
    while (this.#groups.has(addressAt(this.#last)));
    const address = addressAt(this.#last);
    this.#groups.set(address, metadata);
    return address;
  }

  /** Makes sure that somebody answers at 169.254.169.254. */
  serve(): Promise<void> {
    this.#relay ??= this.#start();
    return this.#relay;
  }

  /** Gives an address back. */
  release(address: string): void {
    this.#groups.delete(address);
  }

  // One that cannot be started, or has ended, is started again for the next group.
  async #start(): Promise<void> {
    const forget = (): void => (this.#relay = undefined);
    try {
      await startRelay(this.client, this.network, this.labels, (from, head) => this.#answer(from, head), forget);
    } catch (error) {
      forget();
      throw error;
    }
  }

  // A group without identity is told nothing, as if nobody were there.
  async #answer(from: string, head: Buffer): Promise<Buffer | undefined> {
    const metadata = this.#groups.get(from);
    return metadata === undefined ? undefined : answerHead(head, metadata);
  }
}

// Below 169.254.169.0/24, in which clouds have services.
const ADDRESSES = 168 * 254;

function addressAt(number: number): string {
  return `169.254.${1 + Math.floor((number - 1) / 254)}.${1 + ((number - 1) % 254)}`;
}
