import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { ChildInput } from "./child.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const CHILD = path("../../../temp/kill/reader-child.mjs");
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
const REACHES_WITHIN_IN_MS = 60_000;

/** Makes the reader's program. Microsoft's clients stay outside, so that the reader and what it reads with have the same. */
export async function buildReader(): Promise<void> {
  const alias = { "aci-lifecycle": path("../../../src/index.ts"), "aci-lifecycle/http": path("../../../src/http/index.ts"), "aci-lifecycle/storage": path("../../../src/storage/index.ts") };
  const external = ["@azure/identity", "@azure/data-tables", "@azure/storage-queue"];
  await build({ entryPoints: [path("child.ts")], outfile: CHILD, bundle: true, external, banner: { js: REQUIRE }, alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
}

interface Life {
  readonly environment?: Readonly<Record<string, string>>;
  /** Told of the port that it serves at, if it does. */
  readonly onPort?: (port: number) => void;
}

/** Runs a reader until it stands where it is to stop, and kills it. Rejects if it never got there. */
export async function readToDeath(input: ChildInput, { environment = {}, onPort }: Life = {}): Promise<void> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(input)], { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const stands = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { port, stands: isStanding } = JSON.parse(line) as { readonly port?: number; readonly stands?: true };
      if (port !== undefined) onPort?.(port);
      if (isStanding === true) resolve();
    });
  });
  const late = AbortSignal.timeout(REACHES_WITHIN_IN_MS);
  try {
    await Promise.race([stands, once(late, "abort").then(() => Promise.reject(new Error(`it never got to ${JSON.stringify(input.stop)}`))), ended.then(() => Promise.reject(new Error("it ended by itself")))]);
  } finally {
    child.kill("SIGKILL");
    const [code, signal] = await ended;
    // A process that was not killed proves nothing.
    if (signal !== "SIGKILL") throw new Error(`it ended by itself with exit code ${code ?? "unknown"}`);
  }
}
