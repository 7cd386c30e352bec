import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PoolRules } from "../../../../src/pools/server-pool/plan/rules.js";
import { CAPACITY, EVERY_IN_MS, Model, rulesOf } from "../model.js";
import madeUp from "./made-up.json" with { type: "json" };
import recorded from "./recorded.json" with { type: "json" };

const MINUTE = 60_000;
const SCALE_OUT_AT = 0.8;
const SCALE_IN_AT = 0.6;

/** How many sessions there are to be, each number for so long. */
interface Day {
  readonly everyInMs: number;
  readonly sessions: readonly number[];
}

/** What a day has come to. */
interface Followed {
  served: number;
  waited: number;
  /** Servers by reconciles. */
  servers: number;
  outs: number;
  ins: number;
}

// Has a pool follow a day, and holds at every reconcile what must hold at any time, and what must when a number stays.
function follow(model: Model, { everyInMs, sessions }: Day): Followed {
  const followed: Followed = { served: 0, waited: 0, servers: 0, outs: 0, ins: 0 };
  const moved = { outAt: -Infinity, inAt: -Infinity };
  for (const load of sessions) {
    let waiting = 0;
    for (let ticks = Math.ceil(everyInMs / EVERY_IN_MS); ticks > 0; ticks--) {
      const target = model.memory?.target;
      waiting = model.waiting = model.load(load);
      model.tick();
      expectUse(model);
      if (target !== undefined) expectPause(model, target, moved, followed);
      followed.served += load - waiting;
      followed.waited += waiting;
      followed.servers += model.count("creating", "running", "draining");
    }
    expectConverged(model, load, everyInMs);
  }
  return followed;
}

// Never below the sessions in use: the model throws where a server is deleted that has some, and there is a place for each.
function expectUse(model: Model): void {
  const servers = model.count("running", "draining");
  expect(model.sessions).toBeLessThanOrEqual(servers * CAPACITY);
  expect(model.count("creating", "running", "draining")).toBeLessThanOrEqual(model.rules.max);
}

// Two moves to more are a cooldown apart; one to fewer has its own from any.
function expectPause({ now, memory, rules }: Model, before: number, moved: { outAt: number; inAt: number }, followed: Followed): void {
  const target = memory?.target ?? before;
  if (target > before) {
    expect(now - moved.outAt).toBeGreaterThanOrEqual(rules.scaleOutCooldownInMs);
    moved.outAt = now;
    followed.outs++;
  }
  if (target < before) {
    expect(now - Math.max(moved.outAt, moved.inAt)).toBeGreaterThanOrEqual(rules.scaleInCooldownInMs);
    moved.inAt = now;
    followed.ins++;
  }
}

// Within two cooldowns of a step, and the time that a server takes to start, nobody waits, and there are neither too few nor
// too many.
function expectConverged(model: Model, load: number, stayedForInMs: number): void {
  const { rules, startsInMs } = model;
  const target = model.memory?.target ?? 0;
  const isServable = load <= rules.max * CAPACITY * SCALE_OUT_AT;
  if (isServable && stayedForInMs >= 2 * rules.scaleOutCooldownInMs + startsInMs + 3 * EVERY_IN_MS) {
    expect(model.load(load)).toBe(0);
    expect(load).toBeLessThanOrEqual(target * CAPACITY * SCALE_OUT_AT);
  }
  if (stayedForInMs >= 2 * rules.scaleInCooldownInMs + 3 * EVERY_IN_MS) expect(target).toBeLessThanOrEqual(Math.max(rules.min, Math.ceil(load / (CAPACITY * SCALE_IN_AT))));
}

function moves(model: Model, since: number): number {
  return model.log.filter(({ at, kind }) => at > since && ["create", "drain", "resume", "remove"].includes(kind)).length;
}

describe("a pool of servers over a day", () => {
  // Numbers that go from 3 to 335 and back within ten minutes: as hard on a scaler as anything.
  it("that was recorded has a place for every session, and deletes no server in use", () => {
    const model = new Model(rulesOf({ min: 1, max: 60 }));
    const { served, waited, servers, outs, ins } = follow(model, recorded);
    console.log(`recorded day: ${recorded.sessions.length} readings, ${(100 * waited / (served + waited)).toFixed(1)} % of the time of sessions was waiting, ${(100 * served / (servers * CAPACITY)).toFixed(0)} % of the places used, ${outs} moves to more servers, ${ins} to fewer`);
    // Each reading is a step; who comes with it waits for the half minute in which a server starts, and a cooldown at times.
    expect(waited / (served + waited)).toBeLessThan(0.08);
    expect(served / (servers * CAPACITY)).toBeGreaterThan(0.5);
    // Not more than one move for two readings, in either direction.
    expect(outs).toBeLessThan(recorded.sessions.length / 2);
    expect(ins).toBeLessThan(recorded.sessions.length / 2);
  });

  it("that was made up after the usual shape is followed with little to spare, and few moves", () => {
    const model = new Model(rulesOf({ min: 1, max: 30 }));
    const { served, waited, servers, outs, ins } = follow(model, madeUp);
    // Those who wait do so at the two steps, for the minute and a half that a server takes.
    expect(waited / (served + waited)).toBeLessThan(0.01);
    expect(served / (servers * CAPACITY)).toBeGreaterThan(0.5);
    expect(model.log.filter(({ kind }) => kind === "create").length).toBeLessThan(30);
    // Not one for each wave of the noise.
    expect(outs + ins).toBeLessThan(50);
  });

  // Nights, noons, steps, ramps, waves and spikes, in any order.
  const level = fc.integer({ min: 0, max: 300 });
  const part = fc.oneof(
    fc.tuple(level, fc.integer({ min: 1, max: 6 })).map(([at, count]) => Array.from({ length: count }, () => at)),
    fc.tuple(level, level, fc.integer({ min: 2, max: 10 })).map(([from, to, count]) => Array.from({ length: count }, (_, index) => Math.round(from + ((to - from) * index) / (count - 1)))),
    fc.tuple(level, fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 10 })).map(([around, noise]) => noise.map((by) => Math.max(0, around + by))),
    fc.tuple(level, level).map(([low, spike]) => [low, low + spike, low]),
  );
  const day = fc.record({ everyInMs: fc.constantFrom(MINUTE, 5 * MINUTE, 15 * MINUTE), sessions: fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.flat()) });
  const pace = fc.record({ scaleOutCooldownInMs: fc.integer({ min: 0, max: 2 * MINUTE }), scaleInCooldownInMs: fc.integer({ min: 0, max: 8 * MINUTE }), min: fc.integer({ min: 0, max: 3 }), max: fc.integer({ min: 3, max: 60 }) });
  const starts = fc.integer({ min: 0, max: 2 * MINUTE });

  it("that is drawn, by whatever cooldowns and bounds, keeps to them, converges on each step, and deletes no server in use", () => {
    fc.assert(
      fc.property(day, pace, starts, (drawn, rules: Partial<PoolRules>, startsInMs) => {
        const model = new Model(rulesOf(rules));
        model.startsInMs = startsInMs;
        follow(model, drawn);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it("with a step right after another converges within two cooldowns of the second", () => {
    fc.assert(
      fc.property(pace, starts, level, level, level, (rules: Partial<PoolRules>, startsInMs, before, first, second) => {
        const model = new Model(rulesOf(rules));
        model.startsInMs = startsInMs;
        const { scaleOutCooldownInMs, scaleInCooldownInMs } = model.rules;
        follow(model, { everyInMs: 20 * MINUTE, sessions: [before] });
        // One reconcile moves for the first, and the second comes just then.
        follow(model, { everyInMs: EVERY_IN_MS, sessions: [first] });
        follow(model, { everyInMs: 2 * (second > first ? scaleOutCooldownInMs + startsInMs / 2 : scaleInCooldownInMs) + 3 * EVERY_IN_MS, sessions: [second] });
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it("whose load stays as it is, whatever it was before, makes no move once it has converged", () => {
    fc.assert(
      fc.property(day, pace, starts, level, (drawn, rules: Partial<PoolRules>, startsInMs, load) => {
        const model = new Model(rulesOf(rules));
        model.startsInMs = startsInMs;
        follow(model, drawn);
        follow(model, { everyInMs: 2 * Math.max(model.rules.scaleOutCooldownInMs, model.rules.scaleInCooldownInMs) + startsInMs + 10 * EVERY_IN_MS, sessions: [load] });
        const since = model.now;
        follow(model, { everyInMs: 60 * MINUTE, sessions: [load] });
        expect(moves(model, since)).toBe(0);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it("whose load goes up and down between the marks makes no move", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 40 }), (servers, waves) => {
        const places = servers * CAPACITY;
        const [low, high] = [Math.ceil(places * SCALE_IN_AT), Math.floor(places * SCALE_OUT_AT)];
        const model = new Model(rulesOf({ min: servers, max: 60 }));
        follow(model, { everyInMs: 10 * MINUTE, sessions: [low] });
        // From here on the pool may have fewer, and needs no other number.
        const free = new Model(rulesOf({ max: 60 }));
        for (const row of model.rows.values()) free.rows.set(row.id, row);
        for (const [name, upAt] of model.groups) free.groups.set(name, upAt);
        [free.memory, free.now] = [model.memory, model.now];
        follow(free, { everyInMs: MINUTE, sessions: waves.map((wave) => low + Math.floor(wave * (high - low))) });
        expect(moves(free, 0)).toBe(0);
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});
