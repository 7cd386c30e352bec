// Makes sure that Azurite is in test/tools/azurite, for the tests of Azure Storage.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { root } from "./run.mjs";

const folder = `${root}/test/tools/azurite`;

/** Whether Azurite is there, once npm has tried to install it. */
export function hasAzurite() {
  if (existsSync(`${folder}/node_modules/.package-lock.json`)) return true;
  const since = Date.now();
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"], { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });
  if (status === 0) console.log(`azurite installed in ${Math.round((Date.now() - since) / 1000)} s`);
  return status === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !hasAzurite()) process.exit(1);
