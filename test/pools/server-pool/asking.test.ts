import { beforeEach, describe, expect, it } from "vitest";
import { bySessions, RequestBudget, type ServerPool, type AcquireOptions, type JobStore, type Server, type ServerPoolOptions, type Session } from "../../../src/index.js";
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
  const client = azure.client({ requestBudget: new RequestBudget({ createsPerFiveMinutes: 1e6, createsPerHour: 1e6 }) });
  return arena.newPool(client, { scaling: bySessions({ capacityPerServer: 2 }), ...options });
}

// Asks for a session, and answers it with how long that took.
async function ask(pool: ServerPool, options: AcquireOptions = {}): Promise<readonly [session: Session | undefined, ms: number]> {
  const since = azure.clock.now();
  const session = await azure.until(pool.acquire(options));
  return [session, azure.clock.now() - since];
}

// A pool of 20 servers, none of which answers any more but those whose ids it is given.
async function deaf(except: (ids: readonly string[]) => readonly string[] = () => []): Promise<ServerPool> {
  const answering = new Set<string>();
  let isUp = true;
  const pool = newPool({ min: 20, max: 20, isHealthy: ({ id }) => isUp || answering.has(id) || new Promise<boolean>(() => undefined) });
  await arena.pass(pool, MINUTE);
  const ids: string[] = [];
  for await (const { id } of pool.servers()) ids.push(id);
  for (const id of except(ids)) answering.add(id);
  isUp = false;
  return pool;
}

describe("who asks for a session", () => {
  it.each([0, 10_000])("counts as load until the next reconcile, where it has waited for %s ms in vain", async (waitInMs) => {
    const pool = newPool();
    for (let minutes = 0; minutes < 4; minutes++) {
      const [session, ms] = await ask(pool, { waitInMs });
      if (session !== undefined) return;
      await azure.clock.advance(30_000 - ms);
      await pool.reconcile();
      await azure.clock.advance(30_000);
    }
    expect.unreachable("There was never a server");
  });

  it.each<[string, () => AcquireOptions]>([["has given up", () => ({ waitInMs: 10_000 })], ["was stopped", () => ({ waitInMs: 60_000, abortSignal: stoppedAfter(10_000) })]])("counts as load for a minute after it %s, and no longer", async (_name, options) => {
    const pool = newPool({ max: 0 });
    await ask(pool, options()).catch(() => undefined);
    await azure.clock.advance(MINUTE - 1);
    expect((await pool.reconcile()).waiting).toBe(1);
    await azure.clock.advance(1);
    expect((await pool.reconcile()).waiting).toBe(0);
  });

  it("does not count where it got a session, or was stopped before it had asked", async () => {
    const pool = newPool({ min: 1 });
    await pool.reconcile();
    await arena.pass(pool, 30_000);
    expect((await ask(pool))[0]).toBeDefined();
    await expect(pool.acquire({ abortSignal: AbortSignal.abort("enough") })).rejects.toBe("enough");
    expect((await pool.reconcile()).waiting).toBe(0);
  });

  describe("while the store fails", () => {
    let isAway: (verb: "write" | "delete", key: string) => boolean;
    beforeEach(() => void (isAway = () => false));
    const failing = (): ServerPool => {
      const fail = (is: boolean): void => {
        if (is) throw new Error("the store is away");
      };
      const write: JobStore["write"] = async (key, value, version) => {
        fail(isAway("write", key));
        return store.write(key, value, version);
      };
      const remove: JobStore["delete"] = async (key) => {
        fail(isAway("delete", key));
        return store.delete(key);
      };
      return newPool({ min: 1, store: { ...store, write, delete: remove } });
    };
    const asked = (_verb: string, key: string): boolean => key.endsWith("/waiting.asked");

    it("has the place that was taken, though the note of the wait stays", async () => {
      isAway = (verb, key) => verb === "delete" && key.includes("/waiting.");
      const pool = failing();
      const asking = pool.acquire({ waitInMs: MINUTE });
      await arena.pass(pool, 30_000);
      expect(await azure.until(asking)).toBeDefined();
    });

    it.each([["nothing can be noted", () => true], ["it cannot be noted that it has asked", asked]])("is told why it was stopped, where %s", async (_name, is) => {
      const stopped = new AbortController();
      const asking = failing().acquire({ waitInMs: MINUTE, abortSignal: stopped.signal }).catch((error: unknown) => error);
      await azure.clock.advance(1000);
      isAway = is;
      stopped.abort("enough");
      expect(await azure.until(asking)).toBe("enough");
    });

    it.each([0, 10_000])("is told so where nobody would learn that it has asked, after a wait of %s ms, and does not wait any more", async (waitInMs) => {
      isAway = asked;
      const pool = failing();
      await expect(azure.until(pool.acquire({ waitInMs }))).rejects.toThrow("the store is away");
      const left: string[] = [];
      for await (const { key } of store.list?.("") ?? []) left.push(key);
      expect(left).toEqual([]);
    });
  });

  it("is not kept for long after its time by servers that do not answer", async () => {
    const pool = await deaf();
    expect(await ask(pool)).toEqual([undefined, 10_000]);
    expect(await ask(pool, { waitInMs: 1000 })).toEqual([undefined, 10_000]);
  });

  it("finds the one server that answers among many that do not", async () => {
    const pool = await deaf((ids) => ids.slice(-1));
    const [session, ms] = await ask(pool, { waitInMs: MINUTE });
    expect(session).toBeDefined();
    expect(ms).toBeLessThanOrEqual(20_000);
  });

  it("asks no other server where the fullest answers", async () => {
    const asked: string[] = [];
    const pool = newPool({ min: 5, isHealthy: ({ id }) => asked.push(id) > 0 });
    await arena.pass(pool, MINUTE);
    asked.length = 0;
    const [first] = await ask(pool);
    const [second] = await ask(pool);
    expect(asked).toEqual([first?.server.id, first?.server.id]);
    expect(second?.server.id).toBe(first?.server.id);
  });

  it("is sent to no address at which the server was not asked, where it moves in between", async () => {
    const asked: unknown[] = [];
    let movesTo: string | undefined;
    const isHealthy = async ({ ip }: Server): Promise<boolean> => {
      asked.push(ip);
      if (movesTo !== undefined) await move(movesTo);
      movesTo = undefined;
      return true;
    };
    const pool = newPool({ min: 1, isHealthy });
    await arena.pass(pool, MINUTE);
    movesTo = "10.0.0.9";
    const [session] = await ask(pool);
    expect([session?.server.ip, asked.at(-1)]).toEqual(["10.0.0.9", "10.0.0.9"]);
  });
});

function stoppedAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  void azure.clock.sleep(ms).then(() => controller.abort());
  return controller.signal;
}

// Gives the one server another address, as a reconcile does that has found it there.
async function move(ip: string): Promise<void> {
  for await (const { key, value, version } of store.list?.("") ?? []) {
    if (/\/[0-9a-f]{8}$/u.test(key)) await store.write(key, { ...(value as object), ip }, version);
  }
}
