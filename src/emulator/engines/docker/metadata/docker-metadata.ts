import { createHash } from "node:crypto";
import { systemClock, type Clock } from "../../../../internal/clock.js";
import type { EngineGroup, EngineGroupSpec } from "../../../engine.js";
import type { DockerClient } from "../api/docker-client.js";
import { answerHead } from "./answer-head.js";
import { startRelay } from "./relay.js";

type Metadata = NonNullable<EngineGroupSpec["metadata"]>;

// How long nobody answers before the relay is started again: longer each time that it has not lasted.
const FIRST_PAUSE_IN_MS = 500;
const LONGEST_PAUSE_IN_MS = 60_000;

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
  readonly #over = new AbortController();
  #relay: Promise<void> | undefined;
  #removed: Promise<void> = Promise.resolve();
  #pauseInMs = FIRST_PAUSE_IN_MS;

  constructor(
    private readonly client: DockerClient,
    private readonly network: string,
    private readonly labels: Readonly<Record<string, string>>,
    private readonly clock: Clock = systemClock,
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
      await (this.#relay ??= this.#start());
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

  /** Starts nothing any more. What answers goes on until its container is removed. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#relay?.catch(() => undefined);
    await this.#removed;
  }

  async #start(): Promise<void> {
    this.#over.signal.throwIfAborted();
    await this.#removed;
    const startedAt = this.clock.now();
    await startRelay(this.client, this.network, this.labels, (from, head) => this.#answer(from, head), (removed) => {
      this.#relay = undefined;
      this.#removed = removed;
      if (this.clock.now() - startedAt >= LONGEST_PAUSE_IN_MS) this.#pauseInMs = FIRST_PAUSE_IN_MS;
      this.#startAgain().catch(() => undefined);
    });
  }

  // For the groups that are there: nobody else would. Rejects when it is over.
  async #startAgain(): Promise<void> {
    while (this.#relay === undefined && [...this.#holders.values()].some(({ metadata }) => metadata !== undefined)) {
      const pauseInMs = this.#pauseInMs;
      this.#pauseInMs = Math.min(2 * pauseInMs, LONGEST_PAUSE_IN_MS);
      await this.clock.sleep(pauseInMs, this.#over.signal);
      await this.serve();
    }
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
