// Runs an example as its reader would: compiled, against the built package.
import { root, run } from "./run.mjs";

export async function runExample(name, env = {}) {
  const outfile = `${root}/temp/examples/${name}.mjs`;
  // Imported late: on a fresh clone nothing is installed when this file is read.
  const { buildSync } = await import("esbuild");
  buildSync({ entryPoints: [`${root}/examples/${name}.ts`], outfile, bundle: true, packages: "external", format: "esm", platform: "node", target: "node20", logLevel: "error" });
  return run("node", [outfile], { env });
}
