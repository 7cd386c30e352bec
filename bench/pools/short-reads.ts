import { VirtualClock } from "../../src/internal/clock.js";
import type { CompletionStrategy } from "../../src/index.js";
import { jobsOf, type JobList } from "../polling/jobs.js";
import { LimitedArm } from "./limited-arm.js";
import { clientOf, inTurn, numbered, runPool, type PoolJob } from "./run-pool.js";
import { mean, type Verdict } from "./verdict.js";

const IMAGES: readonly (Omit<JobList, "seed" | "count"> & { readonly image: string })[] = [
  { image: "one:1", medianInMs: 60_000, sd: 0.2 },
  { image: "two:1", medianInMs: 120_000, sd: 0.1 },
  { image: "five:1", medianInMs: 300_000, sd: 0.2 },
  { image: "quarter:1", medianInMs: 900_000, sd: 0.1 },
  { image: "half:1", medianInMs: 1_800_000, sd: 0.3 },
];
const EARLIER_RUNS = 10;
const READS_PER_SECOND = 20;
// Until starts and ends of all lengths come at the same time.
const SETTLES_IN_MS = 300_000;
// Longer than any end goes unseen.
const UNSEEN_IN_MS = 300_000;

/** How many jobs are under way at a time, and how many there are. */
export interface Size {
  readonly atOnce: number;
  readonly jobs: number;
}

// Whom a pool looks at where reads are short: the lag of jobs of five kinds, to that where each job is looked at in turn.
export async function shortReads({ atOnce, jobs }: Size): Promise<readonly Verdict[]> {
  const [earlier = [], mixed = []] = numbered(mixedJobs(1, EARLIER_RUNS * IMAGES.length), mixedJobs(100, jobs));
  const learnt = await run(earlier, mixed, atOnce);
  const turns = await run([], mixed, atOnce, inTurn);
  const blind = await run([], mixed.map((job) => ({ ...job, image: `kind-${job.index}:1` })), atOnce);
  const name = `B6 ${atOnce} jobs at a time, ${READS_PER_SECOND} reads/s`;
  const floorInS = atOnce / (2 * READS_PER_SECOND);
  const lags = (one: Steady): string => `${one.lagInS.toFixed(2)} s to ${turns.lagInS.toFixed(2)} s, ${one.ends} ends; half a round of all takes ${floorInS} s`;
  return [
    { name: `${name}: mean lag after ${EARLIER_RUNS} runs of each kind, to round robin`, value: learnt.lagInS / turns.lagInS, atMost: 0.6, text: lags(learnt) },
    { name: `${name}: mean lag without history, to round robin`, value: blind.lagInS / turns.lagInS, atMost: 1.05, text: lags(blind) },
    { name: `${name}: use of the reads`, value: learnt.readsPerSecond / READS_PER_SECOND, atLeast: 0.97, text: `${learnt.readsPerSecond.toFixed(2)} a second` },
  ];
}

// Five kinds in turn.
function mixedJobs(seed: number, count: number): PoolJob[] {
  const lists = IMAGES.map((list, index) => jobsOf({ ...list, seed: seed + index, count: Math.ceil(count / IMAGES.length) }).map((job) => ({ ...job, image: list.image })));
  return Array.from({ length: count }, (_unused, index) => lists[index % lists.length]?.[Math.floor(index / lists.length)] as PoolJob);
}

interface Steady {
  readonly lagInS: number;
  readonly readsPerSecond: number;
  readonly ends: number;
}

// What came of the jobs that ended while as many ran as may; what comes after that tells nothing. What the earlier ones took is known to the client.
async function run(earlier: readonly PoolJob[], jobs: readonly PoolJob[], atOnce: number, completion?: CompletionStrategy): Promise<Steady> {
  const arm = new LimitedArm(new VirtualClock(), [...earlier, ...jobs]);
  const client = clientOf(arm, { share: 1, readsPerSecond: READS_PER_SECOND, writesPerSecond: 1e4, createsPerFiveMinutes: 1e6, createsPerHour: 1e6 });
  if (earlier.length > 0) await runPool(client, arm, earlier, { concurrency: atOnce });
  const { told, startedAt } = await runPool(client, arm, jobs, { concurrency: atOnce, completion }, { leftAfterInMs: UNSEEN_IN_MS });
  const [from, to] = [startedAt + SETTLES_IN_MS, arm.creates.at(-1) ?? NaN];
  const isInside = (at: number): boolean => at >= from && at < to;
  const ends = told.filter(({ endedAt }) => isInside(endedAt));
  return { lagInS: mean(ends.map(({ lagInMs }) => lagInMs)) / 1000, readsPerSecond: arm.reads.filter(isInside).length / ((to - from) / 1000), ends: ends.length };
}
