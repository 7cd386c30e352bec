import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const alias = [
  ...["emulator", "functions", "http", "storage"].map((entry) => ({ find: `aci-lifecycle/${entry}`, replacement: source(`./src/${entry}/index.ts`) })),
  { find: /^aci-lifecycle$/, replacement: source("./src/index.ts") },
];

// What a machine lacks can be left out, but only by saying so.
const leftOut = (name: string, pattern: string): string[] => (process.env[name] === "no" ? [pattern] : []);

// What takes longest begins first, so that nothing is waited for alone at the end: on a fresh clone nobody knows by itself.
const LONGEST = ["kill/points", "completion/webhook.emulator", "real/abort", "real/jobs", "kill/servers", "kill/pool", "real/servers", "soak", "emulator/fuzz", "scenarios/containers", "kill/state", "pools/server-pool/race"];
const rankOf = ({ moduleId }: TestSpecification): number => (LONGEST.findIndex((name) => moduleId.includes(`/test/${name}`)) + LONGEST.length + 1) % (LONGEST.length + 1);
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = new Set(sorted.map(({ project }) => project));
    return [...projects].flatMap((own) => sorted.filter(({ project }) => project === own).sort((a, b) => rankOf(a) - rankOf(b)));
  }
}

// Five projects by cost; see docs/architecture.md. The emulator's mostly wait, so that four files at a time suit two cores.
export default defineConfig({
  resolve: { alias },
  test: {
    dangerouslyIgnoreUnhandledErrors: false,
    sequence: { sequencer: LongestFirst },
    coverage: { provider: "v8", include: ["src/**"], reporter: ["text-summary", "json-summary"] },
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          setupFiles: ["test/contract/watch-answers.ts"],
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.emulator.test.ts", "test/package/**", "test/clients/**", "test/live/**", "**/node_modules/**", "test/tools/**", ...leftOut("ACI_TEST_SIMULATION", "test/simulation/**")],
          // A guard against what hangs: how fast something is, is judged by no test.
          testTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve: { alias },
        test: { name: "emulator", setupFiles: ["test/contract/watch-answers.ts"], include: ["test/**/*.emulator.test.ts"], exclude: ["**/node_modules/**", ...leftOut("ACI_TEST_DOCKER", "test/**/docker/**"), ...leftOut("ACI_TEST_REGISTRY", "test/**/registry.emulator.test.ts"), ...leftOut("ACI_TEST_BROWSER", "test/**/page/**"), ...leftOut("ACI_TEST_AZURITE", "test/storage/**")], testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: 4, sequence: { groupOrder: 1 } },
      },
      { test: { name: "package", include: ["test/package/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 } },
      { test: { name: "clients", include: ["test/clients/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 } },
      { test: { name: "live", include: ["test/live/**/*.test.ts"], testTimeout: 600_000 } },
    ],
  },
});
