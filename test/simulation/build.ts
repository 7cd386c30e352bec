import { readFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundleUp, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Text of a source file that is replaced by another: a planted bug, or a constant of another size. */
export interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

// Four megabytes of log in each of thousands of worlds would take long. Azure's window is smaller there, too. And where a scaler
// dies, two minutes in which no other may act are half of the time in which anything goes wrong.
const SCALE: readonly Patch[] = [
  { file: "src/lifecycle/merge-logs.ts", from: "RUNNING_LIMIT_IN_BYTES = 4 * 1024 * 1024", to: "RUNNING_LIMIT_IN_BYTES = 64 * 1024" },
  { file: "src/pools/server-pool/plan/rules.ts", from: "SCALER_LEASE_IN_MS = 120_000", to: "SCALER_LEASE_IN_MS = 40_000" },
];

/** Bundles an entry of the simulation with the library in it, so that it is quick and can be changed. */
export async function bundle(entry: string, outfile: string, patches: readonly Patch[] = []): Promise<string> {
  const out = resolve(ROOT, "temp/simulation", outfile);
  await bundleUp({
    entryPoints: [resolve(ROOT, "test/simulation", entry)],
    outfile: out,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    logLevel: "error",
    plugins: [seeded(), patched([...SCALE, ...patches])],
  });
  return out;
}

/** A source text with a patch, which must fit once. */
export function withPatch(contents: string, { file, from, to }: Patch): string {
  if (contents.split(from).length !== 2) throw new Error(`A patch of ${file} does not fit: ${from}`);
  return contents.replace(from, () => to);
}

function seeded(): Plugin {
  return {
    name: "seeded",
    setup(build) {
      build.onResolve({ filter: /internal\/random\.js$/ }, () => ({ path: resolve(ROOT, "test/simulation/seeded-random.ts") }));
      build.onResolve({ filter: /^\.\/random\.js$/ }, ({ importer }) => (dirname(importer) === resolve(ROOT, "src/internal") ? { path: resolve(ROOT, "test/simulation/seeded-random.ts") } : undefined));
    },
  };
}

function patched(patches: readonly Patch[]): Plugin {
  return {
    name: "patched",
    setup(build) {
      build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
        const own = patches.filter(({ file }) => file === relative(ROOT, path));
        if (own.length === 0) return undefined;
        return { contents: own.reduce(withPatch, await readFile(path, "utf8")), loader: "ts" };
      });
    },
  };
}
