// Commands that run beside each other: each is timed and must succeed, and none outlives the script.
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { root } from "./run.mjs";

const isWindows = process.platform === "win32";
const running = new Set();

// Resolves with the seconds that it took. What it says is shown at once, or `isBeside` others when it is over. What `isPatient`
// leaves the processors to whatever else wants them.
export async function start(command, args, { env = {}, isBeside = false, isPatient = false } = {}) {
  const line = [command, ...args].join(" ");
  const since = Date.now();
  if (!isBeside) console.log(`\n> ${line}`);
  // A group of its own, so that all that it has started can be ended with it.
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: isBeside ? ["ignore", "pipe", "pipe"] : "inherit", shell: isWindows, detached: !isWindows });
  if (isPatient) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  running.add(child);
  const said = [];
  for (const stream of isBeside ? [child.stdout, child.stderr] : []) stream.on("data", (data) => said.push(data));
  const status = await new Promise((resolve) => child.once("close", resolve));
  running.delete(child);
  if (isBeside) process.stdout.write(`\n> ${line}\n${Buffer.concat(said).toString()}`);
  if (status !== 0) {
    console.error(`\n${line} failed with ${status}.`);
    process.exit(status ?? 1);
  }
  return (Date.now() - since) / 1000;
}

process.once("exit", () => running.forEach(end));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

function end(child) {
  try {
    if (isWindows) child.kill();
    else process.kill(-child.pid, "SIGTERM");
  } catch {
    // It has ended at this moment.
  }
}
