import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DriverReport, EmulatorReport } from "./work.js";

// A release is soaked with ACI_TEST_SOAK=10000.
const JOBS = Number(process.env["ACI_TEST_SOAK"] ?? 1000);
const IS_RELEASE = JOBS >= 10_000;
const AT_ONCE = IS_RELEASE ? 200 : 50;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const BUILT = path("../../temp/soak");

class Program {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string, undefined>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
    const lines: Interface = createInterface({ input: this.child.stdout });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  say(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  async line<T>(): Promise<T> {
    const next: IteratorResult<string, undefined> = await this.#lines.next();
    if (next.done === true) throw new Error("The program ended without saying it");
    return JSON.parse(next.value) as T;
  }

  async end(): Promise<number | null> {
    const [code] = this.child.exitCode === null ? ((await once(this.child, "exit")) as [number | null]) : [this.child.exitCode];
    return code;
  }
}

describe(`${JOBS} jobs, ${AT_ONCE} at once, while one request in twenty goes wrong`, () => {
  let emulator: Program;
  let driven: DriverReport;
  let emulated: EmulatorReport;
  let driver: Program;

  beforeAll(async () => {
    const alias = { "aci-lifecycle": path("../../src/index.ts"), "aci-lifecycle/emulator": path("../../src/emulator/index.ts") };
    const entryPoints = { driver: path("driver.ts"), emulator: path("emulator-child.ts") };
    await build({ entryPoints, outdir: BUILT, outExtension: { ".js": ".mjs" }, bundle: true, packages: "external", alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
    emulator = new Program([`${BUILT}/emulator.mjs`]);
    const environment = await emulator.line<Record<string, string>>();
    driver = new Program(["--expose-gc", `${BUILT}/driver.mjs`, JSON.stringify({ jobs: JOBS, atOnce: AT_ONCE })], environment);
    driven = await driver.line<DriverReport>();
    emulator.say("report");
    emulated = await emulator.line<EmulatorReport>();
    const { seconds, requests, faults, polls, rssSlope, heapSlope, rss, delayP99 } = driven;
    const each = (count: number): string => (count / JOBS).toFixed(2);
    console.log(`${JOBS} jobs in ${seconds} s: ${each(requests)} requests a job, ${each(polls)} of them looks that saw it, ${each(faults)} faults; RSS ${rss} MB, ${rssSlope.toFixed(2)} MB more per 1,000 jobs (heap ${heapSlope.toFixed(2)}); loop delay p99 ${delayP99} ms; ${JSON.stringify(emulated.struck)} of ${emulated.requests} requests, emulator RSS ${emulated.rss} MB`);
  }, 3_600_000);

  afterAll(async () => {
    emulator.child.stdin.end();
    expect(await emulator.end()).toBe(0);
  });

  it("each has its true exit code and its whole log", () => {
    expect(driven.wrong).toEqual([]);
    expect(driven.jobs).toBe(JOBS);
    expect(emulated.started).toBe(JOBS);
  });

  it("none has two groups at once, or runs twice", () => {
    expect(emulated.doubles).toEqual([]);
  });

  it("no group is left after one sweep", () => {
    expect(driven.unswept).toBe(0);
    expect(emulated.groups).toBe(0);
  });

  it("none sends more requests than its looks and its faults allow", () => {
    expect(driven.greedy).toEqual([]);
  });

  it("each kind of fault was met, one request in twenty in all", () => {
    expect(Object.entries(emulated.struck).filter(([, times]) => times < JOBS / 100)).toEqual([]);
    const struck = Object.values(emulated.struck).reduce((sum, times) => sum + times, 0);
    expect(struck / emulated.requests).toBeGreaterThan(0.03);
    expect(struck / emulated.requests).toBeLessThan(0.08);
  });

  it("nothing is left in the process that drove them, and it ends by itself", async () => {
    expect(driven).toMatchObject({ handlesLeft: [], listenersLeft: 0, warnings: [] });
    expect(await driver.end()).toBe(0);
    // A short run is all warm-up.
    if (IS_RELEASE) expect(driven.rssSlope).toBeLessThan(1);
  });
});
