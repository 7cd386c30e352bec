// Plays one calm job again and again, each time with one fault, two faults, a death, or a fault and a death, at each of its
// requests. Says what came of them, as one line of JSON.
import { tripUnder } from "./azure/network.js";
import type { Call } from "./azure/azure.js";
import type { JobPlan } from "./jobs/job-plan.js";
import { play } from "./simulate.js";
import { seedRandom } from "./seeded-random.js";
import { World } from "./world/world.js";

/** The faults that a single request can meet. */
const BY_VERB: Readonly<Record<string, readonly string[]>> = {
  put: ["C1", "C2", "C3", "C4", "C5", "C9", "C10", "C11", "C12", "C19", "C20"],
  get: ["C1", "C3", "C9", "C10", "C19", "C20", "R1", "R2", "R6"],
  list: ["C1", "C3", "C9", "C10", "C19"],
  logs: ["C1", "C3", "C9", "C10", "C19", "G1", "G4"],
  delete: ["C1", "C9", "C10", "C19", "C20", "D1", "D3", "D4"],
};
const KINDS = [...new Set(Object.values(BY_VERB).flat())];

interface Planned {
  /** Which request of the job, from 0. */
  readonly at: number;
  readonly fault: string;
}

/** What a schedule of this kind is made of. */
interface Story {
  readonly faults: readonly Planned[];
  /** How many awaits the first process lives. */
  readonly dies?: number;
  readonly hasStore: boolean;
}

const sum = { singles: 0, pairs: 0, deaths: 0, faultsWithDeath: 0, met: 0, bad: [] as { story: Story; violations: readonly string[] }[] };

const PROGRAM = { startsAfter: 1000, runsFor: 10_000, exitCode: 0, lines: 3 };

/** The canonical job: it runs for some seconds and prints three lines. */
function planOf(hasStore: boolean): JobPlan {
  return {
    index: 0,
    spec: { key: "canonical", image: "sim:1", command: ["work"], environment: { KEY: { secret: "key" } } },
    limits: { startTimeoutInMs: 600_000, runTimeoutInMs: 600_000, cleanupTimeoutInMs: 60_000, keep: "never" },
    hasStore,
    hasSink: false,
    completion: "own",
    wrongs: [],
    forgetsStrategy: false,
    mode: "run",
    heir: "sameCall",
    abortAfter: undefined,
    detachAfter: undefined,
    cancelAfter: undefined,
    twinAfter: undefined,
    otherAfter: undefined,
    isNameTaken: false,
    secret: "secret-0-canonical",
    forgetsLimits: false,
  };
}

// One schedule. Answers how many requests it took and how many of the faults it met.
async function tell(story: Story): Promise<{ readonly requests: number; readonly met: number }> {
  seedRandom(7);
  const world = new World(7, true);
  world.azure.programOf = () => PROGRAM;
  let requests = 0;
  let met = 0;
  world.tripOf = (call: Call) => {
    if (!call.by.startsWith("job0")) return {};
    const own = story.faults.filter(({ at }) => at === requests);
    requests++;
    const planned = own.find(({ fault }) => BY_VERB[call.verb]?.includes(fault));
    if (planned === undefined) return {};
    met++;
    return tripUnder(world, call, planned.fault);
  };
  const { dies } = story;
  if (dies !== undefined) world.firstLivesFor = dies;
  const { violations } = await play(world, [planOf(story.hasStore)]);
  if (violations.length > 0) sum.bad.push({ story, violations });
  return { requests, met };
}

const [part, parts] = (process.argv[2] ?? "0/1").split("/").map(Number) as [number, number];
let count = 0;
const isMine = (): boolean => count++ % parts === part;

for (const hasStore of [true, false]) {
  const { requests } = await tell({ faults: [], hasStore });
  // With a fault there are some more requests than without.
  const places = Array.from({ length: requests + 4 }, (_, at) => at);
  const singles = places.flatMap((at) => KINDS.map((fault): Planned => ({ at, fault })));
  const effective: Planned[] = [];
  for (const single of singles) {
    const { met } = await tell({ faults: [single], hasStore });
    sum.singles++;
    if (met > 0) effective.push(single);
  }
  for (const first of effective) {
    for (const second of singles) {
      if (second.at <= first.at || !isMine()) continue;
      const { met } = await tell({ faults: [first, second], hasStore });
      sum.pairs++;
      if (met > 1) sum.met++;
    }
  }
  for (let dies = 1; dies < 4 * requests; dies++) {
    await tell({ faults: [], dies, hasStore });
    sum.deaths++;
    for (const fault of effective) {
      if (!isMine()) continue;
      await tell({ faults: [fault], dies, hasStore });
      sum.faultsWithDeath++;
    }
  }
}
process.stdout.write(`${JSON.stringify(sum)}\n`);
