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

/** What the groups of a job that is under way have cost up to now, in USD. */
export function costSoFar({ spec, location = spec.location ?? "", thereSince, costBefore = 0 }: PoolJob, now: number): number {
  if (thereSince === undefined) return costBefore;
  const containers = sizesOf(spec).map((size) => ({ ...size, containerName: "", image: "", restartCount: 0, events: [] }));
  return costBefore + (pricePerHour(containers, location).amount * Math.max(0, now - thereSince)) / HOUR_IN_MS;
}

/** What a pool has spent so far: on jobs that have ended, and on those under way up to now. */
export class Spending {
  readonly #limit: number;
  #onEnded = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(amount: number): void {
    this.#onEnded += amount;
  }

  spent(running: Iterable<PoolJob>, now: number): number {
    let sum = this.#onEnded;
    for (const job of running) sum += costSoFar(job, now);
    return sum;
  }

  isOver(running: Iterable<PoolJob>, now: number): boolean {
    return this.#limit !== Infinity && this.spent(running, now) >= this.#limit;
  }
}

/** The prices that this rests on. */
export const { currency: CURRENCY, ratesAsOf: RATES_AS_OF } = PRICES;
