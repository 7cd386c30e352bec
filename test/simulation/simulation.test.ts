import { readFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { bundle, withPatch } from "./build.js";
import { BUGS, CROWD_BUGS, FLEET_BUGS } from "./bugs.js";
import { playMany, seedsFrom, type Sum } from "./play.js";
import { FAULTS } from "./world/faults.js";

// It computes for minutes, and may be all that has to wait for the processors.
const PATIENCE = 3_600_000;
const SCHEDULES = 20_000;
const CROWDS = 5000;
const FLEETS = 10_000;
const SAME_SEEDS = Number(process.env["ACI_TEST_SAME_SEEDS"] ?? 100);
const execute = promisify(execFile);

// Two processes for the two cores of the machine on which this runs.
const PARTS = 2;

let main = "";
beforeAll(async () => {
  main = await bundle("main.ts", "main.mjs");
}, PATIENCE);

const jobs = once(() => playMany(main, { seeds: seedsFrom(0, SCHEDULES) }));
const fleets = once(() => playMany(main, { seeds: seedsFrom(0, FLEETS), of: "fleet" }));

describe("jobs under faults, deaths and races", () => {
  it(`break no rule in ${SCHEDULES} schedules`, { timeout: PATIENCE }, async () => {
    const sum = await jobs();
    expect(sum.bad).toEqual([]);
    expect(sum.schedules).toBe(SCHEDULES);
    console.log(`simulated: ${sum.schedules} schedules, ${sum.jobs} jobs, ${sum.requests} requests, ${hoursOf(sum)} hours`);
  });
});

describe("one job that several hosts drive, from whatever handles they have", () => {
  it(`has one result, one group at a time and none left, in ${CROWDS} schedules`, { timeout: PATIENCE }, async () => {
    const sum = await playMany(main, { seeds: seedsFrom(0, CROWDS), of: "crowd" });
    expect(sum.bad).toEqual([]);
    expect(sum.schedules).toBe(CROWDS);
    console.log(`simulated: ${sum.schedules} schedules of crowds, ${sum.requests} requests, ${hoursOf(sum)} hours`);
  });
});

describe("pools of servers under faults, deaths and races", () => {
  it(`delete no server in use, and come right in the end, in ${FLEETS} schedules`, { timeout: PATIENCE }, async () => {
    const sum = await fleets();
    expect(sum.bad).toEqual([]);
    expect(sum.schedules).toBe(FLEETS);
    console.log(`simulated: ${sum.schedules} schedules of pools, ${sum.groups} servers, ${sum.sessions} sessions, ${sum.requests} requests, ${hoursOf(sum)} hours`);
  });
});

it("each fault of the catalogue happens at least a hundred times in them", { timeout: PATIENCE }, async () => {
  const sums = [await jobs(), await fleets()];
  const hits = (id: string): number => sums.reduce((sum, one) => sum + (one.hits[id] ?? 0), 0);
  expect(FAULTS).toHaveLength(69);
  expect(FAULTS.filter((id) => hits(id) < 100).map((id) => `${id}: ${hits(id)}`)).toEqual([]);
  const rarest = FAULTS.reduce((least, id) => (hits(id) < hits(least) ? id : least));
  console.log(`simulated: rarest of ${FAULTS.length} faults: ${rarest}, ${hits(rarest)} times`);
});

describe.each([
  ["jobs", "seeds.txt", BUGS[0]],
  ["crowd", "crowd/seeds.txt", CROWD_BUGS[0]],
  ["fleet", "fleet/seeds.txt", FLEET_BUGS[0]],
] as const)("schedules of %s", (of, seedsFile, canary) => {
  it("that once broke a rule break none", { timeout: PATIENCE }, async () => {
    const seeds = readFileSync(new URL(seedsFile, import.meta.url), "utf8").split("\n").filter((line) => /^\d+$/u.test(line)).map(Number);
    expect(seeds.length).toBeGreaterThan(0);
    expect((await playMany(main, { seeds, of })).bad).toEqual([]);
  });

  it("happen the same way again from the same seed", { timeout: PATIENCE }, async () => {
    const order = { seeds: seedsFrom(0, SAME_SEEDS), wantsHashes: true, of };
    const [one, other] = [await playMany(main, order), await playMany(main, order)];
    expect(one.hashes).toHaveLength(SAME_SEEDS);
    expect(new Set(one.hashes).size).toBe(SAME_SEEDS);
    expect(other.hashes).toEqual(one.hashes);
  });

  it("find out where a bug has been planted", { timeout: PATIENCE }, async () => {
    const planted = await bundle("main.ts", `canary-${of}.mjs`, canary.patches);
    const sum = await playMany(planted, { seeds: seedsFrom(0, 500), isStopping: true, of });
    expect(sum.bad.length).toBeGreaterThan(0);
  });
});

function hoursOf({ virtualMs }: Sum): number {
  return Math.round(virtualMs / 3_600_000);
}

// What takes long is done once, by whoever needs it first.
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => (begun ??= work());
}

it("every planted bug fits the source, which may have changed since", () => {
  const source = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  const misfits = [...BUGS, ...CROWD_BUGS, ...FLEET_BUGS].flatMap(({ name, patches }) => patches.filter((patch) => !fits(() => withPatch(source(patch.file), patch))).map(({ file }) => `${name}: ${file}`));
  expect(misfits).toEqual([]);
});

function fits(apply: () => unknown): boolean {
  try {
    apply();
    return true;
  } catch {
    return false;
  }
}

describe("a plain job", () => {
  interface Told {
    readonly singles: number;
    readonly pairs: number;
    readonly met: number;
    readonly deaths: number;
    readonly faultsWithDeath: number;
    readonly bad: readonly object[];
  }

  it("stands every single fault, every pair, a death at every await, and each fault with each death", { timeout: PATIENCE }, async () => {
    const entry = await bundle("exhaustive.ts", "exhaustive.mjs");
    const told = await Promise.all(
      Array.from({ length: PARTS }, async (_, part) => JSON.parse((await execute(process.execPath, ["--enable-source-maps", entry, `${part}/${PARTS}`], { maxBuffer: 1e9 })).stdout) as Told),
    );
    expect(told.flatMap(({ bad }) => bad)).toEqual([]);
    const sum = (count: (one: Told) => number): number => told.reduce((total, one) => total + count(one), 0);
    console.log(`exhaustive: ${told[0]?.singles ?? 0} single faults, ${sum(({ pairs }) => pairs)} pairs (both met in ${sum(({ met }) => met)}), ${told[0]?.deaths ?? 0} deaths, ${sum(({ faultsWithDeath }) => faultsWithDeath)} faults with a death`);
    expect(sum(({ met }) => met)).toBeGreaterThan(10_000);
  });
});
