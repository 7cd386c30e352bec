import { VirtualClock } from "../../src/internal/clock.js";
import { jobsOf, type PlannedJob } from "../polling/jobs.js";
import { inVirtualTime } from "../polling/measure.js";
import { rawSdk } from "../polling/peers.js";
import { ArmBySdk, LimitedArm } from "./limited-arm.js";
import { clientOf, numbered, runPool } from "./run-pool.js";
import { mean, type Verdict } from "./verdict.js";

const JOBS = 300;
const RUN_IN_MS = 300_000;
const ARRIVAL = { everyInMs: 110 };
// Four fifths of what one principal has, as is the default.
const READS_PER_SECOND = 20;
const RETRY_AFTER_IN_S = [1, 5, 10];

// Many jobs at once against the buckets of Azure Resource Manager: what is lost and left, and what it takes. Creates are not
// limited by ACI here: 300 of them would take an hour.
export async function buckets(): Promise<readonly Verdict[]> {
  const planned = numbered(jobsOf({ seed: 5, count: JOBS, medianInMs: RUN_IN_MS }).map((job) => ({ ...job, image: "five:1" })))[0] ?? [];
  return (await Promise.all(RETRY_AFTER_IN_S.map((seconds) => compare(planned, seconds)))).flat();
}

async function compare(planned: readonly (PlannedJob & { readonly image: string })[], retryAfterInS: number): Promise<readonly Verdict[]> {
  const arm = new LimitedArm(new VirtualClock(), planned, { retryAfterInS });
  const { told } = await runPool(clientOf(arm, { createsPerFiveMinutes: 1e6, createsPerHour: 1e6 }), arm, planned, { concurrency: JOBS }, ARRIVAL);
  const raw = await bySdk(planned, retryAfterInS);
  const lost = told.filter(({ isDone }) => !isDone).length;
  const lagInS = mean(told.map(({ lagInMs }) => lagInMs)) / 1000;
  const floorInS = JOBS / (2 * READS_PER_SECOND);
  const name = `B5 ${JOBS} jobs of 5 min, Retry-After ${retryAfterInS} s`;
  return [
    { name: `${name}: lost or left`, value: lost + arm.groupsLeft, atMost: 0, text: `raw SDK at 5 s: ${raw.lost} lost, ${raw.left} groups left` },
    { name: `${name}: share of 429s`, value: arm.refused / arm.requests, atMost: 0.001, text: `${arm.refused} of ${arm.requests}; raw SDK ${raw.refused} of ${raw.requests}` },
    { name: `${name}: requests, to the raw SDK`, value: arm.requests / raw.requests, atMost: 0.8, text: `${(arm.requests / JOBS).toFixed(1)} each to ${(raw.requests / JOBS).toFixed(1)}, with those of its lost jobs` },
    { name: `${name}: mean lag, to half a round of all`, value: lagInS / floorInS, atMost: 1.1, text: `${lagInS.toFixed(2)} s to ${floorInS.toFixed(2)} s` },
  ];
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
