import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { CANARIES } from "./canaries.js";
import { SPEC, type Stage } from "./stage.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const BUILT = path("../../temp/secrets");

/** Builds the programs that run as processes of their own. */
export async function buildChildren(): Promise<void> {
  const alias = { "aci-lifecycle": path("../../src/index.ts"), "aci-lifecycle/emulator": path("../../src/emulator/index.ts") };
  const entryPoints = { child: path("child.ts"), cli: path("../../src/cli/index.ts") };
  await build({ entryPoints, outdir: BUILT, outExtension: { ".js": ".mjs" }, bundle: true, splitting: true, packages: "external", alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
}

// Runs a program of ours, and shows its command line and all that it says. Resolves when it has ended.
async function run(stage: Stage, args: readonly string[], input: string, onLine: (line: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined): Promise<number | null> {
  const env = { ...process.env, ...stage.emulator.environment, AZURE_RESOURCE_MANAGER_ENDPOINT: stage.adversary.endpoint };
  const child = spawn(process.execPath, args, { env, stdio: "pipe" });
  const closed = once(child, "close") as Promise<[number | null]>;
  stage.see("command line of a process", await readFile(`/proc/${child.pid ?? "self"}/cmdline`, "utf8").catch(() => args.join(" ")));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      stage.see("output of a process", data.toString());
      onLine(data.toString(), (signal) => child.kill(signal));
    });
  }
  child.stdin.end(input);
  const [code] = await closed;
  return code;
}

/** Runs the job in a process that gets a signal as soon as its container runs, and shows what it leaves in its folder. */
export async function runAndSignal(stage: Stage, signal: NodeJS.Signals): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "secrets-"));
  const secrets = { registry: CANARIES["resolved registry password"], variable: CANARIES["resolved secret"] };
  let isSent = false;
  const code = await run(stage, [join(BUILT, "child.mjs")], JSON.stringify({ spec: { ...SPEC, files: undefined, image: "long" }, folder, secrets }), (line, kill) => {
    // Only as much time passes as it takes until the container runs.
    if (line.includes("jobAccepted")) void stage.clock.advance(10_000);
    if (isSent || !line.includes("jobStarted")) return;
    isSent = true;
    kill(signal);
  });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) stage.see("folder of the store", `${entry.name} ${await readFile(join(entry.parentPath, entry.name), "utf8")}`);
  }
  await rm(folder, { recursive: true });
  return String(code);
}

/** What the command line tells of a sweep, in words and as JSON. */
export async function sweepByCommand(stage: Stage): Promise<string> {
  const codes = [await run(stage, [join(BUILT, "cli.mjs"), "sweep", "--json"], ""), await run(stage, [join(BUILT, "cli.mjs"), "sweep"], "")];
  return codes.join(" ");
}
