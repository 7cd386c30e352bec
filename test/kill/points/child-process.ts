import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { JobHandle } from "aci-lifecycle";
import type { PoolChildInput } from "../servers/child.js";
import type { ChildInput } from "./child.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const CHILD = path("../../../temp/kill/points-child.mjs");
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
// Far more than a child takes on a machine that is busy.
const REACHES_WITHIN_IN_MS = 60_000;

/** Makes a child's program of one file, which starts in half the time. The package that is not in it is not used. */
export async function buildChild(entry = path("child.ts"), outfile = CHILD): Promise<void> {
  const alias = { "aci-lifecycle": path("../../../src/index.ts") };
  await build({ entryPoints: [entry], outfile, bundle: true, external: ["@azure/identity"], banner: { js: REQUIRE }, alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
}

export interface Said {
  readonly stands?: true;
  readonly handle?: JobHandle;
}

/**
 * Runs a child until it says something, or `isStopped` resolves, and kills it `lingerInMs` later.
 *
 * @returns What it said, if it did.
 * @throws Error if it ended by itself, or never got there.
 */
export async function runToDeath(input: ChildInput | PoolChildInput, environment: Readonly<Record<string, string>>, isStopped: Promise<void>, lingerInMs: number, program = CHILD): Promise<Said | undefined> {
  const child = spawn(process.execPath, [program, JSON.stringify(input)], { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const said = once(createInterface({ input: child.stdout }), "line").then(([line]) => JSON.parse(String(line)) as Said);
  const over = new AbortController();
  const late = sleep(REACHES_WITHIN_IN_MS, over.signal).then(() => Promise.reject(new Error("it never got there")));
  try {
    const first = await Promise.race([said, isStopped.then(() => undefined), late, ended.then(() => Promise.reject(new Error("it ended by itself")))]);
    await sleep(lingerInMs);
    return first;
  } finally {
    over.abort();
    child.kill("SIGKILL");
    const [code, signal] = await ended;
    // A process that was not killed proves nothing.
    if (signal !== "SIGKILL") throw new Error(`it ended by itself with exit code ${code ?? "unknown"}`);
  }
}

/** Resolves after that time, or never, once aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}
