import { defineConfig } from "tsup";

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
    // p-retry is ESM-only, so the CommonJS build carries it along.
    noExternal: ["p-retry", "is-network-error"],
    external: ["aci-lifecycle"],
  },
  {
    entry: { storage: "src/storage/index.ts" },
    format: ["esm", "cjs"],
    target: "node20",
    platform: "node",
    dts: process.env["ACI_BUILD_TYPES"] !== "no",
    sourcemap: true,
    external: ["aci-lifecycle"],
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
