import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildChild } from "./child-process.js";
import { killJob } from "./kill-job.js";
import { killSweep } from "./kill-sweep.js";
import { lanes } from "./lanes.js";
import { POINTS, SWEEP_POINTS, type Mode } from "./points.js";

// Each point in each mode so many times.
const KILLS = Number(process.env["ACI_TEST_KILLS"] ?? 8);
// So many children at once: they wait, most of the time.
const WIDTH = 16;
const TIMEOUT_IN_MS = 120_000 + KILLS * 30_000;

interface Cell {
  readonly name: string;
  readonly what: string;
  /** A sweep has none. */
  readonly mode: Mode | "none";
  readonly kill: (n: number) => Promise<string[]>;
}

const lane = lanes(WIDTH);
const jobs = POINTS.flatMap((point) => point.modes.map((mode): Cell => ({ ...point, mode, kill: (n) => killJob(point, mode, n, lane) })));
const sweeps = SWEEP_POINTS.map((point): Cell => ({ ...point, mode: "none", kill: (n) => killSweep(point, n, lane) }));
const CELLS = [...jobs, ...sweeps];
const outcomes = new Map<Cell, Promise<readonly (readonly string[])[]>>();
const startedAt = Date.now();

// All go at once, as their lanes allow; the tests below wait for theirs.
beforeAll(async () => {
  await buildChild();
  for (const cell of CELLS) outcomes.set(cell, Promise.all(Array.from({ length: KILLS }, (_, n) => told(cell, n))));
});

// What is wrong after the n-th kill, and of which it was.
async function told({ name, mode, kill }: Cell, n: number): Promise<string[]> {
  const faults = await kill(n).catch((error: unknown) => [`failed: ${error instanceof Error ? error.message : String(error)}`]);
  return faults.map((fault) => `${name} ${mode} #${n}: ${fault}`);
}

afterAll(async () => {
  const faults = (await Promise.all(outcomes.values())).flat(2);
  const count = (word: string): number => faults.filter((fault) => fault.includes(`: ${word}: `)).length;
  const [points, modes] = [POINTS.length + SWEEP_POINTS.length, new Set(jobs.map(({ mode }) => mode)).size];
  const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
  console.log(`kill points: ${CELLS.length * KILLS} kills at ${points} points in ${modes} modes: ${count("lost")} lost, ${count("doubled")} doubled, ${count("leaked")} leaked, ${count("failed")} failed, ${minutes} minutes`);
}, TIMEOUT_IN_MS);

describe("a process that is killed", () => {
  it.each(CELLS.map((cell) => [`${cell.name}, ${cell.what}, mode ${cell.mode}`, cell] as const))(
    "loses, doubles and leaks nothing: %s",
    async (_name, cell) => {
      expect((await outcomes.get(cell))?.flat()).toEqual([]);
    },
    TIMEOUT_IN_MS,
  );
});
