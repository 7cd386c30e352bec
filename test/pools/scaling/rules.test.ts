import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byBacklog, bySessions, type ByBacklogOptions, type BySessionsOptions } from "../../../src/index.js";

const view = (servers: number, sessions: number, waiting = 0, measured = 0) => ({ servers, sessions, waiting, measured });

describe("bySessions", () => {
  const rule = bySessions({ capacityPerServer: 12 });

  it.each([
    [0, 0, 0],
    [0, 1, 1],
    [1, 0, 0],
    [1, 9, 1],
    [1, 10, 2],
    [2, 14, 2],
    [3, 21, 3],
    [4, 21, 3],
    [1, 100, 12],
    [12, 100, 12],
    [12, 8, 1],
  ])("has for %i servers and %i sessions %i", (servers, sessions, desired) => {
    expect(rule.desired(view(servers, sessions))).toBe(desired);
  });

  it("counts who waits as load", () => {
    expect(rule.desired(view(0, 0, 1))).toBe(1);
    expect(rule.desired(view(1, 12, 30))).toBe(5);
  });

  it("stays where it has gone to, and has room there, whatever the load and the marks", () => {
    const marks = fc.tuple(fc.integer({ min: 1, max: 98 }), fc.integer({ min: 1, max: 98 })).filter(([a, b]) => a < b);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), marks, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 2000 }), (capacityPerServer, [scaleIn, scaleOut], servers, sessions) => {
        const any = bySessions({ capacityPerServer, scaleInAt: scaleIn / 100, scaleOutAt: scaleOut / 100 });
        const desired = any.desired(view(servers, sessions));
        expect(any.desired(view(desired, sessions))).toBe(desired);
        expect(desired * capacityPerServer).toBeGreaterThanOrEqual(sessions);
      }),
    );
  });

  it.each<[object | null | undefined, RegExp]>([
    [{}, /capacityPerServer/u],
    [{ capacityPerServer: 0 }, /capacityPerServer/u],
    [{ capacityPerServer: 1.5 }, /whole number/u],
    [{ capacityPerServer: 1, scaleOutAt: 1.2 }, /scaleOutAt/u],
    [{ capacityPerServer: 1, scaleOutAt: 0.5 }, /scaleInAt/u],
    [{ capacityPerServer: 1, scaleInAt: 0 }, /scaleInAt/u],
    [{ capacityPerServer: 1, scale: 2 }, /scale/u],
    [undefined, /^Expected `bySessions` to be an object, got `undefined` \(undefined\)\.$/u],
    [null, /^Expected `bySessions` to be an object/u],
  ])("refuses %o", (options, text) => {
    expect(() => bySessions(options as BySessionsOptions)).toThrow(text);
  });
});

describe("byBacklog", () => {
  const desired = async (items: number, more: Partial<ByBacklogOptions> = {}): Promise<number> => {
    const rule = byBacklog({ itemsPerServer: 10, length: async () => items, ...more });
    return rule.desired(view(3, 0, 0, await rule.measure?.()));
  };

  it("goes straight to what the backlog needs, and to none", async () => {
    expect(await Promise.all([0, 1, 10, 11, 995].map((items) => desired(items)))).toEqual([0, 1, 1, 2, 100]);
  });

  it("fills the base first, and has servers for what overflows only", async () => {
    const base = { workers: 2, itemsPerWorker: 10 };
    expect(await Promise.all([0, 20, 21, 41].map((items) => desired(items, { base })))).toEqual([0, 0, 1, 3]);
    let workers = 4;
    const living = { base: { workers: () => workers, itemsPerWorker: 10 } };
    expect(await desired(41, living)).toBe(1);
    workers = 0;
    expect(await desired(41, living)).toBe(5);
    workers = NaN;
    expect(await desired(41, living)).toBe(5);
  });

  it("rejects where the length is no number, so that nothing is done", async () => {
    for (const items of [NaN, -1, Infinity, undefined as never]) await expect(desired(items)).rejects.toThrow(/`length`/u);
    await expect(desired(1, { length: () => Promise.reject(new Error("the queue is down")) })).rejects.toThrow("the queue is down");
  });

  it.each<[object | null | undefined, RegExp]>([
    [{ length: async () => 1 }, /itemsPerServer/u],
    [{ itemsPerServer: 1 }, /length/u],
    [{ itemsPerServer: 1, length: async () => 1, base: { workers: -1, itemsPerWorker: 1 } }, /workers/u],
    [{ itemsPerServer: 1, length: async () => 1, base: { workers: 1, itemsPerWorker: 0 } }, /itemsPerWorker/u],
    [undefined, /^Expected `byBacklog` to be an object, got `undefined` \(undefined\)\.$/u],
  ])("refuses %o", (options, text) => {
    expect(() => byBacklog(options as ByBacklogOptions)).toThrow(text);
  });
});
