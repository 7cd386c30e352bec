import { pricePerHour, PRICES } from "../../../lifecycle/cost/prices.js";
import type { ContainerJobSpec } from "../../../jobs/spec/job-spec.js";
import type { PoolJob } from "../pool-job.js";

const HOUR_IN_MS = 3_600_000;
const CPU = 1;
const MEMORY_IN_GB = 1.5;

interface Size {
  readonly cpu: number;
  readonly memoryInGB: number;
}

/** What the containers of a job ask for. */
function sizesOf({ cpu = CPU, memoryInGB = MEMORY_IN_GB, sidecars = [] }: ContainerJobSpec<string>): readonly Size[] {
  return [{ cpu, memoryInGB }, ...sidecars.map((sidecar) => ({ cpu: sidecar.cpu ?? CPU, memoryInGB: sidecar.memoryInGB ?? MEMORY_IN_GB }))];
}

/** vCPUs of a job's group, as a quota counts them. */
export function coresOf(spec: ContainerJobSpec<string>): number {
  return sizesOf(spec).reduce((sum, { cpu }) => sum + cpu, 0);
}

// What its group costs a millisecond, in USD.
function rateOf({ spec, location = spec.location ?? "" }: PoolJob): number {
  const containers = sizesOf(spec).map((size) => ({ ...size, containerName: "", image: "", restartCount: 0, events: [] }));
  return pricePerHour(containers, location).amount / HOUR_IN_MS;
}

/**
 * What a pool has spent so far: on jobs that have ended, and on those under way up to now. These are summed up as their groups come
 * and go, so that nobody has to go through ten thousand of them before each that is begun.
 */
export class Spending {
  readonly #limit: number;
  #onEnded = 0;
  // Those under way that have had a group; what they had cost until a time, and what they cost a millisecond from then on.
  #metered = 0;
  #underWay = 0;
  #rate = 0;
  #until = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The group of a job is there. */
  start(job: PoolJob, now: number): void {
    if (job.meter === undefined) this.#metered++;
    const meter = (job.meter ??= { rate: 0, since: 0, before: 0 });
    if (meter.rate > 0) return;
    meter.since = this.#bringUpTo(now);
    meter.rate = rateOf(job);
    this.#rate += meter.rate;
  }

  /** It is there no more: another may follow. */
  stop({ meter }: PoolJob, now: number): void {
    if (meter === undefined) return;
    meter.before += meter.rate * (this.#bringUpTo(now) - meter.since);
    this.#rate -= meter.rate;
    meter.rate = 0;
  }

  /** A job has ended. Its result knows better what it has cost. */
  settle(job: PoolJob, cost: number | undefined, now: number): void {
    this.stop(job, now);
    const { before } = job.meter ?? { before: 0 };
    this.#onEnded += cost ?? before;
    this.#underWay -= before;
    if (job.meter === undefined) return;
    job.meter = undefined;
    // What is left of sums whose parts were all taken away is an error of rounding.
    if (--this.#metered === 0) this.#underWay = this.#rate = 0;
  }

  spent(now: number): number {
    this.#bringUpTo(now);
    return this.#onEnded + this.#underWay;
  }

  isOver(now: number): boolean {
    return this.#limit !== Infinity && this.spent(now) >= this.#limit;
  }

  // A clock that was set back stands still here.
  #bringUpTo(now: number): number {
    const until = Math.max(this.#until, now);
    this.#underWay += this.#rate * (until - this.#until);
    return (this.#until = until);
  }
}

/** The prices that this rests on. */
export const { currency: CURRENCY, ratesAsOf: RATES_AS_OF } = PRICES;
