import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { AciClient, folderStore, JobPool } from "aci-lifecycle";
import { scripted, startEmulator, type ScriptedContainer } from "aci-lifecycle/emulator";

const JOBS = Number(process.env["ACI_TEST_POOL_JOBS"] ?? 1000);
const KILLS = 10;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const CHILD = path("../../../temp/kill/pool-child.mjs");

it(`a pool of ${JOBS} jobs whose process is killed ${KILLS} times ends with ${JOBS} results, each of one run, and nothing left`, { timeout: 600_000 }, async () => {
  const alias = { "aci-lifecycle": path("../../../src/index.ts") };
  await build({ entryPoints: [path("child.ts")], outfile: CHILD, bundle: true, packages: "external", alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
  const folder = await mkdtemp(join(tmpdir(), "pool-kill-"));
  const runs = new Map<string, number>();
  const work = (container: ScriptedContainer): number => {
    container.print("done\n");
    const key = container.environment["KEY"] ?? "";
    runs.set(key, (runs.get(key) ?? 0) + 1);
    return 0;
  };
  await using emulator = await startEmulator({ engine: scripted({ work }) });
  const told = new Set<string>();

  // Starts the program, and kills it after so long; true if it has come to its end before.
  const runFor = async (ms: number): Promise<boolean> => {
    const child = spawn(process.execPath, [CHILD, JSON.stringify({ folder, jobs: JOBS })], { env: { ...process.env, ...emulator.environment }, stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(child, "exit");
    createInterface({ input: child.stdout }).on("line", (line) => told.add(line));
    const killing = new AbortController();
    void setTimeout(ms, undefined, { signal: killing.signal }).then(() => child.kill("SIGKILL"), () => undefined);
    const [code] = (await exit) as [number | null];
    killing.abort();
    return code === 0;
  };
  let random = 20_261_126;
  const draw = (): number => (random = (random * 48_271) % 2_147_483_647) / 2_147_483_647;
  let kills = 0;
  while (kills < KILLS && !(await runFor(1500 + 2500 * draw()))) kills++;
  const killedAt = told.size;
  expect(await runFor(540_000)).toBe(true);
  expect(kills).toBe(KILLS);
  console.log(`pool: ${JOBS} jobs, ${kills} kills, ${killedAt} results told before the last of them, ${Math.max(...runs.values())} run of each at the most`);

  // Each has a result, of one run, and there is no group and nothing more to ask for.
  expect([...runs.values()].filter((count) => count !== 1)).toEqual([]);
  expect(runs.size).toBe(JOBS);
  expect(emulator.groups()).toEqual([]);
  const before = emulator.requests.length;
  const pool = new JobPool(new AciClient(emulator.clientOptions), { store: folderStore(folder), name: "kills" });
  const outcomes: string[] = [];
  for await (const { outcome } of pool.map(Array.from(runs.keys(), (key) => ({ key, image: "work", environment: { KEY: key } })))) outcomes.push(outcome);
  await pool.close();
  expect(outcomes).toEqual(Array.from({ length: JOBS }, () => "succeeded"));
  expect(emulator.requests.slice(before).filter(({ path: asked }) => !asked.includes("/usages"))).toEqual([]);
  const left: string[] = [];
  for await (const { key } of folderStore(folder).list?.("pools/") ?? []) left.push(key);
  expect(left.filter((key) => key.includes("/jobs/"))).toEqual([]);
  await rm(folder, { recursive: true });
});
