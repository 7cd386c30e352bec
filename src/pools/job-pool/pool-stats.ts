import type { JobOutcome } from "../../job-result.js";

/** How a {@link JobPool} stands. @public */
export interface PoolStats {
  /** Jobs that wait for their turn. */
  readonly queued: number;
  readonly running: number;
  /** Jobs that are over. */
  readonly finished: number;
  /** The results so far, by outcome. */
  readonly outcomes: Readonly<Partial<Record<JobOutcome, number>>>;
  /**
   * How long ago the jobs that run were looked at, on average: with how much delay the end of a job would be seen that came
   * now, if no signal told of it. It grows where more jobs run than the request budget has looks for. 0 while none runs.
   */
  readonly expectedLagInMs: number;
  /** Requests sent to Azure for jobs that have ended. */
  readonly requests: number;
  /** What was spent, roughly: list prices, of jobs that have ended, and of those under way up to now. */
  readonly cost: { readonly amount: number; readonly currency: "USD"; readonly ratesAsOf: string };
}
