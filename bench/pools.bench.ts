import { poll, type CompletionStrategy } from "../src/index.js";
import { jobsOf, type JobList } from "./polling/jobs.js";
import { rawSdk } from "./polling/peers.js";
import { FakeArm } from "./polling/fake-arm.js";
import { inVirtualTime } from "./polling/measure.js";
import { VirtualClock } from "../src/internal/clock.js";
import { runPools, type PoolJob, type PoolRun } from "./pools/world.js";

// Pools of jobs against one fake ARM in virtual time, where the figures are exact: whom a pool looks at where reads are short (B6),
// and how fast it begins what it may begin (B7).
const IMAGES: readonly (Omit<JobList, "seed" | "count"> & { readonly image: string })[] = [
  { image: "one:1", medianInMs: 60_000, sd: 0.2 },
  { image: "two:1", medianInMs: 120_000, sd: 0.1 },
  { image: "five:1", medianInMs: 300_000, sd: 0.2 },
  { image: "quarter:1", medianInMs: 900_000, sd: 0.1 },
  { image: "half:1", medianInMs: 1_800_000, sd: 0.3 },
];
const EVERY_CREATE = { createsPerFiveMinutes: 1e6, createsPerHour: 1e6, writesPerSecond: 1e4 };
const AT_ONCE = 1000;
const READS_PER_SECOND = 20;

// As many of each, in turn, as a closed pool would see them.
function mixed(seed: number, count: number): PoolJob[] {
  const lists = IMAGES.map((list, index) => jobsOf({ ...list, seed: seed + index, count: Math.ceil(count / IMAGES.length) }).map((job) => ({ ...job, image: list.image })));
  return Array.from({ length: count }, (_unused, index) => lists[index % lists.length]?.[Math.floor(index / lists.length)] as PoolJob);
}

// Round robin is what a strategy gets that does not say how urgent a look is.
const roundRobin: CompletionStrategy = {
  ...poll(),
  nextCheck(view) {
    const { earliestInMs = 0 } = poll().nextCheck?.(view) ?? {};
    return { earliestInMs };
  },
};

// The time in which as many run as may, with what came of the jobs that ended then.
function steady({ told, reads, startedAt, creates }: PoolRun): { readonly lagInS: number; readonly readsPerSecond: number; readonly jobs: number } {
  const [from, to] = [startedAt + 1_200_000, creates.at(-1) ?? 0];
  const inside = told.filter(({ endedAt }) => endedAt >= from && endedAt < to);
  const lagInS = inside.reduce((sum, { lagInMs }) => sum + lagInMs, 0) / inside.length / 1000;
  return { lagInS, readsPerSecond: reads.filter((at) => at >= from && at < to).length / ((to - from) / 1000), jobs: inside.length };
}

function say(name: string, ratio: number, isAtLeast: boolean, bound: number, text: string): void {
  const holds = isAtLeast ? ratio >= bound : ratio <= bound;
  console.log(`${holds ? "ok    " : "FAILED"} ${name}: ${text}, at ${isAtLeast ? "least" : "most"} ${bound}`);
  if (!holds) process.exitCode = 1;
}

const budget = { ...EVERY_CREATE, share: 1, readsPerSecond: READS_PER_SECOND };
const options = { concurrency: AT_ONCE };
const [history, jobs] = [mixed(1, 120), mixed(100, 4000)];
const learnt = steady(await runPools([history, jobs], budget, options));
const inTurn = steady(await runPools([history, jobs], budget, { ...options, completion: roundRobin }));
const blind = steady(await runPools([jobs.map((job, index) => ({ ...job, image: `kind-${index}:1` }))], budget, options));
const floor = AT_ONCE / (2 * READS_PER_SECOND);
console.log(`${AT_ONCE} jobs at a time, ${READS_PER_SECOND} reads a second, logs included; half the time of a round of all is ${floor} s. Jobs judged: ${learnt.jobs}.`);
say("B6 mean lag with history, to round robin", learnt.lagInS / inTurn.lagInS, false, 0.6, `${learnt.lagInS.toFixed(2)} s to ${inTurn.lagInS.toFixed(2)} s, ${(learnt.lagInS / inTurn.lagInS).toFixed(3)}`);
say("B6 mean lag without history, to round robin", blind.lagInS / inTurn.lagInS, false, 1.05, `${blind.lagInS.toFixed(2)} s, ${(blind.lagInS / inTurn.lagInS).toFixed(3)}`);
say("B6 use of the budget", learnt.readsPerSecond / READS_PER_SECOND, true, 0.97, (learnt.readsPerSecond / READS_PER_SECOND).toFixed(3));

// A thousand jobs of a second, with a window of 100 creates in five minutes.
const short = jobsOf({ seed: 7, count: 1000, medianInMs: 1000, sd: 0.1 }).map((job) => ({ ...job, image: "short:1" }));
const { creates, told } = await runPools([short], { createsPerFiveMinutes: 100, createsPerHour: 1e6, writesPerSecond: 1e4 }, { concurrency: 1000 });
const windows = ((creates.at(-1) ?? 0) - (creates[0] ?? 0)) / 300_000;
const mostInWindow = Math.max(...creates.map((time) => creates.filter((other) => other > time - 300_000 && other <= time).length));
// The first hundred come at once, and each hundred after it a window later.
const rate = 9 / windows;
say("B7 creates, to those of the configured rate", rate, true, 0.98, `${rate.toFixed(3)}, ${mostInWindow} in any window, ${told.length} jobs done`);
if (mostInWindow > 100) process.exitCode = 1;

// Fifty slots and four hundred jobs of 5 s, whose containers start after 1 s.
const slots = (seed: number): PoolJob[] => jobsOf({ seed, count: 400, medianInMs: 5000, sd: 0.1 }).map((job) => ({ ...job, startsAfterInMs: 1000, image: "slot:1" }));
const ours = await runPools([slots(11).slice(0, 50), slots(12)], { ...EVERY_CREATE, readsPerSecond: 1e4 }, { concurrency: 50, completion: poll({ pace: "fast" }) });
const oursInS = (ours.endedAt - ours.startedAt) / 1000;
const raw = await rawSlots(5);
const rawEvery1 = await rawSlots(1);
say("B7 slots, throughput to the raw SDK at 5 s", raw.inS / oursInS, true, 1.15, `${oursInS.toFixed(1)} s to ${raw.inS.toFixed(1)} s, ${(raw.inS / oursInS).toFixed(3)}`);
const requests = ours.told.reduce((sum, one) => sum + one.requests, 0) / ours.told.length;
say("B7 slots, throughput to the raw SDK at 1 s", rawEvery1.inS / oursInS, true, 1, `${rawEvery1.inS.toFixed(1)} s, ${(rawEvery1.inS / oursInS).toFixed(3)}`);
say("B7 slots, requests to the raw SDK at 1 s", requests / rawEvery1.requests, false, 0.75, `${requests.toFixed(1)} to ${rawEvery1.requests.toFixed(1)}, ${(requests / rawEvery1.requests).toFixed(3)}`);

// The raw SDK's loop, each slot with one job after the other.
async function rawSlots(everyInS: number): Promise<{ readonly inS: number; readonly requests: number }> {
  const clock = new VirtualClock();
  const planned = slots(12);
  const arm = new FakeArm(clock, planned);
  const left = [...planned];
  const slot = async (): Promise<void> => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await rawSdk(everyInS)(arm, [job]);
  };
  const from = clock.now();
  await inVirtualTime(clock, Promise.all(Array.from({ length: 50 }, slot)));
  return { inS: (clock.now() - from) / 1000, requests: planned.reduce((sum, job) => sum + (arm.counts.get(job)?.requests ?? NaN), 0) / planned.length };
}
