// Makes sure that Azurite is in test/tools/azurite, for the tests of Azure Storage. Ends with 1 where npm cannot fetch it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { root } from "./run.mjs";

const folder = `${root}/test/tools/azurite`;
if (!existsSync(`${folder}/node_modules/.package-lock.json`)) {
  const since = Date.now();
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"], { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(1);
  console.log(`azurite installed in ${Math.round((Date.now() - since) / 1000)} s`);
}
