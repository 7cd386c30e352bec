import { isListed } from "../../client/ensure-gone.js";
import type { ClientParts } from "../../client/parts.js";
import { isAciError } from "../../errors.js";
import { untilAborted } from "../../internal/abort.js";
import { resolveSecrets } from "../../lifecycle/resolve-secrets.js";
import type { Hider } from "../servers/hider.js";
import { keyedGroup, type KeyedServer } from "./keyed-server.js";
import type { ResolvedEnsureServerOptions } from "./options.js";

// A server that was just created may be unknown to the next look. No other create is sent meanwhile.
const UNSEEN_FOR_IN_MS = 30_000;
const SENT = "its create was sent, and there is no group";

/** What came of a create: it was sent; the budget has no turn for it yet; a list has the group; or whoever sent it for all was stopped by its own signal. */
type Sent = "sent" | "waits" | "listed" | "stopped";

// The creates that are under way, by their client and the name of their group.
const underWay = new WeakMap<ClientParts, Map<string, Promise<Sent>>>();

/** Creates the server of a key: all who ask a client for it at once send one group. */
export class Creator {
  // Each create has longer to be seen than the one before, so that a server that dies at once is no storm of creates.
  #againAt = -Infinity;
  #unseenForInMs = UNSEEN_FOR_IN_MS;

  constructor(
    private readonly parts: ClientParts,
    private readonly keyed: KeyedServer,
    private readonly hider: Hider,
    private readonly options: ResolvedEnsureServerOptions,
  ) {}

  // Sends the group, unless that was done just now, the list has one, or it is not its turn: why there is none yet. What has come
  // although its answer was lost, or came from elsewhere in the same moment, the next look finds.
  async create(): Promise<string> {
    const { clock } = this.parts;
    if (clock.now() < this.#againAt) return SENT;
    const sent = await this.#together();
    if (sent === "waits") return "its create waits for its turn in the client's budget";
    if (sent !== "sent") return "there is no group";
    this.#againAt = clock.now() + this.#unseenForInMs;
    this.#unseenForInMs *= 2;
    return SENT;
  }

  // Its place among those who wait for their turn to create is given to others, but for a create that is under way.
  leave(): void {
    const { groupName } = this.keyed;
    if (underWay.get(this.parts)?.has(groupName) !== true) this.parts.budget?.creates.drop(groupName);
  }

  async #together(): Promise<Sent> {
    const { groupName } = this.keyed;
    const ofClient = underWay.get(this.parts) ?? new Map<string, Promise<Sent>>();
    underWay.set(this.parts, ofClient);
    const other = ofClient.get(groupName);
    if (other !== undefined) return untilAborted(other, this.options.abortSignal);
    const own = this.#send().finally(() => ofClient.delete(groupName));
    // To whoever waits for it, the signal of who sends it is no reason to fail.
    const forOthers = own.catch((error: unknown) => this.#orStopped(error));
    forOthers.catch(() => undefined);
    ofClient.set(groupName, forOthers);
    return own;
  }

  #orStopped(error: unknown): Sent {
    if (this.options.abortSignal?.aborted === true) return "stopped";
    throw error;
  }

  // The list is read after the turn has come: who has waited for it does not know what was created meanwhile.
  async #send(): Promise<Sent> {
    const { budget, clock } = this.parts;
    const { groupName } = this.keyed;
    const { abortSignal } = this.options;
    if (budget !== undefined && budget.creates.take(clock.now(), groupName) > clock.now()) return "waits";
    try {
      if (await isListed(this.parts, groupName, abortSignal)) return "listed";
      return await this.#put();
    } finally {
      budget?.creates.drop(groupName);
    }
  }

  async #put(): Promise<Sent> {
    const { secrets, idleTimeoutInMs, abortSignal } = this.options;
    const group = await resolveSecrets(keyedGroup(this.parts, this.keyed, idleTimeoutInMs), secrets);
    this.hider.learn(group);
    try {
      await this.parts.gateway.put(group, { isDue: true, abortSignal });
    } catch (error) {
      if (!isAciError(error) || !(error.mayHaveStarted || error.isRetryable)) throw error;
    }
    return "sent";
  }
}
