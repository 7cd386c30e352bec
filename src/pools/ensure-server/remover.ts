import { orAbsent } from "../../client/find-group.js";
import type { ClientParts } from "../../client/parts.js";
import { isAciError } from "../../errors.js";
import { judgeServer } from "../servers/judge-server.js";
import { isReachable } from "../servers/server-group.js";
import { expectOurs, type KeyedServer } from "./keyed-server.js";
import type { ResolvedEnsureServerOptions } from "./options.js";

// From one delete of a key's server to the next.
const DELETE_EVERY_IN_MS = 30_000;

interface DeleteRow {
  /** Until when nobody else sends a delete. */
  readonly until: number;
}

/** Removes the group of a server that does not serve and will not. */
export class Remover {
  #againAt = -Infinity;

  constructor(
    private readonly parts: ClientParts,
    private readonly keyed: KeyedServer,
    private readonly options: ResolvedEnsureServerOptions,
  ) {}

  // Sends one delete, unless one was sent just now. Whether it has come to anything the next look tells: a group that is found
  // then may be another, which has taken the place of this one.
  async remove(): Promise<void> {
    const now = this.parts.clock.now();
    const until = now + DELETE_EVERY_IN_MS;
    if (now < this.#againAt) return;
    this.#againAt = until;
    if (!(await this.#claim(now, until))) return;
    try {
      await this.#delete(until);
    } catch (error) {
      if (!isAciError(error) || !(error.mayHaveStarted || error.isRetryable)) throw error;
    }
  }

  // Another process may have put a new one in its place since. For the same reason nothing is tried again in here.
  async #delete(until: number): Promise<void> {
    const { gateway, clock } = this.parts;
    const { groupName, spec } = this.keyed;
    const { abortSignal } = this.options;
    const snapshot = await orAbsent(gateway.get(groupName, { abortSignal }), undefined);
    if (snapshot === undefined || clock.now() >= until) return;
    expectOurs(this.keyed, snapshot);
    if ("because" in judgeServer(snapshot, isReachable(spec))) await orAbsent(gateway.delete(groupName, { abortSignal }), "gone" as const);
  }

  // With a store one process at a time sends deletes.
  async #claim(now: number, until: number): Promise<boolean> {
    const { store } = this.options;
    if (store === undefined) return true;
    const key = `servers/${encodeURIComponent(this.keyed.owner)}/keys/${this.keyed.hash}`;
    const found = await store.read(key);
    if (found !== undefined && (found.value as unknown as DeleteRow).until > now) return false;
    return (await store.write(key, { until }, found?.version ?? "absent")) !== undefined;
  }
}
