// Writes the API report of every entry, or, in CI, fails where it differs from the committed one.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { root } from "./run.mjs";

const { Extractor, ExtractorConfig } = createRequire(import.meta.url)("@microsoft/api-extractor");
const tsconfig = JSON.parse(readFileSync(`${root}/tsconfig.json`, "utf8"));
const isLocal = process.env.CI !== "true";
mkdirSync(`${root}/temp`, { recursive: true });

let isGood = true;
for (const entry of ["index", "http", "functions", "storage", "emulator"]) {
  const config = ExtractorConfig.loadFile(`${root}/api-extractor.json`);
  config.mainEntryPointFilePath = `<projectFolder>/dist/${entry}.d.ts`;
  config.apiReport.reportFileName = entry;
  // What an entry takes from the root is exported there.
  if (["http", "functions", "storage"].includes(entry)) config.messages.extractorMessageReporting["ae-forgotten-export"] = { logLevel: "none" };
  // The package's own name leads to what was built of it.
  config.compiler.overrideTsconfig = { ...tsconfig, compilerOptions: { ...tsconfig.compilerOptions, paths: { "aci-lifecycle": [`${root}/dist/index.d.ts`] } } };
  const prepared = ExtractorConfig.prepare({ configObject: config, configObjectFullPath: `${root}/api-extractor.json`, packageJsonFullPath: `${root}/package.json` });
  const result = Extractor.invoke(prepared, { localBuild: isLocal, showVerboseMessages: false });
  isGood &&= result.succeeded || (isLocal && result.errorCount === 0);
}
if (!isGood) process.exit(1);
