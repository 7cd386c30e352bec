// The larger set that is run before a release, with a table of what came of it. Takes hours on two cores; a part of it is
// asked for by name: `npm run verify:release -- kills soak`. `ACI_TEST_FLEETS` is for fewer schedules of pools of servers.
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { install, minutes, root } from "./run.mjs";

const SCHEDULES = 1_000_000;
const FLEETS = Number(process.env.ACI_TEST_FLEETS ?? 100_000);
const CROWDS = 100_000;
const CHUNK = 100_000;

install();
const rows = [];
const vitest = (project, files, env = {}) => ["npx", ["vitest", "run", "--project", project, ...files], env];
const simulate = (...args) => ["node", ["scripts/simulate.mjs", ...args.map(String)], {}];
const inChunks = (count, ...kind) => Array.from({ length: Math.ceil(count / CHUNK) }, (_, index) => simulate(...kind, index * CHUNK, Math.min(CHUNK, count - index * CHUNK)));

// What is run, and the line of its output that tells its figures.
const PARTS = {
  simulation: { what: `${SCHEDULES} schedules`, tells: /^simulated: .*$/mu, runs: inChunks(SCHEDULES) },
  crowds: { what: `${CROWDS} schedules of jobs that several hosts drive`, tells: /^simulated: .*$/mu, runs: inChunks(CROWDS, "crowd") },
  fleets: { what: `${FLEETS} schedules of pools of servers`, tells: /^simulated: .*$/mu, runs: inChunks(FLEETS, "fleet") },
  again: { what: "the same seeds again, singles, pairs, deaths", tells: /exhaustive: .*$/mu, runs: [vitest("unit", ["test/simulation/simulation.test.ts"], { ACI_TEST_SAME_SEEDS: "1000" })] },
  model: { what: "model runs", tells: /model: .*$/mu, runs: [vitest("unit", ["test/simulation/model.test.ts"], { ACI_TEST_MODEL_RUNS: "20000" })] },
  bugs: { what: "planted bugs", tells: /^planted: .*$/mu, runs: [simulate("bugs", 5000)] },
  kills: { what: "real SIGKILLs", tells: /kill points: .*$/mu, runs: [vitest("emulator", ["test/kill/points"], { ACI_TEST_KILLS: "40" })] },
  "pool-kills": { what: "real SIGKILLs of pools of servers", tells: /kills of pools: .*$/mu, runs: [vitest("emulator", ["test/kill/servers"], { ACI_TEST_KILLS: "40" })] },
  soak: { what: "soak", tells: /\d+ jobs in .*$/mu, runs: [vitest("emulator", ["test/soak"], { ACI_TEST_SOAK: "10000" })] },
  secrets: { what: "secrets", tells: /\d+ secrets × .*$/mu, runs: [vitest("emulator", ["test/secrets"]), ["npm", ["run", "--silent", "build"], {}], ["node", ["scripts/scan-package.mjs"], {}]] },
  fuzz: { what: "webhook fuzz", tells: /webhook fuzz: .*$/mu, runs: [vitest("unit", ["test/completion/fuzz.test.ts"], { ACI_TEST_FUZZ: "1000000" })] },
  sweep: { what: "groups of others", tells: /\d+ passed.*$/mu, runs: [vitest("unit", ["test/sweep"])] },
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in PARTS));
if (unknown !== undefined) throw new Error(`There is no part ${unknown}. There are ${Object.keys(PARTS).join(", ")}.`);
mkdirSync(`${root}temp`, { recursive: true });
for (const [name, { what, tells, runs }] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const since = Date.now();
  const told = [];
  let isGood = true;
  for (const [command, args, env] of runs) {
    console.log(`> ${command} ${args.join(" ")}`);
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env: { ...process.env, ...env, NO_COLOR: "1" }, encoding: "utf8", maxBuffer: 1e9 });
    const line = tells.exec(stdout)?.[0];
    if (line !== undefined) told.push(line.trim());
    appendFileSync(`${root}temp/verify-release.log`, `${stdout}\n${stderr}\n`);
    if (status !== 0) console.error(`${stdout.slice(-4000)}\n${stderr.slice(-4000)}`);
    isGood &&= status === 0;
  }
  rows.push([what, isGood ? "ok" : "FAILED", told.join("; "), minutes((Date.now() - since) / 1000)]);
}
console.log("\n| measure | | figures | time |\n| --- | --- | --- | --- |");
for (const row of rows) console.log(`| ${row.join(" | ")} |`);
if (rows.some(([, state]) => state !== "ok")) process.exitCode = 1;
