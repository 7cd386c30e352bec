// Runs an example as its reader would: compiled, against the built package.
import { buildSync } from "esbuild";
import { root, run } from "./run.mjs";

export function runExample(name, env = {}) {
  const outfile = `${root}/temp/examples/${name}.mjs`;
  buildSync({ entryPoints: [`${root}/examples/${name}.ts`], outfile, bundle: true, packages: "external", format: "esm", platform: "node", target: "node20", logLevel: "error" });
  return run("node", [outfile], { env });
}
