import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const alias = [
  ...["emulator", "functions", "http", "storage"].map((entry) => ({ find: `aci-lifecycle/${entry}`, replacement: source(`./src/${entry}/index.ts`) })),
  { find: /^aci-lifecycle$/, replacement: source("./src/index.ts") },
];

// What a machine lacks can be left out, but only by saying so.
const leftOut = (name: string, pattern: string): string[] => (process.env[name] === "no" ? [pattern] : []);

// Five projects by cost; see docs/architecture.md. The emulator's mostly wait, so that three files at a time suit two cores.
export default defineConfig({
  resolve: { alias },
  test: {
    dangerouslyIgnoreUnhandledErrors: false,
    coverage: { provider: "v8", include: ["src/**"], reporter: ["text-summary", "json-summary"] },
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          setupFiles: ["test/contract/watch-answers.ts"],
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.emulator.test.ts", "test/package/**", "test/clients/**", "test/live/**", "**/node_modules/**", "test/tools/**"],
          testTimeout: 10_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve: { alias },
        test: { name: "emulator", setupFiles: ["test/contract/watch-answers.ts"], include: ["test/**/*.emulator.test.ts"], exclude: ["**/node_modules/**", ...leftOut("ACI_TEST_DOCKER", "test/**/docker/**"), ...leftOut("ACI_TEST_REGISTRY", "test/**/registry.emulator.test.ts"), ...leftOut("ACI_TEST_BROWSER", "test/**/page/**"), ...leftOut("ACI_TEST_AZURITE", "test/storage/**")], testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 3, sequence: { groupOrder: 1 } },
      },
      { test: { name: "package", include: ["test/package/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 } },
      { test: { name: "clients", include: ["test/clients/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 60_000 } },
      { test: { name: "live", include: ["test/live/**/*.test.ts"], testTimeout: 600_000 } },
    ],
  },
});
