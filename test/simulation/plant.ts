// Plants each bug by itself and plays schedules until it is found out. Says how many it took, and which were not found.
import { BUGS, CROWD_BUGS, FLEET_BUGS, type Bug } from "./bugs.js";
import { bundle } from "./build.js";
import { playMany, seedsFrom, type Kind } from "./play.js";

const MOST = Number(process.argv[2] ?? 5000);
// Only those whose names have this in them, or of this kind: `jobs`, `crowd` or `fleet`.
const ONLY = process.argv[3] ?? "";
const missed: string[] = [];
let slowest = 0;
let planted = 0;
const KINDS = [["jobs", BUGS], ["crowd", CROWD_BUGS], ["fleet", FLEET_BUGS]] as const;
const ALL: readonly (Bug & { readonly of: Kind })[] = KINDS.flatMap(([of, bugs]) => bugs.map((bug) => ({ ...bug, of })));
for (const [index, { name, patches, of }] of ALL.entries()) {
  if (!name.includes(ONLY) && of !== ONLY) continue;
  planted++;
  const main = await bundle("main.ts", `bug-${index}.mjs`, patches);
  const found = await find(main, of);
  if (found === undefined) missed.push(name);
  else slowest = Math.max(slowest, found.after);
  process.stdout.write(`${String(index + 1).padStart(3)} ${found === undefined ? "NOT FOUND" : `after ${found.after}`}: ${name}${found === undefined ? "" : ` (${found.what})`}\n`);
}
process.stdout.write(`planted: ${planted} bugs, ${planted - missed.length} found, the slowest after ${slowest} schedules\n`);
if (missed.length > 0) process.exitCode = 1;

async function find(main: string, of: Kind): Promise<{ readonly after: number; readonly what: string } | undefined> {
  // A few first: most are found at once.
  for (const [from, to] of ([[0, 100], [100, 1000], [1000, MOST]] as const).filter(([first]) => first < MOST)) {
    const { bad } = await playMany(main, { seeds: seedsFrom(from, Math.min(to, MOST) - from), of, isStopping: true });
    const [first] = [...bad].sort((a, b) => a.seed - b.seed);
    if (first !== undefined) return { after: first.seed + 1, what: (first.violations[0] ?? "").slice(0, 60) };
  }
  return undefined;
}
