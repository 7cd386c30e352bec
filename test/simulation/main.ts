// Plays schedules in a process of its own and says what came of them, as one line of JSON.
import { simulate } from "./simulate.js";
import { seedRandom } from "./seeded-random.js";

interface Order {
  readonly seeds: readonly number[];
  /** Stops at the first violation. */
  readonly isStopping?: boolean;
  readonly wantsHashes?: boolean;
}

const { seeds, isStopping = false, wantsHashes = false } = JSON.parse(process.argv[2] ?? "{}") as Order;
const unhandled: string[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(String((reason as Error).stack ?? reason)));

const sum = { schedules: 0, jobs: 0, requests: 0, virtualMs: 0, hits: {} as Record<string, number>, bad: [] as { seed: number; violations: readonly string[] }[], hashes: [] as string[] };
for (const seed of seeds) {
  seedRandom(seed);
  const { violations, hits, history, jobs, requests, virtualMs } = await simulate(seed);
  const all = [...violations, ...unhandled.splice(0).map((text) => `I15: unhandled rejection ${text}`)];
  sum.schedules++;
  sum.jobs += jobs;
  sum.requests += requests;
  sum.virtualMs += virtualMs;
  for (const [id, count] of Object.entries(hits)) sum.hits[id] = (sum.hits[id] ?? 0) + count;
  if (wantsHashes) sum.hashes.push(history.hash());
  if (all.length > 0) sum.bad.push({ seed, violations: all });
  if (isStopping && all.length > 0) break;
}
process.stdout.write(`${JSON.stringify(sum)}\n`);
