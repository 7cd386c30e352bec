import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AciClient, folderStore, ServerPool, type PoolServer, type Session } from "aci-lifecycle";
import { scripted, startEmulator, type Emulator, type ScriptedContainer } from "aci-lifecycle/emulator";
import { runToDeath } from "../points/child-process.js";
import { SkippingClock } from "./skipping-clock.js";
import { dice } from "../points/kill-job.js";
import { startProxy } from "../points/proxy.js";
import type { PoolPoint, PoolStop } from "./points.js";
import { CAPACITY, MAX, poolOptions } from "./pool-options.js";

export const CHILD = fileURLToPath(new URL("../../../temp/kill/servers-child.mjs", import.meta.url));
const EVERY_IN_MS = 15_000;
/** Longer than a scaler that has died keeps others from acting, and than a create is waited for that never came. */
const PASSES = 60;

/** Has a process grow or shrink a pool that is in use, kills it at a point, goes on in another, and answers what is wrong then. */
export async function killPool(point: PoolPoint, n: number): Promise<string[]> {
  const draw = dice(`${point.name}/${n}`);
  const folder = await mkdtemp(join(tmpdir(), "kill-servers-"));
  const serve = async ({ signal }: ScriptedContainer): Promise<number> => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return 0;
  };
  await using emulator = await startEmulator({ engine: scripted({ arena: serve }), assumptions: { deleteStatus: draw() < 0.5 ? 200 : 202 } });
  try {
    const story = new Story(emulator, folder);
    await story.begin(point.way === "up" ? 1 : MAX);
    await die(emulator, folder, point.stops[n % point.stops.length] as PoolStop, point.way === "up" ? MAX : 1, 30 * draw());
    return await story.goOn(point.way === "up" ? MAX : 1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function die(emulator: Emulator, folder: string, stop: PoolStop, wanted: number, lingerInMs: number): Promise<void> {
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const proxy = await startProxy(emulator, "request" in stop ? stop.request : undefined, reach);
  try {
    const input = { work: "reconcile", folder, wanted, ...("row" in stop && { stop }) } as const;
    await runToDeath(input, { ...emulator.environment, AZURE_RESOURCE_MANAGER_ENDPOINT: proxy.endpoint }, reached, lingerInMs, CHILD);
  } finally {
    proxy.close();
  }
}

class Story {
  readonly #sessions: Session[] = [];
  readonly #faults: string[] = [];
  #wanted = 0;

  constructor(
    private readonly emulator: Emulator,
    private readonly folder: string,
  ) {}

  #pool(clock?: SkippingClock): ServerPool {
    return new ServerPool(new AciClient({ ...this.emulator.clientOptions, ...(clock && { clock }) }), poolOptions(folderStore(this.folder), () => this.#wanted));
  }

  // So many servers, one of which is full.
  async begin(count: number): Promise<void> {
    const pool = this.#pool();
    this.#wanted = count;
    for (let passes = 0; passes < 200 && !(await isRunning(pool, count)); passes++) await pool.reconcile();
    for (let places = 0; places < CAPACITY; places++) await this.#enter(pool);
  }

  // Takes the place of the process that has died, while somebody comes; and ends the pool when nobody needs it any more.
  async goOn(wanted: number): Promise<string[]> {
    const clock = new SkippingClock();
    const pool = this.#pool(clock);
    // It meets an answer, too, for which it has to ask again.
    this.emulator.inject({ on: "list", answer: "unavailable", times: 1 });
    await this.#enter(pool);
    this.#wanted = wanted;
    await this.#settle(pool, clock, (servers) => servers.every(({ state, sessions }) => state === "running" || (state === "draining" && sessions > 0)) && servers.filter(({ state }) => state === "running").length === wanted);
    for (const { id, server } of this.#sessions) {
      if (this.#deleted().includes(server.groupName)) this.#faults.push(`lost: ${server.groupName} was deleted with a session on it`);
      await pool.renew(id).catch((error: unknown) => this.#faults.push(`lost: a session was told ${String(error)}`));
    }
    await Promise.all(this.#sessions.map(({ id }) => pool.release(id)));
    this.#wanted = 0;
    await this.#settle(pool, clock, (servers) => servers.length === 0);
    // Notes of those who have asked in vain are tidied away when they are old.
    clock.skip(20 * 60_000);
    await pool.reconcile();
    for await (const { key } of folderStore(this.folder).list?.("") ?? []) if (!key.endsWith("/scaler")) this.#faults.push(`leaked: ${key} is left in the store`);
    return [...this.#faults, ...this.#doubles()];
  }

  async #enter(pool: ServerPool): Promise<void> {
    const session = await pool.acquire();
    if (session !== undefined) this.#sessions.push(session);
  }

  // Reconciles until the pool is as it should be: by its rows, and by the groups that there are.
  async #settle(pool: ServerPool, clock: SkippingClock, isRight: (servers: readonly PoolServer[]) => boolean): Promise<void> {
    for (let passes = 0; passes < PASSES; passes++) {
      await pool.reconcile();
      const servers = await collect(pool);
      const groups = this.emulator.groups().map(({ name }) => name).sort();
      if (isRight(servers) && servers.map(({ groupName }) => groupName).sort().join() === groups.join()) return;
      clock.skip(EVERY_IN_MS);
    }
    const servers = (await collect(pool)).map(({ id, state }) => `${id} ${state}`).join(", ");
    this.#faults.push(`leaked: of ${this.#wanted} servers that were wanted there are ${servers}; groups ${this.emulator.groups().map(({ name }) => name).join(", ")}`);
  }

  #deleted(): string[] {
    return this.emulator.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path.split("/").at(-1) ?? "");
  }

  // Never more groups than there may be, and none created twice, by the emulator's own record.
  #doubles(): string[] {
    const faults: string[] = [];
    const alive = new Set<string>();
    for (const { method, path, status } of this.emulator.requests) {
      if (method === "DELETE") alive.delete(path);
      if (method === "PUT" && status === 200) faults.push("doubled: a PUT on a group that was there");
      if (method === "PUT" && status === 201) alive.add(path);
      if (alive.size > MAX) faults.push(`doubled: ${alive.size} groups at once`);
    }
    return faults;
  }
}

async function collect(pool: ServerPool): Promise<PoolServer[]> {
  const servers: PoolServer[] = [];
  for await (const server of pool.servers()) servers.push(server);
  return servers;
}

async function isRunning(pool: ServerPool, count: number): Promise<boolean> {
  return (await collect(pool)).filter(({ state }) => state === "running").length === count;
}
