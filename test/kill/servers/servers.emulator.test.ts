import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildChild } from "../points/child-process.js";
import { lanes } from "../points/lanes.js";
import { CHILD, killPool } from "./kill-pool.js";
import { POOL_POINTS, type PoolPoint } from "./points.js";

// Each point so many times.
const KILLS = Number(process.env["ACI_TEST_KILLS"] ?? 8);
// So many emulators and children at once.
const WIDTH = 8;
const TIMEOUT_IN_MS = 120_000 + KILLS * 30_000;

const lane = lanes(WIDTH);
const outcomes = new Map<PoolPoint, Promise<readonly (readonly string[])[]>>();
const startedAt = Date.now();

// All go at once, as their lanes allow; the tests below wait for theirs.
beforeAll(async () => {
  await buildChild(fileURLToPath(new URL("child.ts", import.meta.url)), CHILD);
  for (const point of POOL_POINTS) outcomes.set(point, Promise.all(Array.from({ length: KILLS }, (_, n) => told(point, n))));
});

// What is wrong after the n-th kill, and of which it was.
async function told(point: PoolPoint, n: number): Promise<string[]> {
  const faults = await lane(() => killPool(point, n)).catch((error: unknown) => [`failed: ${error instanceof Error ? error.message : String(error)}`]);
  return faults.map((fault) => `${point.name} #${n}: ${fault}`);
}

afterAll(async () => {
  const faults = (await Promise.all(outcomes.values())).flat(2);
  const count = (word: string): number => faults.filter((fault) => fault.includes(`: ${word}: `)).length;
  console.log(`kills of pools: ${POOL_POINTS.length * KILLS} kills at ${POOL_POINTS.length} points: ${count("lost")} lost, ${count("doubled")} doubled, ${count("leaked")} leaked, ${count("failed")} failed, ${((Date.now() - startedAt) / 60_000).toFixed(1)} minutes`);
}, TIMEOUT_IN_MS);

describe("a process that is killed while it scales a pool of servers", () => {
  it.each(POOL_POINTS.map((point) => [`${point.name}, ${point.what}`, point] as const))(
    "leaves no session on a deleted group, no group, and the servers that are wanted: %s",
    async (_name, point) => {
      expect((await outcomes.get(point))?.flat()).toEqual([]);
    },
    TIMEOUT_IN_MS,
  );
});
