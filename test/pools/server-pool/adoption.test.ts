import { beforeEach, describe, expect, it } from "vitest";
import { bySessions, type ServerPool, type PoolServer, type ServerPoolOptions, type Session } from "../../../src/index.js";
import { Arena } from "./arena.js";

const MINUTE = 60_000;

let arena: Arena;
let azure: Arena["azure"];
let store: Arena["store"];
beforeEach(() => {
  arena = new Arena();
  ({ azure, store } = arena);
});

function newPool(options: Partial<ServerPoolOptions> = {}): ServerPool {
  return arena.newPool(azure.client(), { scaling: bySessions({ capacityPerServer: 2 }), scaleInCooldownInMs: 0, ...options });
}

async function acquire(pool: ServerPool): Promise<Session> {
  const session = await pool.acquire();
  if (session === undefined) throw new Error("The pool is full");
  return session;
}

// A pool whose rows are lost, with so many sessions on its one server.
async function bereft(sessions: number, options: Partial<ServerPoolOptions> = {}): Promise<readonly [pool: ServerPool, sessions: Session[]]> {
  const pool = newPool({ min: 1, max: 1, ...options });
  await pool.reconcile();
  await arena.pass(pool, MINUTE);
  const held = await Promise.all(Array.from({ length: sessions }, () => acquire(pool)));
  for await (const { key } of store.list?.("") ?? []) await store.delete(key);
  return [pool, held];
}

async function serversOf(pool: ServerPool): Promise<PoolServer[]> {
  const servers: PoolServer[] = [];
  for await (const server of pool.servers()) servers.push(server);
  return servers;
}

describe("a server that has lost its row", () => {
  const LEASE_IN_MS = 10 * MINUTE;

  it("is kept for as long as sessions are that nobody has renewed yet", async () => {
    const [, [session]] = await bereft(1, { sessionLeaseInMs: LEASE_IN_MS });
    const pool = newPool({ sessionLeaseInMs: LEASE_IN_MS });
    await arena.pass(pool, 2 * LEASE_IN_MS - MINUTE);
    expect(await serversOf(pool)).toMatchObject([{ state: "draining" }]);
    await pool.renew(session?.id ?? "");
    await arena.pass(pool, LEASE_IN_MS);
    await pool.renew(session?.id ?? "");
    await pool.release(session?.id ?? "");
    await arena.pass(pool, MINUTE);
    expect(azure.groups.size).toBe(0);
  });

  it("is let go of once nobody can hold a session on it any more", async () => {
    await bereft(1, { sessionLeaseInMs: LEASE_IN_MS });
    const pool = newPool({ sessionLeaseInMs: LEASE_IN_MS });
    await arena.pass(pool, 2 * LEASE_IN_MS + MINUTE);
    expect(azure.groups.size).toBe(0);
  });

  it("takes nobody before it is known who is on it, so that it never has more sessions than it takes", async () => {
    const [pool, sessions] = await bereft(2);
    await arena.pass(pool, MINUTE);
    expect(await serversOf(pool)).toMatchObject([{ state: "running", sessions: 0 }]);
    expect(await pool.acquire()).toBeUndefined();
    for (const { id } of sessions) await pool.renew(id);
    await arena.pass(pool, MINUTE + 15_000);
    for (const { id } of sessions) await pool.renew(id);
    expect(await pool.acquire()).toBeUndefined();
    expect(await serversOf(pool)).toMatchObject([{ sessions: 2 }]);
    await pool.release(sessions[0]?.id ?? "");
    await acquire(pool);
  });

  it("takes sessions as soon as somebody has reported who is on it", async () => {
    const [pool] = await bereft(0);
    await arena.pass(pool, 30_000);
    const [server] = await serversOf(pool);
    await pool.report(server?.id ?? "", { sessions: 1, observedAt: new Date(azure.clock.now()).toISOString() });
    await acquire(pool);
  });

  it("counts as full where somebody waits, so that another is created", async () => {
    await bereft(1, { sessionLeaseInMs: LEASE_IN_MS });
    const pool = newPool({ sessionLeaseInMs: LEASE_IN_MS, min: 1 });
    await arena.pass(pool, MINUTE);
    expect(azure.puts).toHaveLength(1);
    expect(await pool.acquire()).toBeUndefined();
    await arena.pass(pool, 30_000);
    await acquire(pool);
    expect(azure.groups.size).toBeGreaterThan(1);
  });
});
