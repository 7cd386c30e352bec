// Plays schedules of the simulation. `npm run simulate -- 4711` tells one of them line by line, `npm run simulate -- 0 20000`
// plays many, and `npm run simulate -- bugs 5000` plants each bug and plays until it
// is found, so many schedules at most; with a word behind it, only the bugs whose names have it. With `fleet` before the seeds
// they are of pools of servers, with `crowd` of jobs that several hosts drive at once.
import { spawnSync } from "node:child_process";
import { build } from "esbuild";
import { root } from "./run.mjs";

const source = `${root}test/simulation`;

// Bundles a file of the simulation that bundles others itself: it has to know where it comes from.
async function tool(name) {
  const outfile = `${root}temp/simulation/${name}.tool.mjs`;
  const define = { "import.meta.url": JSON.stringify(new URL(`file://${source}/build.ts`).href) };
  await build({ entryPoints: [`${source}/${name}.ts`], outfile, bundle: true, packages: "external", format: "esm", platform: "node", target: "node20", define, logLevel: "error" });
  return outfile;
}

const of = ["fleet", "crowd"].find((kind) => kind === process.argv[2]) ?? "jobs";
const [first, second, third] = process.argv.slice(of === "jobs" ? 2 : 3);
const { bundle } = await import(await tool("build"));
if (first === "bugs") {
  process.exitCode = spawnSync(process.execPath, [await tool("plant"), second ?? "5000", third ?? ""], { stdio: "inherit" }).status ?? 1;
} else if (second === undefined) {
  if (!/^\d+$/u.test(first ?? "")) throw new Error("Expected a seed, a first seed and a count, or `bugs`.");
  process.exitCode = spawnSync(process.execPath, ["--enable-source-maps", await bundle("trace.ts", "trace.mjs"), first, of], { stdio: "inherit" }).status ?? 1;
} else {
  const { playMany, seedsFrom } = await import(await tool("play"));
  const sum = await playMany(await bundle("main.ts", "main.mjs"), { seeds: seedsFrom(Number(first), Number(second)), of });
  const [[rarest, hits]] = Object.entries(sum.hits).sort(([, a], [, b]) => a - b);
  const what = { jobs: `schedules, ${sum.jobs} jobs`, crowd: "schedules of crowds", fleet: `schedules of pools, ${sum.groups} servers, ${sum.sessions} sessions` }[of];
  console.log(`simulated: ${sum.schedules} ${what}, ${sum.requests} requests, ${Math.round(sum.virtualMs / 3_600_000)} hours; rarest of ${Object.keys(sum.hits).length} faults: ${rarest}, ${hits} times`);
  for (const { seed, violations } of sum.bad) console.log(`${seed}: ${violations.join("; ")}`);
  if (sum.bad.length > 0) process.exitCode = 1;
}
