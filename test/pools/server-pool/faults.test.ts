import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AciClient, RequestBudget, sweep, type Session } from "../../../src/index.js";
import { Stage } from "./stage.js";

const MINUTE = 60_000;

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ min: 1 });
  await stage.pass(MINUTE);
});
afterEach(async () => stage.emulator.close());

async function acquire(): Promise<Session> {
  const session = await stage.pool.acquire();
  if (session === undefined) throw new Error("The pool is full");
  return session;
}

describe("a pool of servers", () => {
  it("makes a server, says where it is, and hands out as many sessions as it takes", async () => {
    expect(await stage.states()).toEqual(["running"]);
    const [one, two] = [await acquire(), await acquire()];
    expect(one.server).toMatchObject({ ip: "10.0.0.1", ports: [{ port: 27015, protocol: "TCP" }] });
    expect(one.server.groupName).toMatch(/^aci-s-[0-9a-f]{16}-[0-9a-f]{8}$/u);
    expect(await stage.pool.acquire()).toBeUndefined();
    await one[Symbol.asyncDispose]();
    const three = await acquire();
    expect(three.server.id).toBe(two.server.id);
    expect(await stage.servers()).toMatchObject([{ sessions: 2, state: "running" }]);
  });

  it("does not stand still where no group may be created now, and creates when one may", async () => {
    const pool = stage.newPool({ min: 4 }, { requestBudget: new RequestBudget({ createsPerFiveMinutes: 2 }) });
    const at = stage.clock.now();
    const report = await stage.until(pool.reconcile());
    expect(report.actions.filter(({ kind }) => kind === "create")).toHaveLength(2);
    expect(stage.clock.now() - at).toBeLessThan(15_000);
    await stage.pass(MINUTE, pool);
    expect(await stage.states()).toEqual(["running", "running", "running"]);
    await stage.pass(5 * MINUTE, pool);
    expect(await stage.states()).toHaveLength(4);
  });

  it("starts a server from zero for who waits, and for who has just asked", async () => {
    const empty = await Stage.open();
    try {
      await empty.pass(MINUTE);
      expect(await empty.states()).toEqual([]);
      expect(await empty.pool.acquire()).toBeUndefined();
      await empty.pass(15_000);
      expect(await empty.states()).toEqual(["creating"]);
      const running = new AbortController();
      const loop = empty.pool.run({ intervalInMs: 5000, abortSignal: running.signal });
      const session = await empty.until(empty.pool.acquire({ waitInMs: 600_000 }));
      expect(session?.server.ip).toBe("10.0.0.1");
      running.abort();
      await empty.until(loop);
    } finally {
      await empty.emulator.close();
    }
  });

  it("stops waiting when it is told to, with the reason", async () => {
    await Promise.all([acquire(), acquire()]);
    const controller = new AbortController();
    const waiting = stage.pool.acquire({ waitInMs: 60_000, abortSignal: controller.signal });
    const failed = expect(waiting).rejects.toBe("enough");
    await stage.clock.advance(1000);
    controller.abort("enough");
    await failed;
    expect(await stage.until(stage.pool.acquire({ waitInMs: 3000 }))).toBeUndefined();
    await stage.pass(15_000);
    // They have just asked, and count as one.
    expect(stage.reports.at(-1)).toMatchObject({ waiting: 1, target: 3 });
    await stage.pass(60_000);
    expect(stage.reports.at(-1)).toMatchObject({ waiting: 0 });
  });

  it("S1: takes no session on a server that is drained, and deletes it when it is empty", async () => {
    const session = await acquire();
    await stage.pool.drain(session.server.id);
    await stage.pass(105_000);
    expect((await stage.servers()).find(({ id }) => id === session.server.id)).toMatchObject({ state: "draining", sessions: 1 });
    const other = await acquire();
    expect(other.server.id).not.toBe(session.server.id);
    await stage.pool.renew(session.id);
    await stage.pool.release(session.id);
    await stage.pass(15_000);
    expect(stage.emulator.groups().map(({ name }) => name)).toEqual([other.server.groupName]);
  });
});

describe("a pool of servers, when things go wrong", () => {
  it("S2: tells the sessions of a server that is gone, and replaces it", async () => {
    const session = await acquire();
    await new AciClient({ ...stage.emulator.clientOptions }).delete(session.server.groupName);
    await stage.pass(15_000);
    expect(await stage.states()).toEqual(["running, suspected"]);
    expect(await stage.pool.acquire()).toBeUndefined();
    await stage.pool.renew(session.id);
    await stage.pass(75_000);
    await expect(stage.pool.renew(session.id)).rejects.toMatchObject({ code: "ACI_SERVER_LOST", message: expect.stringContaining("its group is gone") as string });
    await stage.pass(2 * MINUTE);
    await expect(stage.pool.renew(session.id)).rejects.toMatchObject({ code: "ACI_SERVER_LOST" });
    await session[Symbol.asyncDispose]();
    expect((await acquire()).server.id).not.toBe(session.server.id);
    expect(stage.emulator.groups()).toHaveLength(1);
  });

  it("S2: gives up a server that is stopped, at once, and one that is silent or does not answer, after a while", async () => {
    const [silent] = await stage.servers();
    await stage.pool.report(silent?.id ?? "", { sessions: 2, observedAt: new Date(stage.clock.now()).toISOString() });
    await stage.pass(105_000);
    expect(stage.reports.flatMap(({ actions }) => actions).filter(({ kind }) => kind === "suspect")).toEqual([]);
    // It answers, which is one word against another.
    await stage.pass(10 * MINUTE);
    expect(await stage.states()).toContain("running, suspected");
    await stage.pass(105_000);
    expect(stage.reports.flatMap(({ actions }) => actions)).toContainEqual({ kind: "lose", serverId: silent?.id, because: "nothing was reported of it for 120000 ms" });
    await expect(stage.pool.report(silent?.id ?? "", { sessions: 2, observedAt: new Date(stage.clock.now()).toISOString() })).rejects.toMatchObject({ code: "ACI_SERVER_LOST" });

    await stage.pass(MINUTE);
    const deaf = (await acquire()).server;
    stage.health.set(deaf.id, false);
    await stage.pass(90_000);
    expect(stage.reports.flatMap(({ actions }) => actions)).toContainEqual({ kind: "lose", serverId: deaf.id, because: "it does not answer" });

    // It died young: another comes after a minute, the next after two.
    await stage.pass(2 * MINUTE);
    const stopped = (await acquire()).server;
    await new AciClient({ ...stage.emulator.clientOptions }).stop(stopped.groupName);
    await stage.pass(15_000);
    expect(stage.reports.at(-1)?.actions).toContainEqual({ kind: "lose", serverId: stopped.id, because: "it is stopped" });
    await stage.pass(3 * MINUTE);
    expect(await stage.states()).toEqual(["running"]);
    expect(stage.emulator.groups()).toHaveLength(1);
  });

  it("S2: gives up no server whose sessions are renewed where the one that reports is silent, or it cannot reach them itself", async () => {
    const pool = stage.newPool({ min: 3 });
    await stage.pass(2 * MINUTE, pool);
    const sessions = await Promise.all(Array.from({ length: 6 }, acquire));
    const servers = await stage.servers();
    for (const { id } of servers) await pool.report(id, { sessions: 2, observedAt: new Date(stage.clock.now()).toISOString() });
    const pass = async (minutes: number): Promise<void> => {
      for (; minutes > 0; minutes--) {
        await stage.pass(MINUTE, pool);
        for (const { id } of sessions) await pool.renew(id);
      }
    };
    await pass(4);
    for (const { id } of servers) stage.health.set(id, false);
    await pass(2);
    expect(await stage.states()).toEqual(expect.arrayContaining(servers.map(() => "running, suspected")));
    stage.health.clear();
    await stage.pass(15_000, pool);
    for (const { id } of servers) expect(await stage.servers()).toContainEqual(expect.objectContaining({ id, state: "running", isSuspected: false }));
    expect(stage.reports.flatMap(({ actions }) => actions).map(({ kind }) => kind)).not.toContain("lose");
  });

  it("S3: makes no storm of creates while there is no room, in the answer or in the operation", async () => {
    const since = stage.clock.now();
    for (const fault of [{ on: "create", answer: "capacity" }, { happens: "capacity" }] as const) {
      stage.emulator.inject({ ...fault, times: Infinity, untilInMs: 20 * MINUTE });
    }
    const pool = stage.newPool({ min: 5 });
    await stage.pass(20 * MINUTE, pool);
    const puts = stage.requests("PUT").filter((at) => at > since);
    expect(puts.filter((at) => at === puts[0])).toHaveLength(4);
    const probes = puts.slice(3);
    expect(probes.length).toBeGreaterThan(3);
    for (let i = 1; i < probes.length; i++) expect((probes[i] ?? 0) - (probes[i - 1] ?? 0)).toBeGreaterThanOrEqual(MINUTE);
    expect(stage.reports.flatMap(({ faults }) => faults)).toContainEqual(expect.objectContaining({ request: "create", fault: expect.objectContaining({ code: "ACI_CAPACITY" }) as object }));
    await stage.pass(20 * MINUTE, pool);
    expect(await stage.states()).toEqual(Array.from({ length: 5 }, () => "running"));
    expect(stage.emulator.groups()).toHaveLength(5);
  });

  it("S4: goes on after a restart of its process, and adopts its servers where the rows are lost", async () => {
    const before = await acquire();
    const restarted = stage.newPool({ min: 1 });
    await stage.pass(105_000, restarted);
    await restarted.renew(before.id);
    expect(stage.requests("PUT")).toHaveLength(1);

    for await (const { key } of stage.store.list?.("") ?? []) await stage.store.delete(key);
    await stage.pass(30_000, restarted);
    expect(stage.requests("PUT")).toHaveLength(1);
    expect(await stage.servers()).toMatchObject([{ id: before.server.id, state: "running" }]);
    // What was known of its sessions is lost; who renews keeps the place.
    await restarted.renew(before.id);
    expect(await stage.servers()).toMatchObject([{ sessions: 1 }]);
  });

  it("S4: takes no group for its own by tags alone, nor one of another pool or owner", async () => {
    const client = stage.client();
    const [server] = await stage.servers();
    const { tags } = await client.get(server?.groupName ?? "");
    const other = stage.newPool({ name: "other", min: 1 });
    await stage.pass(30_000, other);
    const asIfOurs = Object.fromEntries(Object.entries(tags).filter(([name]) => !name.startsWith("aci-lifecycle-")));
    await client.create({ name: "copied", containers: [{ name: "main", image: "arena" }], tags: asIfOurs });
    await stage.pass(2 * MINUTE);
    expect((await stage.servers()).map(({ id }) => id)).toEqual([server?.id]);
    expect(stage.emulator.groups()).toHaveLength(3);
  });

  it("S5: gives the place of a session back that nobody renewed, after twice its lease, and tells its holder", async () => {
    const [hung, renewed] = [await acquire(), await acquire()];
    for (let minutes = 0; minutes < 2; minutes++) {
      await stage.clock.advance(MINUTE - 1);
      await stage.pool.renew(renewed.id);
    }
    expect(await stage.pool.acquire()).toBeUndefined();
    await stage.clock.advance(2);
    const next = await acquire();
    expect(next.server.id).toBe(hung.server.id);
    await expect(stage.pool.renew(hung.id)).rejects.toMatchObject({ code: "ACI_SESSION_EXPIRED" });
    await stage.pool.renew(renewed.id);
    expect(await stage.servers()).toMatchObject([{ sessions: 2 }]);
  });

  it("S6: hands out the address that a server has after a restart by the platform, once it answers there", async () => {
    const [server] = await stage.servers();
    stage.network = "10.0.9";
    stage.health.set(server?.id ?? "", false);
    // The row has the old address still: the look before the session finds that nobody answers.
    expect(await stage.pool.acquire()).toBeUndefined();
    await stage.pass(15_000);
    expect(await stage.servers()).toMatchObject([{ ip: "10.0.9.1", isSuspected: true }]);
    stage.health.clear();
    await stage.pass(15_000);
    expect((await acquire()).server.ip).toBe("10.0.9.1");
  });

  it("keeps its groups from sweeps while it is reconciled, and leaves them to a sweep when it is not", async () => {
    const session = await acquire();
    const client = stage.client();
    for (let hours = 0; hours < 3; hours++) {
      for (let passes = 0; passes < 12; passes++) {
        await stage.clock.advance(5 * MINUTE - 15_000);
        await stage.pool.renew(session.id).catch(() => undefined);
        await stage.pass(15_000);
      }
      expect((await sweep(client)).counts).toMatchObject({ alive: 1, deleted: 0 });
    }
    const tags = (await client.get(session.server.groupName)).tags;
    expect(Object.keys(tags).sort()).toEqual(["aci-lifecycle-lease", "aci-lifecycle-owner", "aci-lifecycle-pool", "aci-lifecycle-server", "aci-lifecycle-spec"]);
    await stage.clock.advance(75 * MINUTE);
    expect((await stage.until(sweep(client))).counts).toMatchObject({ deleted: 1 });
  });

  it.each([-20, 20])("keeps a lease on its groups by Azure's clock, where its own is %s minutes off", async (minutes) => {
    const clock = { now: () => stage.clock.now() + minutes * MINUTE, sleep: (ms: number, signal?: AbortSignal) => stage.clock.sleep(ms, signal) };
    const pool = stage.newPool({ name: "astray", min: 1, groupLeaseInMs: 10 * MINUTE }, { clock });
    const [since, client] = [stage.clock.now(), stage.client()];
    for (let passes = 0; passes < 40; passes++) {
      await stage.clock.advance(MINUTE);
      await pool.reconcile();
      expect((await sweep(client, { graceInMs: 0, tags: { "aci-lifecycle-pool": "astray" } })).counts).toMatchObject({ alive: 1, deleted: 0 });
    }
    // When half of it is left, and not at each pass.
    expect(stage.requests("PATCH").filter((at) => at >= since).length).toBeLessThan(10);
    await stage.clock.advance(11 * MINUTE);
    expect((await stage.until(sweep(client, { graceInMs: 0, tags: { "aci-lifecycle-pool": "astray" } }))).counts).toMatchObject({ deleted: 1 });
  });

  it("lets one process act at a time, and another after one that died", async () => {
    await stage.store.write("x", 1, "absent");
    const other = stage.newPool();
    const [first, second] = await Promise.all([stage.pool.reconcile(), other.reconcile()]);
    expect([first.isActing, second.isActing].sort()).toEqual([false, true]);
    expect((await other.reconcile()).isActing).toBe(true);
    const found = await stage.store.read("servers/default/arena/scaler");
    await stage.store.write("servers/default/arena/scaler", { ...(found?.value as object), by: "dead", until: stage.clock.now() + 120_000 }, found?.version ?? "");
    expect(await stage.pool.reconcile()).toMatchObject({ isActing: false, actions: [] });
    await stage.clock.advance(120_000);
    expect((await stage.pool.reconcile()).isActing).toBe(true);
  });
});
