import type { JobOutcome, JobResult } from "../../job-result.js";
import { CURRENCY, RATES_AS_OF, type Spending } from "./admission/spending.js";
import type { PoolJob } from "./pool-job.js";
import type { PoolStats } from "./pool-stats.js";

// What has come of the jobs of a pool so far.
export class Tally {
  readonly #spending: Spending;
  readonly #outcomes: Partial<Record<JobOutcome, number>> = {};
  #finished = 0;
  #requests = 0;

  constructor(spending: Spending) {
    this.#spending = spending;
  }

  get finished(): number {
    return this.#finished;
  }

  /** Counts a job that is over, by its result where it has one. */
  count(job: PoolJob, result: JobResult | undefined, now: number): void {
    this.#finished++;
    this.#spending.settle(job, result?.cost.amount, now);
    if (result === undefined) return;
    this.#outcomes[result.outcome] = (this.#outcomes[result.outcome] ?? 0) + 1;
    this.#requests += result.requests;
  }

  isSpent(now: number): boolean {
    return this.#spending.isOver(now);
  }

  stats(queued: number, running: ReadonlySet<PoolJob>, now: number): PoolStats {
    const seen = [...running].flatMap(({ lookedAt }) => (lookedAt === undefined ? [] : [now - lookedAt]));
    return {
      queued,
      running: running.size,
      finished: this.#finished,
      outcomes: { ...this.#outcomes },
      expectedLagInMs: seen.length === 0 ? 0 : seen.reduce((sum, ms) => sum + ms, 0) / seen.length,
      requests: this.#requests,
      cost: { amount: Number(this.#spending.spent(now).toPrecision(4)), currency: CURRENCY, ratesAsOf: RATES_AS_OF },
    };
  }
}
