import type { CostEstimate, JobOutcome, JobResult } from "../../job-result.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";

/** What is counted of a run, however many jobs it has. */
export interface Counts {
  readonly outcomes: Readonly<Partial<Record<JobOutcome, number>>>;
  /** Results that were there before, which are among the outcomes. */
  readonly known: number;
  /** Jobs that came to an error and no result, because they were let go of for instance. */
  readonly rejected: number;
  readonly retries: number;
  /** Requests that failed, by the kind of their fault. */
  readonly faults: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly cost: number;
  readonly ratesAsOf: CostEstimate["ratesAsOf"] | undefined;
}

/** Counts what a report does not keep row by row. */
export class Totals {
  readonly #outcomes: Partial<Record<JobOutcome, number>> = {};
  readonly #faults: Record<string, number> = {};
  #known = 0;
  #rejected = 0;
  #retries = 0;
  #requests = 0;
  #cost = 0;
  #ratesAsOf: string | undefined;

  hear(event: LifecycleEvent): void {
    if (event.type === "jobRetrying") this.#retries++;
    if (event.type === "jobFault") this.#faults[event.kind] = (this.#faults[event.kind] ?? 0) + 1;
  }

  finish(result: JobResult | undefined, isKnown: boolean): void {
    if (result === undefined) {
      this.#rejected++;
      return;
    }
    this.#outcomes[result.outcome] = (this.#outcomes[result.outcome] ?? 0) + 1;
    this.#ratesAsOf = result.cost.ratesAsOf;
    // What an earlier run has spent is not this one's.
    if (isKnown) this.#known++;
    else {
      this.#requests += result.requests;
      this.#cost += result.cost.amount;
    }
  }

  counts(): Counts {
    return { outcomes: { ...this.#outcomes }, known: this.#known, rejected: this.#rejected, retries: this.#retries, faults: { ...this.#faults }, requests: this.#requests, cost: this.#cost, ratesAsOf: this.#ratesAsOf };
  }
}
