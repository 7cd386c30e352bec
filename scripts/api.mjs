// Writes the API report of every entry, or, in CI, fails where it differs from the committed one.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { root } from "./run.mjs";

const { Extractor, ExtractorConfig } = createRequire(import.meta.url)("@microsoft/api-extractor");
const isLocal = process.env.CI !== "true";
mkdirSync(`${root}/temp`, { recursive: true });

let isGood = true;
for (const entry of ["index", "emulator"]) {
  const config = ExtractorConfig.loadFile(`${root}/api-extractor.json`);
  config.mainEntryPointFilePath = `<projectFolder>/dist/${entry}.d.ts`;
  config.apiReport.reportFileName = entry;
  const prepared = ExtractorConfig.prepare({ configObject: config, configObjectFullPath: `${root}/api-extractor.json`, packageJsonFullPath: `${root}/package.json` });
  const result = Extractor.invoke(prepared, { localBuild: isLocal, showVerboseMessages: false });
  isGood &&= result.succeeded || (isLocal && result.errorCount === 0);
}
if (!isGood) process.exit(1);
