import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { middle, type Verdict } from "../pools/verdict.js";

const ROUNDS = 15;
// Tells of each file that is loaded as ESM; those that are required are in a cache.
const hooks = 'import { writeSync } from "node:fs"; export function load(url, context, next) { writeSync(1, url + "\\n"); return next(url, context); }';
const HOOK = `data:text/javascript,${encodeURIComponent(`import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`)}`;
// As the entry is built: one file for each format, with what is ESM only in it.

// What the import of the entry costs, to that of Microsoft's client alone, in new processes that take turns.
export async function imports(): Promise<readonly Verdict[]> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const folder = await mkdtemp(join(root, "temp", "imports-"));
  try {
    for (const format of ["esm", "cjs"] as const) await bundle(root, folder, format);
    return [verdict(folder, "ESM", "mjs"), verdict(folder, "CommonJS", "cjs"), loaded(folder, "ESM", "files.mjs"), loaded(folder, "CommonJS", "files.cjs")];
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
  const required = format === "esm" ? 'process.getBuiltinModule("module").createRequire(import.meta.url)' : "require";
  await writeFile(join(folder, `files.${extension}`), `${load(`./entry.${extension}`)}\nconsole.log(Object.keys(${required}.cache).join("\\n"));`);
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
function loaded(folder: string, name: string, file: string): Verdict {
  const files = spawnSync(process.execPath, ["--import", HOOK, join(folder, file)]).stdout.toString().split("\n");
  const copies = new Set(files.flatMap((path) => /.*core-rest-pipeline\/dist\/\w+/u.exec(path)?.[0] ?? []));
  const identity = files.filter((path) => path.includes("@azure/identity"));
  return { name: `B11 import, ${name}: copies of the pipeline beyond one, and files of @azure/identity`, value: copies.size - 1 + identity.length, atMost: 0, text: `${files.length} files` };
}
