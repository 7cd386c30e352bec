import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byBacklog } from "../../../src/index.js";
import { CAPACITY, EVERY_IN_MS, Model, rulesOf } from "./model.js";

const MINUTE = 60_000;
const pass = (model: Model, ms: number, load?: number): void => {
  for (const until = model.now + ms; model.now < until; ) {
    model.waiting = load === undefined ? 0 : model.load(load);
    model.tick();
  }
};
const moves = (model: Model, since: number): number => model.log.filter(({ at, kind }) => at > since && ["create", "drain", "resume"].includes(kind)).length;

describe("a pool of servers by sessions", () => {
  it("has room for each step of the load within two cooldowns, and stays where it is", () => {
    const loads = fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(loads, fc.integer({ min: 0, max: 120_000 }), (steps, startsInMs) => {
        const model = new Model(rulesOf({ max: 80 }));
        model.startsInMs = startsInMs;
        for (const step of steps) {
          pass(model, 2 * MINUTE + startsInMs, step);
          expect(model.load(step)).toBe(0);
          expect(model.count("running") * CAPACITY).toBeGreaterThanOrEqual(Math.min(step, model.sessions));
          // Scale-in comes with its own cooldown, after which nothing moves.
          pass(model, 12 * MINUTE, step);
          const since = model.now;
          pass(model, 20 * MINUTE, step);
          expect(moves(model, since)).toBe(0);
          const live = model.count("creating", "running");
          expect(model.sessions / CAPACITY / Math.max(1, live)).toBeLessThanOrEqual(0.8);
          expect(live).toBe(model.memory?.target);
          expect(live).toBeLessThanOrEqual(Math.max(Math.ceil(step / (CAPACITY * 0.6)), 1));
        }
      }),
      { numRuns: 25 },
    );
  });

  it("scales to zero, and from zero when somebody waits", () => {
    const model = new Model(rulesOf());
    pass(model, MINUTE, 0);
    expect(model.rows.size).toBe(0);
    pass(model, 2 * MINUTE, 5);
    expect([model.sessions, model.count("running")]).toEqual([5, 1]);
    pass(model, 10 * MINUTE, 0);
    expect([model.rows.size, model.groups.size]).toEqual([0, 0]);
  });

  it("takes a drained server back before it makes another", () => {
    const model = new Model(rulesOf());
    pass(model, 3 * MINUTE, 40);
    const made = model.log.filter(({ kind }) => kind === "create").length;
    // A session on each, so that none can go.
    for (const row of model.rows.values()) model.rows.set(row.id, { ...row, sessions: { [`${row.id}.x`]: Infinity } });
    for (let i = 0; i < 40; i++) model.tick();
    expect(model.count("draining")).toBeGreaterThan(0);
    pass(model, 3 * MINUTE, 40);
    expect(model.count("draining")).toBe(0);
    expect(model.log.filter(({ kind }) => kind === "create")).toHaveLength(made);
  });

  it("makes no storm of creates while Azure refuses them, and the servers once it does not (S3)", () => {
    const model = new Model(rulesOf({ min: 20 }));
    model.refusesCreates = true;
    pass(model, 4 * 60 * MINUTE);
    const creates = model.log.filter(({ kind }) => kind === "create").map(({ at }) => at);
    // Twenty at first, at once; then one at a time.
    expect(creates.filter((at) => at === creates[0])).toHaveLength(20);
    const probes = creates.slice(20);
    expect(probes.length).toBeGreaterThan(10);
    expect(Math.min(...probes.map((at, i) => at - (creates[19 + i] ?? 0)))).toBeGreaterThanOrEqual(MINUTE);
    model.refusesCreates = false;
    pass(model, 20 * MINUTE);
    expect(model.count("running")).toBe(20);
  });
});

describe("a pool of servers that end by themselves", () => {
  const creates = (model: Model): number => model.log.filter(({ kind }) => kind === "create").length;

  it("makes no storm of creates while they end soon, and all that are lacking once one has lasted", () => {
    const model = new Model(rulesOf({ min: 10, max: 10 }));
    model.runsInMs = 20_000;
    pass(model, 60 * MINUTE);
    // Ten at first, at once; then one at a time.
    expect(creates(model)).toBeGreaterThan(12);
    expect(creates(model)).toBeLessThan(30);
    model.runsInMs = Infinity;
    pass(model, 35 * MINUTE);
    expect(model.count("running")).toBe(10);
    expect(model.memory?.backoff).toBeUndefined();
  });

  it("replaces at once those that end after they have lasted", () => {
    const model = new Model(rulesOf({ min: 10, max: 10 }));
    model.runsInMs = 15 * MINUTE;
    pass(model, 62 * MINUTE);
    expect(creates(model)).toBe(40);
    expect(model.count("creating", "running")).toBe(10);
  });

  it("has no more groups than it may, where deletes are refused, but for those that replace what is lost at once", () => {
    const model = new Model(rulesOf({ min: 10, max: 10 }));
    model.refusesDeletes = true;
    model.runsInMs = 15 * MINUTE;
    pass(model, 12 * 60 * MINUTE);
    expect(model.groups.size).toBe(20);
    model.refusesDeletes = false;
    for (const row of model.rows.values()) if (row.phase === "deleting") model.groups.delete(row.groupName);
    pass(model, 2 * MINUTE);
    expect(model.count("running")).toBe(10);
  });
});

describe("a pool of servers by backlog", () => {
  it("overflows when the base is full, at once, and drains back to none", async () => {
    let items = 0;
    const scaling = byBacklog({ itemsPerServer: 10, length: async () => items, base: { workers: 1, itemsPerWorker: 10 } });
    const model = new Model(rulesOf({ scaling, scaleInCooldownInMs: 2 * MINUTE }));
    const passing = async (ms: number): Promise<void> => {
      model.measured = (await scaling.measure?.()) ?? 0;
      pass(model, ms);
    };
    items = 10;
    await passing(5 * MINUTE);
    expect(model.rows.size).toBe(0);
    items = 95;
    await passing(EVERY_IN_MS);
    expect(model.count("creating")).toBe(9);
    await passing(MINUTE);
    expect(model.count("running")).toBe(9);
    items = 0;
    await passing(4 * MINUTE);
    expect([model.rows.size, model.groups.size]).toEqual([0, 0]);
  });
});
