import { VirtualClock } from "../../src/internal/clock.js";
import type { RunHistory } from "../../src/completion/run-history.js";
import { FakeArm, RTT_IN_MS } from "./fake-arm.js";
import { jobsOf, type PlannedJob } from "./jobs.js";
import { inVirtualTime, measure, spreadOf, type Figures } from "./measure.js";
import { DELIVERY_IN_MS, hooked, SAFETY_IN_MS } from "./hooked.js";
import { learn, ours } from "./ours.js";
import { airflow, rawSdk, type Loop } from "./peers.js";

// Jobs of a round, and rounds of different jobs. A bar holds for the middle round.
const JOBS = 120;
const ROUNDS = 9;
const FEW_JOBS = 10;
// Where lags are even between 0 and the pause, more are needed for their mean.
const MANY_JOBS = 480;
// Of a round, each learnt from other runs.
const HISTORIES = 5;
const EARLIER_RUNS = 10;
const MEDIAN_IN_MS = 60_000;
// What a request is worth where loops of different kinds are compared.
const REQUEST_IS_WORTH_IN_S = 0.1;
const LENGTHS_IN_S = [5, 60, 600, 3600];

/** One bar: a ratio, what it may be, and the rounds. */
export interface Bar {
  readonly name: string;
  readonly ratio: number;
  readonly atMost: number;
  readonly text: string;
}

function bar(name: string, ratios: readonly number[], atMost: number): Bar {
  const { median, text } = spreadOf(ratios);
  return { name, ratio: median, atMost, text };
}

// Rounds of different jobs, from a seed on.
function eachRound<T>(first: number, run: (seed: number) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: ROUNDS }, (_unused, index) => run(first + index)));
}

// A lone job without a key, without history: fewer requests than the SDK's loop at 5 s, and a shorter lag.
export async function lone(first: number): Promise<readonly Bar[]> {
  const rounds = await eachRound(first, (seed) => sideBySide(ours(), rawSdk(5), jobsOf({ seed, count: MANY_JOBS, medianInMs: MEDIAN_IN_MS })));
  return ratios("B1 a job of 60 s, without history, to the raw SDK at 5 s", rounds, [0.9, 0.9]);
}

// The regret against the best fixed interval in hindsight, worst of four lengths: what is lost until the end is seen.
export async function regret(first: number): Promise<readonly Bar[]> {
  const rounds = await eachRound(first, async (seed) => {
    const regrets = await Promise.all(
      LENGTHS_IN_S.map(async (seconds) => {
        const jobs = jobsOf({ seed: 100 + seed, count: seconds < 100 ? JOBS : FEW_JOBS, medianInMs: seconds * 1000 });
        return (await sideBySide(ours(), rawSdk(5), jobs)).map((figures) => regretOf(figures, seconds));
      }),
    );
    return [0, 1].map((side) => Math.max(...regrets.map((pair) => pair[side] ?? NaN)));
  });
  const name = `B2 worst regret over ${LENGTHS_IN_S.join(", ")} s`;
  return [
    bar(name, rounds.map(([own = NaN]) => own), 1.9),
    bar(`${name}, to the raw SDK at 5 s`, rounds.map(([own = NaN, raw = NaN]) => own / raw), 0.6),
  ];
}

function regretOf({ meanLagInS, statusReads }: Figures, seconds: number): number {
  return (meanLagInS + REQUEST_IS_WORTH_IN_S * statusReads) / Math.sqrt(2 * REQUEST_IS_WORTH_IN_S * seconds);
}

// After ten runs, to Airflow's loop.
export async function learnt(first: number): Promise<readonly Bar[]> {
  const bySpread = async (sd: number, most: readonly [number, number]): Promise<readonly Bar[]> => {
    const rounds = await eachRound(first, async (seed) => sideBySide(await oursAfterRuns(seed, sd), airflow, jobsOf({ seed, count: JOBS, medianInMs: MEDIAN_IN_MS, sd })));
    return ratios(`B3 after ${EARLIER_RUNS} runs with sd ${100 * sd} %, fast, to Airflow`, rounds, most);
  };
  return [...(await bySpread(0.05, [0.2, 0.6])), ...(await bySpread(0.2, [0.28, 1])), ...(await drifted(first))];
}

// Jobs that suddenly take twice as long, or half.
async function drifted(first: number): Promise<readonly Bar[]> {
  const sd = 0.05;
  const slower = await eachRound(first, async (seed) => sideBySide(await oursAfterRuns(seed, sd), ours({ pace: "fast" }), jobsOf({ seed, count: JOBS, medianInMs: 2 * MEDIAN_IN_MS, sd })));
  const faster = await eachRound(first, async (seed) => measure(await oursAfterRuns(seed, sd), jobsOf({ seed, count: JOBS, medianInMs: MEDIAN_IN_MS / 2, sd })));
  // No gap is longer than a quarter of what was learnt, and a round trip comes on top.
  const clampInS = (0.25 * MEDIAN_IN_MS * Math.exp(sd)) / 1000 + RTT_IN_MS / 1000;
  return [
    bar("B3 lag of jobs that became twice as slow, to that without history", slower.map(([own, none]) => own.meanLagInS / none.meanLagInS), 1.2),
    bar("B3 longest lag of jobs that became twice as fast, to the longest gap", faster.map(({ maxInS }) => maxInS / clampInS), 1),
  ];
}

// A webhook: hardly more requests than a job must have, and nothing is lost with the calls that are.
export async function called(first: number): Promise<readonly Bar[]> {
  const rounds = await eachRound(first, async (seed) => {
    const jobs = jobsOf({ seed, count: JOBS, medianInMs: MEDIAN_IN_MS });
    return [...(await sideBySide(hooked(), airflow, jobs)), await measure(hooked(0.1), jobs)] as const;
  });
  const name = "B4 a webhook";
  return [
    bar(`${name}: requests, to 5`, rounds.map(([own]) => own.requests / 5), 1),
    bar(`${name}: requests, to Airflow`, rounds.map(([own, peer]) => own.requests / peer.requests), 0.05),
    bar(`${name}: lag, to the delivery and two round trips`, rounds.map(([own]) => (1000 * own.meanLagInS) / (DELIVERY_IN_MS + 2 * RTT_IN_MS)), 1),
    bar(`${name}, one call in ten lost: longest lag, to the safety interval and a round trip`, rounds.map(([, , some]) => (1000 * some.maxInS) / (SAFETY_IN_MS + RTT_IN_MS)), 1),
  ];
}

async function oursAfterRuns(seed: number, sd: number): Promise<Loop> {
  const histories = await Promise.all(Array.from({ length: HISTORIES }, (_unused, index) => historyOf(100 * seed + index, sd)));
  return ours({ pace: "fast" }, ...histories);
}

/** What ten earlier runs have taught, of jobs with other seeds. */
export async function historyOf(seed: number, sd: number | undefined): Promise<RunHistory> {
  const clock = new VirtualClock();
  const earlier = jobsOf({ seed: 10_000 + seed, count: EARLIER_RUNS, medianInMs: MEDIAN_IN_MS, sd });
  return inVirtualTime(clock, learn(new FakeArm(clock, earlier), earlier));
}

async function sideBySide(own: Loop, other: Loop, jobs: readonly PlannedJob[]): Promise<readonly [Figures, Figures]> {
  return [await measure(own, jobs), await measure(other, jobs)];
}

function ratios(name: string, rounds: readonly (readonly [Figures, Figures])[], [requests, lag]: readonly [number, number]): readonly Bar[] {
  return [
    bar(`${name}: requests`, rounds.map(([own, other]) => own.requests / other.requests), requests),
    bar(`${name}: lag`, rounds.map(([own, other]) => own.meanLagInS / other.meanLagInS), lag),
  ];
}
