import type { AciClient } from "../../../client/aci-client.js";
import { partsOf } from "../../../client/parts.js";
import { isAciError, type AciError } from "../../../errors.js";
import { link } from "../../../internal/abort.js";
import type { Clock } from "../../../internal/clock.js";
import type { JobResult } from "../../../job-result.js";
import { beginJob } from "../../../jobs/drive/begin-job.js";
import type { ActiveJob } from "../../../jobs/drive/active-job.js";
import { drive, type DriveSignals } from "../../../jobs/drive/drive.js";
import { tellListener } from "../../../lifecycle/tell-listener.js";
import type { LifecycleEvent } from "../../../lifecycle-event.js";
import type { Places } from "../admission/places.js";
import type { Spending } from "../admission/spending.js";
import { runOptionsOf, type ResolvedJobPoolOptions } from "../options.js";
import type { PoolJob } from "../pool-job.js";

// After these a job needs no turn to create any more, and its group is there, if only to be looked for.
const HAS_CREATED: ReadonlySet<LifecycleEvent["type"]> = new Set(["jobCreating", "jobAccepted", "jobAdopted", "jobObserved", "jobEnded"]);
const IS_THERE: ReadonlySet<LifecycleEvent["type"]> = new Set(["jobAccepted", "jobAdopted", "jobObserved"]);

export interface JobRunnerHooks {
  /** A job has asked for its group, so that another may have a turn to create. */
  readonly onCreated: () => void;
  readonly destroySignal: AbortSignal;
  readonly detachSignal: AbortSignal;
}

/** Carries jobs of a pool to their ends, and notes of each what decides about others. */
export class JobRunner {
  readonly #client: AciClient;
  readonly #clock: Clock;
  readonly #options: ResolvedJobPoolOptions;
  readonly #places: Places;
  readonly #spending: Spending;
  readonly #hooks: JobRunnerHooks;
  // Jobs that had had an attempt when they came to an error, by that error.
  readonly #tried = new WeakMap<AciError, ActiveJob>();

  constructor(client: AciClient, options: ResolvedJobPoolOptions, { places, spending }: { readonly places: Places; readonly spending: Spending }, hooks: JobRunnerHooks) {
    this.#client = client;
    this.#clock = partsOf(client).clock;
    this.#options = options;
    this.#places = places;
    this.#spending = spending;
    this.#hooks = hooks;
  }

  /** The locations are those where it may run, best first. One that was begun before stays where it was, as long as it is known. */
  run(job: PoolJob, locations?: readonly string[]): Promise<JobResult> {
    job.release?.();
    job.release = undefined;
    const { destroySignal, detachSignal } = this.#hooks;
    const own = job.options.abortSignal;
    const [abortSignal, release] = own === undefined ? [destroySignal] : link(own, destroySignal);
    const options = Object.assign(runOptionsOf(this.#options, job, locations), { abortSignal, detachSignal, onEvent: (event: LifecycleEvent) => this.#hear(job, event) });
    const result = beginJob(this.#client, job.spec, options).then((active) => this.#drive(active, options)) as Promise<JobResult>;
    return release === undefined ? result : result.finally(release);
  }

  /** The job that has come to this error, if an attempt of it had run by then. */
  triedBefore(error: unknown): ActiveJob | undefined {
    return isAciError(error) ? this.#tried.get(error) : undefined;
  }

  async #drive(active: ActiveJob, signals: DriveSignals): Promise<JobResult | undefined> {
    try {
      return await drive(active, signals);
    } catch (error) {
      if (isAciError(error) && active.handle.state.earlier !== undefined) this.#tried.set(error, active);
      throw error;
    }
  }

  #hear(job: PoolJob, event: LifecycleEvent): void {
    if (event.type === "jobFault" && (event.kind === "capacity" || event.kind === "quota")) this.#places.refuse(job, event.kind);
    this.#note(job, event);
    tellListener(this.#options.onEvent, { ...event, id: job.id });
  }

  #note(job: PoolJob, event: LifecycleEvent): void {
    if (event.type === "jobObserved") job.lookedAt = Date.parse(event.at);
    if (event.type === "jobRetrying") this.#goOn(job, event);
    if (IS_THERE.has(event.type)) this.#spending.start(job, this.#clock.now());
    if (HAS_CREATED.has(event.type) && job.createsAt !== undefined) {
      job.createsAt = undefined;
      this.#hooks.onCreated();
    }
  }

  // Its next attempt may be somewhere else.
  #goOn(job: PoolJob, { location, delayInMs }: LifecycleEvent & { readonly type: "jobRetrying" }): void {
    this.#spending.stop(job, this.#clock.now());
    job.createsAt = this.#clock.now() + delayInMs;
    this.#places.move(job, location);
  }
}
