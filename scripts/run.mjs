// What the scripts share: a command that is shown, timed and must succeed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

export function run(command, args, { env = {}, quiet = false } = {}) {
  const since = Date.now();
  if (!quiet) console.log(`\n> ${[command, ...args].join(" ")}`);
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: quiet ? "pipe" : "inherit", shell: process.platform === "win32" });
  if (status !== 0) {
    if (quiet) process.stderr.write(`${stdout}\n${stderr}`);
    console.error(`\n${command} ${args.join(" ")} failed with ${status}.`);
    process.exit(status ?? 1);
  }
  return (Date.now() - since) / 1000;
}

// Installs what the lock file says, if nothing is installed yet.
export function install() {
  if (existsSync(`${root}/node_modules/.package-lock.json`)) return;
  run("npm", ["ci", "--no-audit", "--no-fund"]);
}

export const minutes = (seconds) => `${(seconds / 60).toFixed(2)} min`;
