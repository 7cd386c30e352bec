import { VirtualClock } from "../../src/internal/clock.js";
import { jobsOf } from "../polling/jobs.js";
import { inVirtualTime } from "../polling/measure.js";
import { rawSdk } from "../polling/peers.js";
import { LimitedArm } from "./limited-arm.js";
import { clientOf, numbered, runPool, type PoolJob } from "./run-pool.js";
import { middle, type Verdict } from "./verdict.js";

const JOBS = 1000;
const CREATES = 100;
const WINDOW_IN_MS = 300_000;
const SLOTS = 50;
const SLOT_JOBS = 400;
const EARLIER_RUNS = 10;
const ROUNDS = 7;
const EVERY_REQUEST = { readsPerSecond: 1e4, writesPerSecond: 1e4, createsPerFiveMinutes: 1e6, createsPerHour: 1e6 };

// How many groups a pool creates of those that it may, and how soon a slot has the next job.
export async function throughput(): Promise<readonly Verdict[]> {
  return [...(await creates()), ...(await slots())];
}

// A thousand short jobs at once, and a server that refuses what is beyond its window.
async function creates(): Promise<readonly Verdict[]> {
  const [jobs = []] = numbered(jobsOf({ seed: 7, count: JOBS, medianInMs: 1000, sd: 0.1 }).map((job) => ({ ...job, image: "short:1" })));
  const arm = new LimitedArm(new VirtualClock(), jobs, { createsInFiveMinutes: CREATES });
  const { told, startedAt } = await runPool(clientOf(arm, { createsPerFiveMinutes: CREATES, createsPerHour: 1e6 }), arm, jobs, { concurrency: JOBS });
  // The first hundred may come at once, and each hundred after it a window later.
  const bestInMs = (Math.ceil(JOBS / CREATES) - 1) * WINDOW_IN_MS;
  const tookInMs = (arm.creates.at(-1) ?? NaN) - startedAt;
  const name = `B7 ${JOBS} jobs, ${CREATES} creates in 5 min`;
  return [
    { name: `${name}: creates, to those that may be`, value: bestInMs / tookInMs, atLeast: 0.98, text: `${(tookInMs / 1000).toFixed(1)} s to ${bestInMs / 1000} s` },
    { name: `${name}: 429s, and jobs not done`, value: arm.refused + told.filter(({ isDone }) => !isDone).length, atMost: 0, text: `${arm.requests} requests` },
  ];
}

interface Slots {
  readonly inS: number;
  readonly requests: number;
}

// Fifty slots and four hundred jobs of 5 s, whose containers start after 1 s. What ten earlier jobs took is known. How long it
// takes depends on which slot has the longest jobs, so that rounds of different jobs are judged by the middle one.
async function slots(): Promise<readonly Verdict[]> {
  const list = (seed: number, count: number): PoolJob[] => jobsOf({ seed, count, medianInMs: 5000, sd: 0.1 }).map((job) => ({ ...job, startsAfterInMs: 1000, image: "slot:1" }));
  const rounds: (readonly [ours: Slots, every5: Slots, every1: Slots])[] = [];
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const [earlier = [], jobs = []] = numbered(list(100 + seed, EARLIER_RUNS), list(200 + seed, SLOT_JOBS));
    rounds.push([await poolSlots(earlier, jobs), await rawSlots(5, jobs), await rawSlots(1, jobs)]);
  }
  const name = `B7 ${SLOTS} slots, jobs of 5 s`;
  return [
    middle(`${name}: throughput, to the raw SDK at 5 s`, rounds.map(([ours, every5]) => every5.inS / ours.inS), { atLeast: 1.15 }),
    middle(`${name}: throughput, to the raw SDK at 1 s`, rounds.map(([ours, , every1]) => every1.inS / ours.inS), { atLeast: 1 }),
    middle(`${name}: requests, to the raw SDK at 1 s`, rounds.map(([ours, , every1]) => ours.requests / every1.requests), { atMost: 0.75 }),
  ];
}

async function poolSlots(earlier: readonly PoolJob[], jobs: readonly PoolJob[]): Promise<Slots> {
  const arm = new LimitedArm(new VirtualClock(), [...earlier, ...jobs]);
  const client = clientOf(arm, EVERY_REQUEST);
  const options = { concurrency: SLOTS };
  await runPool(client, arm, earlier, options);
  const before = arm.requests;
  const { startedAt, endedAt } = await runPool(client, arm, jobs, options);
  return { inS: (endedAt - startedAt) / 1000, requests: (arm.requests - before) / jobs.length };
}

// The raw SDK's loop, each slot with one job after the other.
async function rawSlots(everyInS: number, jobs: readonly PoolJob[]): Promise<Slots> {
  const clock = new VirtualClock();
  const arm = new LimitedArm(clock, jobs);
  const left = [...jobs];
  const slot = async (): Promise<void> => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await rawSdk(everyInS)(arm, [job]);
  };
  const from = clock.now();
  await inVirtualTime(clock, Promise.all(Array.from({ length: SLOTS }, slot)));
  return { inS: (clock.now() - from) / 1000, requests: arm.requests / jobs.length };
}
