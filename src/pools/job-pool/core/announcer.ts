import type { Clock } from "../../../internal/clock.js";
import type { JobResult } from "../../../job-result.js";
import { JobDetachedError } from "../../../jobs/drive/job-errors.js";
import { faultData } from "../../../lifecycle/faults/fault-data.js";
import { tellListener } from "../../../lifecycle/tell-listener.js";
import type { ResolvedJobPoolOptions } from "../options.js";
import type { PoolEvent, PoolEventBase } from "../pool-event.js";
import type { PoolJob } from "../pool-job.js";
import type { Tally } from "../tally.js";
import type { Roster } from "./roster.js";

/** How a job is over for the pool: with a result, or with what its caller is rejected with instead. */
export type JobEnd = { readonly result: JobResult } | { readonly error: unknown };

/** Tells of the jobs of a pool, and how it stands then. */
export class Announcer {
  readonly #onEvent: ResolvedJobPoolOptions["onEvent"];
  readonly #clock: Clock;
  readonly #roster: Roster;
  readonly #tally: Tally;

  constructor(onEvent: ResolvedJobPoolOptions["onEvent"], clock: Clock, roster: Roster, tally: Tally) {
    this.#onEvent = onEvent;
    this.#clock = clock;
    this.#roster = roster;
    this.#tally = tally;
  }

  queued(job: PoolJob): void {
    this.#tell({ type: "poolQueued", ...this.#about(job) });
  }

  started(job: PoolJob): void {
    this.#tell({ type: "poolStarted", ...this.#about(job) });
  }

  finished(job: PoolJob, end: JobEnd): void {
    if ("error" in end) this.#tell({ type: "poolFinished", ...this.#about(job), error: faultData(end.error), ...(end.error instanceof JobDetachedError && { handle: end.error.handle }) });
    else this.#tell({ type: "poolFinished", ...this.#about(job, end.result.key), outcome: end.result.outcome, result: end.result });
  }

  #about({ id, spec }: PoolJob, key = spec.key): PoolEventBase {
    const { queued, running } = this.#roster;
    return { id, ...(key !== undefined && { key }), queued, running: running.size, finished: this.#tally.finished, at: new Date(this.#clock.now()).toISOString() };
  }

  #tell(event: PoolEvent): void {
    tellListener(this.#onEvent, event);
  }
}
