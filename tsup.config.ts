import { readdir, readFile, writeFile } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { defineConfig } from "tsup";

// tsup names the files of a split CommonJS build in their source maps by where they are on this machine.
async function namePlainly(): Promise<void> {
  const folder = JSON.stringify(resolve("dist") + sep).slice(1, -1);
  for (const name of await readdir("dist")) {
    if (!name.endsWith(".cjs.map")) continue;
    const text = await readFile(`dist/${name}`, "utf8");
    if (text.includes(folder)) await writeFile(`dist/${name}`, text.replaceAll(folder, ""));
  }
}

export default defineConfig([
  {
    entry: { index: "src/index.ts", emulator: "src/emulator/index.ts" },
    format: ["esm", "cjs"],
    target: "node20",
    platform: "node",
    dts: process.env["ACI_BUILD_TYPES"] !== "no",
    splitting: true,
    sourcemap: true,
    clean: true,
    // The CommonJS build has no `import.meta.url`, from where the reader of YAML is loaded when it is needed.
    shims: true,
    // p-retry is ESM-only, so the CommonJS build carries it along.
    noExternal: ["p-retry", "is-network-error"],
    external: ["aci-lifecycle"],
    onSuccess: namePlainly,
  },
  {
    entry: { http: "src/http/index.ts", functions: "src/functions/index.ts", storage: "src/storage/index.ts" },
    format: ["esm", "cjs"],
    target: "node20",
    platform: "node",
    dts: process.env["ACI_BUILD_TYPES"] !== "no",
    splitting: true,
    sourcemap: true,
    external: ["aci-lifecycle", "aci-lifecycle/http"],
  },
  {
    entry: { cli: "src/cli/index.ts" },
    format: ["esm"],
    target: "node20",
    platform: "node",
    dts: false,
    sourcemap: true,
    external: ["aci-lifecycle", "aci-lifecycle/emulator"],
  },
]);
