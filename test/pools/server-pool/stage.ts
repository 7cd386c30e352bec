import { scripted, startEmulator, VirtualClock, type Emulator, type Engine, type ScriptedContainer } from "aci-lifecycle/emulator";
import { partsOf, setParts } from "../../../src/client/parts.js";
import type { Gateway } from "../../../src/gateway.js";
import { AciClient, bySessions, memoryStore, ServerPool, type AciClientOptions, type JobStore, type PoolServer, type ReconcileReport, type ServerPoolOptions } from "../../../src/index.js";

const EVERY_IN_MS = 15_000;

/** A pool over an emulator whose containers are functions, in virtual time. */
export class Stage {
  readonly clock = new VirtualClock();
  readonly store: JobStore = memoryStore();
  /** What each look finds of a server's program, by its id; true for those that are not here. */
  readonly health = new Map<string, boolean>();
  readonly reports: ReconcileReport[] = [];
  /** What the addresses of groups begin with. */
  network = "10.0.0";
  #underWay = 0;
  pool!: ServerPool;
  emulator!: Emulator;

  static async open(options: Partial<ServerPoolOptions> = {}): Promise<Stage> {
    const stage = new Stage();
    const serve = async (container: ScriptedContainer): Promise<number> => {
      while (!container.signal.aborted) await container.sleep(1e9).catch(() => undefined);
      return 0;
    };
    stage.emulator = await startEmulator({ engine: stage.#addressed(scripted({ arena: serve }, { clock: stage.clock })), pace: { startInMs: 5000 } });
    stage.pool = stage.newPool(options);
    return stage;
  }

  // A pool of its own, as in another process.
  newPool(options: Partial<ServerPoolOptions> = {}, more: Pick<AciClientOptions, "requestBudget" | "clock"> = {}): ServerPool {
    const client = this.client(more);
    const isHealthy = ({ id }: { readonly id: string }): boolean => this.health.get(id) ?? true;
    return new ServerPool(client, { name: "arena", server: { image: "arena", address: {}, ports: [{ port: 27015 }] }, scaling: bySessions({ capacityPerServer: 2 }), store: this.store, scaleOutCooldownInMs: 15_000, scaleInCooldownInMs: 60_000, isHealthy, ...options });
  }

  // A client whose requests are counted while they are under way: they take real time, which must not run away from virtual.
  client(more: Pick<AciClientOptions, "requestBudget" | "clock"> = {}): AciClient {
    const client = new AciClient({ ...this.emulator.clientOptions, clock: this.clock, ...more });
    const { gateway } = partsOf(client);
    const counted = new Proxy(gateway, {
      get: (target, verb: keyof Gateway) => async (...args: never[]) => {
        this.#underWay++;
        return (target[verb] as (...given: never[]) => Promise<unknown>)(...args).finally(() => this.#underWay--);
      },
    });
    setParts(client, { ...partsOf(client), gateway: counted });
    return client;
  }

  // Lets time pass, with a reconcile every 15 seconds.
  async pass(ms: number, pool: ServerPool = this.pool): Promise<void> {
    for (let left = ms; left > 0; left -= EVERY_IN_MS) {
      await this.clock.advance(Math.min(left, EVERY_IN_MS));
      // Requests and the emulator's own work take no virtual time, but some turns of this process.
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.reports.push(await pool.reconcile());
    }
  }

  // Lets time pass until a promise has settled.
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    promise.then(() => (isSettled = true), () => (isSettled = true));
    const isPending = (): boolean => !isSettled;
    while (isPending()) {
      if (this.#underWay === 0) await this.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return promise;
  }

  async servers(): Promise<PoolServer[]> {
    const servers: PoolServer[] = [];
    for await (const server of this.pool.servers()) servers.push(server);
    return servers.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  async states(): Promise<string[]> {
    return (await this.servers()).map(({ state, isSuspected }) => (isSuspected ? `${state}, suspected` : state)).sort();
  }

  // The requests so far of a method, when they were made.
  requests(method: string): number[] {
    return this.emulator.requests.filter((request) => request.method === method).map(({ at }) => at);
  }

  #addressed(engine: Engine): Engine {
    let count = 0;
    return {
      ...engine,
      openGroup: async (...args) => {
        const group = await engine.openGroup(...args);
        const host = ++count;
        const addressOf = (): string => `${this.network}.${host}`;
        return Object.defineProperty({ ...group }, "ip", { get: addressOf });
      },
    };
  }
}
