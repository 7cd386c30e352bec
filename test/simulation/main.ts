// Plays schedules in a process of its own and says what came of them, as one line of JSON.
import { simulateCrowd } from "./crowd/simulate-crowd.js";
import { simulateFleet } from "./fleet/simulate-fleet.js";
import type { Kind } from "./play.js";
import { simulate, type Simulated } from "./simulate.js";
import { seedRandom } from "./seeded-random.js";

const NONE = { jobs: 0, groups: 0, sessions: 0 };
const KINDS: Readonly<Record<Kind, (seed: number) => Promise<Partial<typeof NONE> & Pick<Simulated, "violations" | "hits" | "history" | "requests" | "virtualMs">>>> = { jobs: simulate, crowd: simulateCrowd, fleet: simulateFleet };

interface Order {
  readonly seeds: readonly number[];
  /** Of jobs, of one job that several hosts drive, or of a pool of servers. */
  readonly of?: Kind;
  /** Stops at the first violation. */
  readonly isStopping?: boolean;
  readonly wantsHashes?: boolean;
}

const { seeds, of = "jobs", isStopping = false, wantsHashes = false } = JSON.parse(process.argv[2] ?? "{}") as Order;
const unhandled: string[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(String((reason as Error).stack ?? reason)));

const sum = { schedules: 0, jobs: 0, groups: 0, sessions: 0, requests: 0, virtualMs: 0, hits: {} as Record<string, number>, bad: [] as { seed: number; violations: readonly string[] }[], hashes: [] as string[] };
for (const seed of seeds) {
  seedRandom(seed);
  const played = { ...NONE, ...(await KINDS[of](seed)) };
  const all = [...played.violations, ...unhandled.splice(0).map((text) => `I15: unhandled rejection ${text}`)];
  sum.schedules++;
  for (const count of ["jobs", "groups", "sessions", "requests", "virtualMs"] as const) sum[count] += played[count];
  for (const [id, count] of Object.entries(played.hits)) sum.hits[id] = (sum.hits[id] ?? 0) + count;
  if (wantsHashes) sum.hashes.push(played.history.hash());
  if (all.length > 0) sum.bad.push({ seed, violations: all });
  if (isStopping && all.length > 0) break;
}
process.stdout.write(`${JSON.stringify(sum)}\n`);
