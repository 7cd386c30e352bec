import { pricePerHour, PRICES } from "../../../lifecycle/cost/prices.js";
import type { ContainerJobSpec } from "../../../jobs/spec/job-spec.js";
import type { CostEstimate } from "../../../job-result.js";
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

/** vCPUs of a job's group, as a quota counts them, and what the group costs each hour in USD. */
export function needsOf(spec: ContainerJobSpec<string>, location: string): Pick<PoolJob, "cores" | "pricePerHour"> {
  const sizes = sizesOf(spec);
  const containers = sizes.map((size) => ({ ...size, containerName: "", image: "", restartCount: 0, events: [] }));
  return { cores: sizes.reduce((sum, { cpu }) => sum + cpu, 0), pricePerHour: pricePerHour(containers, location).amount };
}

/** What a pool has spent so far: on jobs that have ended, and on those under way up to now. */
export class Spending {
  readonly #limit: number;
  #onEnded = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(cost: CostEstimate): void {
    this.#onEnded += cost.amount;
  }

  spent(running: Iterable<PoolJob>, now: number): number {
    let sum = this.#onEnded;
    for (const { startedAt = now, pricePerHour: price, isCreated } of running) if (isCreated === true) sum += (price * Math.max(0, now - startedAt)) / HOUR_IN_MS;
    return sum;
  }

  isOver(running: Iterable<PoolJob>, now: number): boolean {
    return this.#limit !== Infinity && this.spent(running, now) >= this.#limit;
  }
}

/** The prices that this rests on. */
export const { currency: CURRENCY, ratesAsOf: RATES_AS_OF } = PRICES;
