import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { middle, type Verdict } from "../pools/verdict.js";

const ROUNDS = 15;
// As the entry is built: one file for each format, with what is ESM only in it.

// What the import of the entry costs, to that of Microsoft's client alone, in new processes that take turns.
export async function imports(): Promise<readonly Verdict[]> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const folder = await mkdtemp(join(root, "temp", "imports-"));
  try {
    for (const format of ["esm", "cjs"] as const) await bundle(root, folder, format);
    return [verdict(folder, "ESM", "mjs"), verdict(folder, "CommonJS", "cjs"), loaded(folder)];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function bundle(root: string, folder: string, format: "esm" | "cjs"): Promise<void> {
  const extension = format === "esm" ? "mjs" : "cjs";
  const external = ["@azure/*", "yaml", "picomatch", "ws", "selfsigned", "commander"];
  await build({ entryPoints: [join(root, "src/index.ts")], outfile: join(folder, `entry.${extension}`), bundle: true, platform: "node", target: "node20", format, external, logLevel: "error", ...(format === "cjs" && { define: { "import.meta.url": "__filename" } }) });
  const load = (what: string): string => (format === "esm" ? `await import(${JSON.stringify(what)});` : `require(${JSON.stringify(what)});`);
  await writeFile(join(folder, `ours.${extension}`), load(`./entry.${extension}`));
  await writeFile(join(folder, `sdk.${extension}`), load("@azure/arm-containerinstance"));
  if (format === "cjs") await writeFile(join(folder, "files.cjs"), `${load("./entry.cjs")}\nconsole.log(Object.keys(require.cache).join("\\n"));`);
}

function verdict(folder: string, name: string, extension: string): Verdict {
  const [ours, sdk]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(timeOf(join(folder, `ours.${extension}`)));
    sdk.push(timeOf(join(folder, `sdk.${extension}`)));
  }
  const [own, other] = [ours, sdk].map((times) => middle("", times, {}).value);
  return { name: `B11 import, ${name}, to that of @azure/arm-containerinstance`, value: (own ?? NaN) / (other ?? NaN), atMost: 1.1, text: `${own?.toFixed(0) ?? ""} ms to ${other?.toFixed(0) ?? ""} ms, Node included` };
}

function timeOf(file: string): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [file]);
  if (status !== 0) throw new Error(stderr.toString());
  return performance.now() - began;
}

// Files of @azure/identity, and copies of the pipeline beyond one.
function loaded(folder: string): Verdict {
  const files = spawnSync(process.execPath, [join(folder, "files.cjs")]).stdout.toString().split("\n");
  const copies = new Set(files.filter((file) => file.includes("core-rest-pipeline")).map((file) => file.replace(/core-rest-pipeline.*$/u, "")));
  const identity = files.filter((file) => file.includes("@azure/identity"));
  return { name: "B11 copies of the pipeline beyond one, and files of @azure/identity", value: copies.size - 1 + identity.length, atMost: 0, text: `${files.length} files` };
}
