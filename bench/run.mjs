// Runs every benchmark of this folder, or those named. A figure is a ratio against a floor of the same run, or a rate.
import { readdirSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = fileURLToPath(new URL(".", import.meta.url));
// What begins with two hyphens is for the benchmarks themselves.
const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
const asked = process.argv.slice(2).filter((argument) => !flags.includes(argument));
const names = readdirSync(folder).filter((file) => file.endsWith(".bench.ts")).map((file) => file.replace(".bench.ts", ""));
const unknown = asked.find((name) => !names.includes(name));
if (unknown !== undefined) throw new Error(`There is no benchmark ${unknown}. There are ${names.join(", ")}.`);
// Inside of the repository, where packages are found.
await mkdir(join(folder, "..", "temp"), { recursive: true });
const output = await mkdtemp(join(folder, "..", "temp", "bench-"));
try {
  for (const name of asked.length > 0 ? asked : names) {
    const outfile = join(output, `${name}.mjs`);
    await build({ entryPoints: [join(folder, `${name}.bench.ts`)], outfile, bundle: true, platform: "node", format: "esm", target: "node20", packages: "external", absWorkingDir: folder, logLevel: "error" });
    const { status } = spawnSync(process.execPath, ["--expose-gc", outfile, ...flags], { stdio: "inherit", cwd: folder });
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  await rm(output, { recursive: true });
}
