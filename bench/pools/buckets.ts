import type { CompletionStrategy } from "../../src/index.js";
import { VirtualClock } from "../../src/internal/clock.js";
import { jobsOf, type PlannedJob } from "../polling/jobs.js";
import { inVirtualTime } from "../polling/measure.js";
import { rawSdk } from "../polling/peers.js";
import { ArmBySdk, LimitedArm } from "./limited-arm.js";
import { clientOf, inTurn, numbered, runPool, type PoolJob, type Told } from "./run-pool.js";
import { mean, type Verdict } from "./verdict.js";

const JOBS = 300;
const RUN_IN_MS = 300_000;
const ARRIVAL = { everyInMs: 110 };
// Four fifths of what one principal has, as is the default.
const READS_PER_SECOND = 20;
const RETRY_AFTER_IN_S = [1, 5, 10];
const MOST_LOST = 0.6 * JOBS;

// Many jobs at once against the buckets of Azure Resource Manager: what is lost and left, and what it takes. Creates are not
// limited by ACI here: 300 of them would take an hour.
export async function buckets(): Promise<readonly Verdict[]> {
  const planned = numbered(jobsOf({ seed: 5, count: JOBS, medianInMs: RUN_IN_MS }).map((job) => ({ ...job, image: "five:1" })))[0] ?? [];
  const verdicts: Verdict[] = [];
  for (const seconds of RETRY_AFTER_IN_S) verdicts.push(...(await compare(planned, seconds)));
  return [...verdicts, await lag(planned)];
}

async function byPool(planned: readonly PoolJob[], retryAfterInS: number, completion?: CompletionStrategy): Promise<{ readonly arm: LimitedArm; readonly told: readonly Told[] }> {
  const arm = new LimitedArm(new VirtualClock(), planned, { retryAfterInS });
  const { told } = await runPool(clientOf(arm, { createsPerFiveMinutes: 1e6, createsPerHour: 1e6 }), arm, planned, { concurrency: JOBS, completion }, ARRIVAL);
  return { arm, told };
}

async function compare(planned: readonly PoolJob[], retryAfterInS: number): Promise<readonly Verdict[]> {
  const { arm, told } = await byPool(planned, retryAfterInS);
  const raw = await bySdk(planned, retryAfterInS);
  const lost = told.filter(({ isDone }) => !isDone).length;
  const name = `B5 ${JOBS} jobs of 5 min, Retry-After ${retryAfterInS} s`;
  const requests = `${(arm.requests / JOBS).toFixed(1)} each to ${(raw.requests / JOBS).toFixed(1)}, with those of its lost jobs`;
  return [
    { name: `${name}: lost or left`, value: lost + arm.groupsLeft, atMost: 0, text: `raw SDK at 5 s: ${raw.lost} lost, ${raw.left} groups left` },
    { name: `${name}: share of 429s`, value: arm.refused / arm.requests, atMost: 0.001, text: `${arm.refused} of ${arm.requests}; raw SDK ${raw.refused} of ${raw.requests}` },
    // Where the other loop loses nearly all of its jobs early it asks for little.
    raw.lost > MOST_LOST ? { name: `${name}: requests for a job that is done, to the raw SDK`, value: arm.requests / JOBS / (raw.requests / (JOBS - raw.lost)), atMost: 0.8, text: requests } : { name: `${name}: requests, to the raw SDK`, value: arm.requests / raw.requests, atMost: 0.8, text: requests },
  ];
}

// Nothing is known of these jobs at first, so that none can be preferred; and each end takes two reads more.
async function lag(planned: readonly PoolJob[]): Promise<Verdict> {
  const [ours, turns] = [await byPool(planned, 5), await byPool(planned, 5, inTurn)].map(({ told }) => mean(told.map(({ lagInMs }) => lagInMs)) / 1000);
  const floorInS = JOBS / (2 * READS_PER_SECOND);
  const text = `${ours?.toFixed(2) ?? ""} s to ${turns?.toFixed(2) ?? ""} s; half a round of all takes ${floorInS} s, without the logs and the looks after deletes`;
  return { name: `B5 ${JOBS} jobs of 5 min: mean lag, to round robin`, value: (ours ?? NaN) / (turns ?? NaN), atMost: 1.1, text };
}

interface ByTheSdk {
  readonly lost: number;
  readonly left: number;
  readonly refused: number;
  readonly requests: number;
}

// The loop of each job by itself: what throws leaves its group where it is.
async function bySdk(planned: readonly PlannedJob[], retryAfterInS: number): Promise<ByTheSdk> {
  const clock = new VirtualClock();
  const arm = new ArmBySdk(clock, planned, { retryAfterInS });
  const loop = rawSdk(5);
  let lost = 0;
  const one = async (job: PlannedJob, place: number): Promise<void> => {
    await clock.sleep(place * ARRIVAL.everyInMs);
    await loop(arm, [job]).catch(() => lost++);
  };
  await inVirtualTime(clock, Promise.all(planned.map(one)));
  return { lost, left: arm.groupsLeft, refused: arm.refused, requests: arm.requests };
}
