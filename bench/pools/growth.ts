import { VirtualClock } from "../../src/internal/clock.js";
import { Turns } from "../../src/budget/turns.js";
import { TokenBucket } from "../../src/budget/token-bucket.js";
import { poll } from "../../src/index.js";
import { jobsOf } from "../polling/jobs.js";
import { LimitedArm } from "./limited-arm.js";
import { clientOf, numbered, runPool } from "./run-pool.js";
import { middle, type Verdict } from "./verdict.js";

const FEW = 100;
const RUN_IN_MS = 60_000;
// So many reads for each job at any size, so that looks have to wait.
const READS_PER_JOB_AND_SECOND = 1 / 15;

// What a job takes of the processor and of requests where many are under way, to where few are; and what it takes to find whom
// to look at next.
export async function growth(many: number): Promise<readonly Verdict[]> {
  await measure(FEW);
  const [most, least] = [await measure(many), await several(many / 2)];
  const name = `B13 ${many} jobs at a time, to ${FEW}`;
  return [
    { name: `${name}: CPU a job, with the fake ARM`, value: most.cpuInMs / least.cpuInMs, atMost: 1.15, text: `${most.cpuInMs.toFixed(2)} ms to ${least.cpuInMs.toFixed(2)} ms` },
    { name: `${name}: requests a job`, value: most.requests / least.requests, atMost: 1.15, text: `${most.requests.toFixed(1)} to ${least.requests.toFixed(1)}` },
    await turns(many),
  ];
}

interface Taken {
  readonly cpuInMs: number;
  readonly requests: number;
}

// As few at a time, one pool after the other, for so many jobs in all.
async function several(jobs: number): Promise<Taken> {
  const taken: Taken[] = [];
  for (let done = 0; done < jobs; done += FEW) taken.push(await measure(FEW));
  const sum = (of: keyof Taken): number => taken.reduce((total, one) => total + one[of], 0) / taken.length;
  return { cpuInMs: sum("cpuInMs"), requests: sum("requests") };
}

async function measure(count: number): Promise<Taken> {
  const [jobs = []] = numbered(jobsOf({ seed: 9, count, medianInMs: RUN_IN_MS }).map((job) => ({ ...job, image: "one:1" })));
  const arm = new LimitedArm(new VirtualClock(), jobs);
  const client = clientOf(arm, { share: 1, readsPerSecond: count * READS_PER_JOB_AND_SECOND, writesPerSecond: count, createsPerFiveMinutes: 1e6, createsPerHour: 1e6 });
  globalThis.gc?.();
  const before = process.cpuUsage();
  await runPool(client, arm, jobs, { concurrency: count });
  const { user, system } = process.cpuUsage(before);
  return { cpuInMs: (user + system) / 1000 / count, requests: arm.requests / count };
}

const ROUNDS = 5;
const TURNS = 2000;
const PER_SECOND = 300;

// So many looks wait all the time; who has had a turn waits for the next. How urgent each is, is what `poll` says after some runs.
async function turns(waiting: number): Promise<Verdict> {
  const rounds: number[] = [];
  // The first ones make the code warm.
  for (let round = -2; round < ROUNDS; round++) {
    const took = await turnsOnce(waiting);
    if (round >= 0) rounds.push(took);
  }
  return middle(`B8 µs of the processor for a turn where ${waiting} looks wait`, rounds, { atMost: 30 });
}

async function turnsOnce(waiting: number): Promise<number> {
  const clock = new VirtualClock();
  const order = new Turns(new TokenBucket({ burst: 1, perSecond: PER_SECOND }));
  const earlierRuns = [50_000, 55_000, 60_000, 65_000, 70_000].map((ranForInMs) => ({ startedAfterInMs: 15_000, ranForInMs, hasSucceeded: true }));
  const job = { key: "k", attempt: 1, groupName: "g", kind: "k", osType: "Linux" as const };
  let given = 0;
  const look = async (startedAt: number): Promise<void> => {
    for (;;) {
      const [since, runningForInMs] = [clock.now(), clock.now() - startedAt];
      const { urgency = (): number => 0 } = poll().nextCheck?.({ job, phase: "running", acceptedForInMs: runningForInMs, runningForInMs, unseenForInMs: 0, looks: 1, signals: {}, earlierRuns }) ?? {};
      await order.take(clock, { urgency: (now) => urgency(now - since), latest: Infinity }, undefined);
      given++;
    }
  };
  for (let index = 0; index < waiting; index++) void look(clock.now() - (index * 120_000) / waiting);
  await clock.advance(1000);
  const before = process.cpuUsage();
  const from = given;
  while (given - from < TURNS) await clock.advance(100);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (given - from);
}
