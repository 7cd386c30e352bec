// Tells one schedule line by line, for who wants to know how it came to a violation.
import { simulateCrowd } from "./crowd/simulate-crowd.js";
import { simulateFleet } from "./fleet/simulate-fleet.js";
import type { Kind } from "./play.js";
import { simulate, type Simulated } from "./simulate.js";
import { seedRandom } from "./seeded-random.js";

const seed = Number(process.argv[2]);
seedRandom(seed);
const { plans, history, violations } = await played(process.argv[3] as Kind);
for (const plan of plans) process.stdout.write(`${JSON.stringify(plan)}\n`);
const start = Date.UTC(2026, 0, 1);
for (const { at, kind, ...rest } of history.entries) {
  const words = Object.entries(rest).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : name === "sentAt" ? ((Number(value) - start) / 1000).toFixed(3) : String(value)}`);
  process.stdout.write(`${((at - start) / 1000).toFixed(3).padStart(11)} ${kind.padEnd(8)} ${words.join(" ")}\n`);
}
for (const violation of violations) process.stdout.write(`VIOLATION ${violation}\n`);

async function played(of: Kind): Promise<Pick<Simulated, "history" | "violations"> & { readonly plans: readonly object[] }> {
  if (of !== "fleet") return of === "jobs" ? simulate(seed) : simulateCrowd(seed);
  const { plan, ...told } = await simulateFleet(seed);
  return { ...told, plans: [plan] };
}
