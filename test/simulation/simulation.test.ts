import { readFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { bundle, withPatch } from "./build.js";
import { BUGS, FLEET_BUGS } from "./bugs.js";
import { playMany, seedsFrom } from "./play.js";
import { FAULTS } from "./world/faults.js";

const MINUTES = 60_000;
const SCHEDULES = 20_000;
const SAME_SEEDS = Number(process.env["ACI_TEST_SAME_SEEDS"] ?? 100);
const execute = promisify(execFile);

// Two processes for the two cores of the machine on which this runs.
const PARTS = 2;

let main = "";
beforeAll(async () => {
  main = await bundle("main.ts", "main.mjs");
});

describe("jobs under faults, deaths and races", () => {
  it(`break no rule in ${SCHEDULES} schedules, in which each fault happens at least a hundred times`, { timeout: 20 * MINUTES }, async () => {
    const sum = await playMany(main, { seeds: seedsFrom(0, SCHEDULES) });
    expect(sum.bad).toEqual([]);
    expect(sum.schedules).toBe(SCHEDULES);
    expect(FAULTS.filter((id) => (sum.hits[id] ?? 0) < 100).map((id) => `${id}: ${sum.hits[id] ?? 0}`)).toEqual([]);
    const rarest = FAULTS.reduce((least, id) => ((sum.hits[id] ?? 0) < (sum.hits[least] ?? 0) ? id : least));
    console.log(`simulated: ${sum.schedules} schedules, ${sum.jobs} jobs, ${sum.requests} requests, ${Math.round(sum.virtualMs / 3_600_000)} hours; rarest of ${FAULTS.length} faults: ${rarest}, ${sum.hits[rarest] ?? 0} times`);
  });

  it("break no rule in the schedules that once broke one", { timeout: MINUTES }, async () => {
    const seeds = readFileSync(new URL("seeds.txt", import.meta.url), "utf8").split("\n").filter((line) => /^\d+$/u.test(line)).map(Number);
    expect(seeds.length).toBeGreaterThan(0);
    expect((await playMany(main, { seeds })).bad).toEqual([]);
  });

  it("happen the same way again from the same seed", { timeout: 5 * MINUTES }, async () => {
    const [one, other] = [await playMany(main, { seeds: seedsFrom(0, SAME_SEEDS), wantsHashes: true }), await playMany(main, { seeds: seedsFrom(0, SAME_SEEDS), wantsHashes: true })];
    expect(one.hashes).toHaveLength(SAME_SEEDS);
    expect(new Set(one.hashes).size).toBe(SAME_SEEDS);
    expect(other.hashes).toEqual(one.hashes);
  });

  it("are found out where a bug has been planted", { timeout: 5 * MINUTES }, async () => {
    const [canary] = BUGS;
    const planted = await bundle("main.ts", "canary.mjs", canary.patches);
    const sum = await playMany(planted, { seeds: seedsFrom(0, 500), isStopping: true });
    expect(sum.bad.length).toBeGreaterThan(0);
  });
});

it("every planted bug fits the source, which may have changed since", () => {
  const source = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  const misfits = [...BUGS, ...FLEET_BUGS].flatMap(({ name, patches }) => patches.filter((patch) => !fits(() => withPatch(source(patch.file), patch))).map(({ file }) => `${name}: ${file}`));
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

  it("stands every single fault, every pair, a death at every await, and each fault with each death", { timeout: 10 * MINUTES }, async () => {
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
