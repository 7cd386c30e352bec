import { afterEach, describe, expect, it, vi } from "vitest";
import { bySessions, memoryStore, ServerPool, type JobStore, type PoolRunLoopOptions, type ServerPoolOptions } from "../../../src/index.js";
import { FakeAzure } from "../../jobs/fake-azure.js";

const OPTIONS: ServerPoolOptions = { name: "arena", server: { image: "arena" }, scaling: bySessions({ capacityPerServer: 2 }), store: memoryStore() };

// Runs a pool's loop for so long, and answers how often it listed the groups.
async function loop(azure: FakeAzure, ms: number, more: Partial<PoolRunLoopOptions> = {}): Promise<number> {
  const controller = new AbortController();
  const running = new ServerPool(azure.client(), { ...OPTIONS, store: memoryStore() }).run({ abortSignal: controller.signal, ...more });
  await azure.clock.advance(ms);
  controller.abort();
  await azure.until(running);
  return azure.requests.filter((verb) => verb === "list").length;
}

describe("ServerPool.run", () => {
  afterEach(() => vi.restoreAllMocks());

  it("reconciles at once and at each interval, until it is aborted", async () => {
    expect(await loop(new FakeAzure(), 60_000)).toBe(5);
    expect(await loop(new FakeAzure(), 60_000, { intervalInMs: 30_000 })).toBe(3);
    const reports: boolean[] = [];
    await loop(new FakeAzure(), 60_000, { onReport: ({ isActing }) => reports.push(isActing) });
    expect(reports).toEqual([true, true, true, true, true]);
  });

  it("goes on after a reconcile that failed, and tells of it", async () => {
    const refusing = (): FakeAzure => {
      const azure = new FakeAzure();
      azure.before = () => {
        throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
      };
      return azure;
    };
    const errors: unknown[] = [];
    expect(await loop(refusing(), 60_000, { onError: (error) => errors.push(error) })).toBe(5);
    expect(errors).toHaveLength(5);
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    await loop(refusing(), 20_000);
    expect(warn).toHaveBeenCalledTimes(2);
  });

  it.each([["at once", () => { throw new Error("the log is down"); }], ["later", async () => Promise.reject(new Error("the log is down"))]])("goes on though those whom it tells fail %s", async (_name, fail) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      const azure = new FakeAzure();
      let lists = 0;
      azure.before = (verb) => {
        if (verb === "list" && ++lists % 2 === 0) throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
      };
      const told: string[] = [];
      const telling = (name: string) => (): unknown => {
        told.push(name);
        return fail();
      };
      expect(await loop(azure, 60_000, { onReport: telling("report"), onError: telling("error") })).toBe(5);
      expect(told).toEqual(["report", "error", "report", "error", "report"]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it.each([["where its clock cannot sleep", 0], ["where nothing can be done at all", 1]])("ends %s, and never goes round without a pause", async (_name, failing) => {
    const azure = new FakeAzure();
    const clock = { now: () => azure.clock.now(), sleep: () => Promise.reject(new Error("no timers left")) };
    const store = failing === 1 ? { ...memoryStore(), read: () => Promise.reject(new Error("down")) } : memoryStore();
    const errors: unknown[] = [];
    const controller = new AbortController();
    const running = new ServerPool(azure.client({ clock }), { ...OPTIONS, store }).run({ abortSignal: controller.signal, onError: (error) => errors.push(error) });
    // Should it go round and round, this stops it.
    setImmediate(() => setImmediate(() => controller.abort()));
    await expect(running).rejects.toThrow("no timers left");
    expect(errors).toHaveLength(failing);
  });

  it.each<[unknown, RegExp]>([
    [undefined, /^Expected `options` to be an object, got `undefined` \(undefined\)\.$/u],
    [null, /^Expected `options` to be an object/u],
    [{}, /^Expected `abortSignal` to be an AbortSignal, .* got undefined\.$/u],
    [{ abortSignal: new AbortController() }, /^Expected `abortSignal` to be an AbortSignal, .* got object\.$/u],
    [{ abortSignal: new AbortController().signal, interval: 1 }, /only known fields, got `interval`/u],
    [{ abortSignal: new AbortController().signal, intervalInMs: 0 }, /`intervalInMs`/u],
    [{ abortSignal: new AbortController().signal, onReport: {} }, /^Expected `onReport` to be a function, got object\.$/u],
    [{ abortSignal: new AbortController().signal, onError: "warn" }, /^Expected `onError` to be a function, got string\.$/u],
  ])("refuses options %o, and asks nothing", async (options, text) => {
    const azure = new FakeAzure();
    await expect(new ServerPool(azure.client(), OPTIONS).run(options as PoolRunLoopOptions)).rejects.toThrow(text);
    expect(azure.requests).toEqual([]);
  });

  it("does not begin where it is aborted", async () => {
    const azure = new FakeAzure();
    await new ServerPool(azure.client(), OPTIONS).run({ abortSignal: AbortSignal.abort() });
    expect(azure.requests).toEqual([]);
  });
});

describe("ServerPool", () => {
  it.each<[object, RegExp]>([
    [{ name: "Arena" }, /`name`/u],
    [{ server: {} }, /`image`/u],
    [{ server: null }, /`server`/u],
    [{ scaling: { name: "x" } }, /`scaling`/u],
    [{ store: undefined }, /`store`/u],
    [{ store: { ...memoryStore(), list: undefined } }, /`list`/u],
    [{ min: -1 }, /`min`/u],
    [{ max: 1.5 }, /`max`/u],
    [{ min: 11 }, /`min`/u],
    [{ scaleInCooldownInMs: -1 }, /scaleInCooldownInMs/u],
    [{ sessionLeaseInMs: 0 }, /sessionLeaseInMs/u],
    [{ groupLeaseInMs: 60_000 }, /groupLeaseInMs/u],
    [{ isHealthy: { tcp: 0 } }, /isHealthy/u],
    [{ minimum: 1 }, /minimum/u],
    [{ server: undefined }, /^Expected `server` to be an object, got `undefined` \(undefined\)\.$/u],
    [{ server: "arena" }, /^Expected `server` to be an object, got string\.$/u],
    [{ server: [] }, /^Expected `server` to be an object, got array\.$/u],
    [{ secrets: { key: "s3cret" } }, /^Expected `secrets` to be a function, got object\.$/u],
    [{ scaling: { name: "x", desired: () => 1, measure: 5 } }, /^Expected `scaling\.measure` to be a function, got number\.$/u],
    [{ scaling: { name: "x", desired: () => 1, capacityPerServer: "5" } }, /^Expected `scaling\.capacityPerServer` to be a number/u],
  ])("refuses %o", (more, text) => {
    expect(() => new ServerPool(new FakeAzure().client(), { ...OPTIONS, ...more })).toThrow(text);
  });

  it.each([undefined, null, "arena"])("refuses %o for its options", (options) => {
    expect(() => new ServerPool(new FakeAzure().client(), options as never)).toThrow(/^Expected `options` to be an object, got /u);
  });

  it.each<[string, (pool: ServerPool) => Promise<unknown>, RegExp]>([
    ["reconcile", (pool) => pool.reconcile({ abort: new AbortController().signal } as object), /only known fields, got `abort`/u],
    ["reconcile", (pool) => pool.reconcile(null as never), /^Expected `options` to be an object/u],
    ["reconcile", (pool) => pool.reconcile({ abortSignal: new AbortController() as never }), /^Expected `abortSignal` to be an AbortSignal/u],
    ["acquire", (pool) => pool.acquire({ abortSignal: new AbortController() as never }), /^Expected `abortSignal` to be an AbortSignal/u],
    ["acquire", (pool) => pool.acquire({ wait: 1 } as object), /only known fields, got `wait`/u],
    ["report", (pool) => pool.report("01234567", undefined as never), /^Expected `count` to be an object, got `undefined`/u],
    ["report", (pool) => pool.report("01234567", { sessions: "1" as never, observedAt: "2026-01-01T00:00:00Z" }), /^Expected `sessions` to be a whole number of at least 0, got `"1"` \(string\)/u],
    ["report", (pool) => pool.report("01234567", { sessions: 1, observedAt: new Date(0) as never }), /^Expected `observedAt` to be a time in ISO 8601.* \(object\)/u],
    ["report", (pool) => pool.report("01234567", { sessions: 1, observedAt: 1767225600000 as never }), /^Expected `observedAt` to be a time in ISO 8601.* \(number\)/u],
    ["renew", (pool) => pool.renew(undefined as never), /^Expected `id` to be the id of a session, got undefined/u],
  ])("refuses what cannot be right with a TypeError before anything is asked: %s", async (_method, call, text) => {
    const azure = new FakeAzure();
    const error: unknown = await call(new ServerPool(azure.client(), OPTIONS)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).message).toMatch(text);
    expect(azure.requests).toEqual([]);
  });

  it("refuses what cannot be right of a call, and what is no server or session of it", async () => {
    const azure = new FakeAzure();
    const pool = new ServerPool(azure.client(), OPTIONS);
    const observedAt = new Date(azure.clock.now()).toISOString();
    await expect(pool.acquire({ waitInMs: -1 })).rejects.toThrow(/waitInMs/u);
    await expect(pool.renew("nonsense")).rejects.toThrow(/session/u);
    await expect(pool.renew("01234567.0123456789abcdef")).rejects.toMatchObject({ code: "ACI_SERVER_LOST" });
    await pool.release("01234567.0123456789abcdef");
    await expect(pool.drain("01234567")).rejects.toMatchObject({ code: "ACI_NOT_FOUND" });
    await expect(pool.report("01234567", { sessions: 1, observedAt })).rejects.toMatchObject({ code: "ACI_SERVER_LOST" });
    await expect(pool.report("01234567", { sessions: -1, observedAt })).rejects.toThrow(/sessions/u);
    await expect(pool.report("01234567", { sessions: 1, observedAt: "now" })).rejects.toThrow(/observedAt/u);
    await expect(pool.report("01234567", { sessions: 1, observedAt: "2100-01-01T00:00:00Z" })).rejects.toThrow(/future/u);
  });

  it("says of a session that is over what is known of it, and of a server too", async () => {
    const azure = new FakeAzure();
    azure.runsInMs = 1e12;
    const pool = new ServerPool(azure.client(), { ...OPTIONS, min: 1, store: memoryStore() });
    await pool.reconcile();
    await azure.clock.advance(15_000);
    await pool.reconcile();
    const [released, late] = [await pool.acquire(), await pool.acquire()];
    await pool.release(released?.id ?? "");
    await expect(pool.renew(released?.id ?? "")).rejects.toMatchObject({ code: "ACI_SESSION_EXPIRED", message: expect.stringContaining("has no place any more: it was released, or not renewed in time") as string });
    await azure.clock.advance(130_000);
    await expect(pool.renew(late?.id ?? "")).rejects.toMatchObject({ code: "ACI_SESSION_EXPIRED", message: expect.stringContaining("was not renewed in time, and its place was given back") as string });
    await expect(pool.renew("01234567.0123456789abcdef")).rejects.toMatchObject({ code: "ACI_SERVER_LOST", message: expect.stringContaining("is lost: the pool does not know it, or has deleted it") as string });
    const count = { sessions: 1, observedAt: new Date(azure.clock.now()).toISOString() };
    await expect(pool.report("nosuch", count)).rejects.toMatchObject({ code: "ACI_SERVER_LOST", message: expect.stringContaining('Server "nosuch" is not known to the pool, or is deleted, so nothing can be reported of it') as string });
  });

  it("does nothing where the store, the rule or the list of groups fails", async () => {
    const azure = new FakeAzure();
    const fails = (): Promise<never> => Promise.reject(new Error("down"));
    const broken = { ...OPTIONS, min: 3, store: { ...memoryStore(), read: fails } };
    await expect(new ServerPool(azure.client(), broken).reconcile()).rejects.toThrow("down");
    await expect(new ServerPool(azure.client(), { ...OPTIONS, min: 3, scaling: { name: "x", measure: fails, desired: () => 1 } }).reconcile()).rejects.toThrow("down");
    azure.before = (verb) => {
      if (verb === "list") throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    await expect(new ServerPool(azure.client(), { ...OPTIONS, min: 3 }).reconcile()).rejects.toMatchObject({ code: "ACI_REQUEST_FAILED" });
    expect(azure.puts).toEqual([]);
  });

  it("says what it has done, or what it failed with, though its lease cannot be given back", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    const release = (value: unknown): boolean => (value as { readonly until?: number }).until === 0;
    const failing: JobStore = { ...store, write: async (key, value, version) => (release(value) ? Promise.reject(new Error("down")) : store.write(key, value, version)) };
    const pool = new ServerPool(azure.client(), { ...OPTIONS, min: 1, store: failing });
    expect((await pool.reconcile()).actions).toMatchObject([{ kind: "create" }]);
    // The next has it when it is over.
    await azure.clock.advance(120_000);
    azure.before = (verb) => {
      if (verb === "list") throw azure.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    };
    await expect(pool.reconcile()).rejects.toMatchObject({ statusCode: 403 });
  });

  it("creates no group once its lease is over, however long the row was on its way", async () => {
    const azure = new FakeAzure();
    const store = memoryStore();
    const slow: JobStore = {
      ...store,
      write: async (key, value, ifVersion) => {
        const version = await store.write(key, value, ifVersion);
        if (!key.endsWith("/scaler")) await azure.clock.advance(100_000);
        return version;
      },
    };
    const report = await new ServerPool(azure.client(), { ...OPTIONS, min: 1, store: slow }).reconcile();
    expect(report.actions).toEqual([]);
    expect(azure.puts).toEqual([]);
    const left: string[] = [];
    for await (const { key } of store.list?.("") ?? []) left.push(key);
    expect(left).toEqual(["servers/default/arena/scaler"]);
  });

  it("does not take rows of another version for servers", async () => {
    const store = memoryStore();
    await store.write("servers/default/arena/01234567", { kind: "aci-lifecycle/server/2" }, "absent");
    await expect(new ServerPool(new FakeAzure().client(), { ...OPTIONS, store }).reconcile()).rejects.toThrow(/version/u);
  });
});
