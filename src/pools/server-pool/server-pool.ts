import type { AciClient } from "../../client/aci-client.js";
import type { CallOptions } from "../../client/options.js";
import { partsOf } from "../../client/parts.js";
import { expectFields, expectKeys, expectPositive, expectSignal, expectText } from "../../lifecycle/expect.js";
import { Hider } from "../servers/hider.js";
import { resolveServerPoolOptions, type ServerPoolOptions } from "./options.js";
import type { Pool } from "./pool.js";
import { poolServerOf, type PoolServer } from "./rows/pool-server.js";
import { PoolRows } from "./rows/pool-rows.js";
import { Scaler } from "./rows/scaler.js";
import { dismiss } from "./sessions/dismiss.js";
import { reconcile } from "./reconcile/reconcile.js";
import type { ReconcileReport } from "./reconcile/reconcile-report.js";
import { checkLoopOptions, runLoop, type PoolRunLoopOptions } from "./reconcile/run-loop.js";
import { acquire, type AcquireOptions } from "./sessions/acquire.js";
import { release, renew } from "./sessions/keep.js";
import { report, type SessionCount } from "./sessions/report.js";
import type { Session } from "./sessions/session.js";

/**
 * A fleet of servers as large as its load asks, none of which is deleted while it is in use.
 *
 * @remarks
 * The pool is in its store, not in this object: any number of processes may make a `ServerPool` of one name over one store, hand
 * out sessions and reconcile. Nothing happens by itself. Call {@link ServerPool.reconcile} every 15 to 60 seconds, from a timer
 * Function for instance, or {@link ServerPool.run} in a process that stays: {@link ServerPool.acquire} does not.
 *
 * @example
 * ```ts
 * const pool = new ServerPool(client, { name: "games", server: { image: "arena:3", address: {}, ports: [{ port: 27015 }] }, scaling: bySessions({ capacityPerServer: 12 }), store, min: 1 });
 * void pool.run({ abortSignal });
 * await using session = await pool.acquire({ waitInMs: 30_000 });
 * console.log(session?.server.ip);
 * ```
 * @public
 */
export class ServerPool {
  readonly #pool: Pool;
  readonly #scaler = new Scaler();

  /** @throws TypeError or RangeError if an option cannot be right. */
  constructor(client: AciClient, options: ServerPoolOptions) {
    const parts = partsOf(client);
    const resolved = resolveServerPoolOptions(options);
    const { owner, location } = parts;
    this.#pool = { parts, options: resolved, identity: { owner, location, pool: resolved.name }, rows: new PoolRows(resolved.store, owner, resolved.name), hider: new Hider(resolved.server, resolved.secrets) };
  }

  /**
   * Looks at all servers once and does what is to be done about them: a bounded number of requests, and no waiting for what they
   * bring. The next call goes on from there, in this process or in another.
   *
   * @throws TypeError if an option cannot be right, and what the store, the scaling rule or the list of groups rejects with: nothing is done then.
   */
  async reconcile(options: CallOptions = {}): Promise<ReconcileReport> {
    expectKeys("options", options, ["abortSignal"]);
    expectSignal("abortSignal", options.abortSignal);
    return reconcile(this.#pool, this.#scaler, options.abortSignal);
  }

  /**
   * Reconciles again and again until it is aborted, and resolves then.
   *
   * @throws TypeError or RangeError if an option cannot be right, and what the client's clock fails with if it cannot sleep.
   */
  async run(options: PoolRunLoopOptions): Promise<void> {
    checkLoopOptions(options);
    await runLoop((abortSignal) => this.reconcile({ abortSignal }), this.#pool.parts.clock, options);
  }

  /**
   * A place on a server, or `undefined` if all are full until `waitInMs` is over, which is no error. Who waits, or has asked in
   * vain within the last minute, counts as load: a pool without servers starts one. Where servers do not answer, it may take ten
   * seconds longer.
   */
  async acquire(options: AcquireOptions = {}): Promise<Session | undefined> {
    expectKeys("options", options, ["waitInMs", "abortSignal"]);
    expectPositive("waitInMs", options.waitInMs, 0);
    expectSignal("abortSignal", options.abortSignal);
    return acquire(this.#pool, options);
  }

  /**
   * Keeps a session for another lease.
   *
   * @throws {@link AciError} `ACI_SESSION_EXPIRED` if it was released, or not renewed for twice its lease, `ACI_SERVER_LOST` if its server died or is not known.
   */
  async renew(id: string): Promise<void> {
    await renew(this.#pool, id);
  }

  /** Gives the place of a session back. One that is over is fine. */
  async release(id: string): Promise<void> {
    await release(this.#pool, id);
  }

  /**
   * Tells how many sessions a server has, by its own count or a matchmaker's. It is not deleted while there are any. Once
   * reported of, it is expected to be again and again, see {@link ServerPoolOptions.reportsWithinInMs}.
   *
   * @throws {@link AciError} `ACI_SERVER_LOST` if the pool has deleted it or does not know it.
   */
  async report(serverId: string, count: SessionCount): Promise<void> {
    expectText("serverId", serverId);
    expectFields("count", count, ["sessions", "observedAt"]);
    await report(this.#pool, serverId, count);
  }

  /** Has a server take no new sessions and go when it has none, whatever the load; another takes its place if one is needed. */
  async drain(serverId: string): Promise<void> {
    expectText("serverId", serverId);
    await dismiss(this.#pool, serverId);
  }

  /** The servers as the store has them. */
  async *servers(): AsyncIterableIterator<PoolServer> {
    const now = this.#pool.parts.clock.now();
    for (const row of (await this.#pool.rows.list(now)).rows) yield poolServerOf(row, now);
  }
}
