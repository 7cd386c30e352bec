import type { AciClient } from "../../client/aci-client.js";
import { partsOf, type ClientParts } from "../../client/parts.js";
import { link, onAbort } from "../../internal/abort.js";
import type { JobResult } from "../../job-result.js";
import { beginJob } from "../../jobs/drive/begin-job.js";
import { drive } from "../../jobs/drive/drive.js";
import type { RunContainerJobOptions } from "../../jobs/options/run-options.js";
import type { ContainerJobSpec } from "../../jobs/spec/job-spec.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";
import { Admission } from "./admission/admission.js";
import { Alarm } from "./admission/alarm.js";
import { jobOptionsOf, type PoolRunOptions, type ResolvedJobPoolOptions } from "./options.js";
import { Places } from "./admission/places.js";
import type { PoolEvent } from "./pool-event.js";
import type { PoolJob } from "./pool-job.js";
import type { PoolStats } from "./pool-stats.js";
import { coresOf, costSoFar } from "./admission/spending.js";
import { Tally } from "./tally.js";
import { Waiting } from "./admission/waiting.js";

// After these a job needs no turn to create any more, and its group is there, if only to be looked for.
const HAS_CREATED: ReadonlySet<LifecycleEvent["type"]> = new Set(["jobCreating", "jobAccepted", "jobAdopted", "jobObserved", "jobEnded"]);
const IS_THERE: ReadonlySet<LifecycleEvent["type"]> = new Set(["jobAccepted", "jobAdopted", "jobObserved"]);

/** What a pool leaves to others to say. */
export interface PoolHooks {
  /** Asked before a job is begun; false where another process has it. It is to be put back when that has changed. */
  readonly admit: (job: PoolJob) => Promise<boolean>;
  /** The result of a job for which no money is left. */
  readonly spent: (job: PoolJob) => JobResult;
  /** The error of a job that waits, and is let go of. */
  readonly detached: (job: PoolJob) => Error;
}

// Decides which job is begun next, and when; and counts what comes of them.
export class PoolCore {
  readonly #client: AciClient;
  readonly #parts: ClientParts;
  readonly #options: ResolvedJobPoolOptions;
  readonly #hooks: PoolHooks;
  readonly #waiting = new Waiting();
  readonly #running = new Set<PoolJob>();
  // Those that another process has.
  readonly #elsewhere = new Set<PoolJob>();
  readonly #places: Places;
  readonly #tally: Tally;
  readonly #idle: (() => void)[] = [];
  readonly #alarm: Alarm;
  readonly #admission: Admission;
  readonly #watchers = new Set<() => void>();
  readonly destroying = new AbortController();
  readonly detaching = new AbortController();
  #ids = 0;
  // Jobs that are being written to a store before they wait.
  #entering = 0;
  #isPaused = false;
  #isPumping = false;
  // Something has changed while it was decided what is begun next.
  #isAskedAgain = false;
  concurrency: number;

  constructor(client: AciClient, options: ResolvedJobPoolOptions, hooks: PoolHooks) {
    this.#client = client;
    this.#parts = partsOf(client);
    this.#options = options;
    this.#hooks = hooks;
    this.#places = new Places(options.locations, this.#parts.gateway, this.#parts.clock);
    this.#tally = new Tally(options.spendingLimit);
    this.#alarm = new Alarm(this.#parts.clock, () => this.pump());
    this.#admission = new Admission(this.#parts, { waiting: this.#waiting, places: this.#places, tally: this.#tally });
    this.concurrency = options.concurrency;
  }

  get queued(): number {
    return this.#waiting.size + this.#elsewhere.size + this.#entering;
  }

  /** Calls a function whenever something has changed, until the function that it answers is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  stats(): PoolStats {
    return this.#tally.stats(this.#waiting.size + this.#elsewhere.size, this.#running, this.#parts.clock.now());
  }

  /** Resolves with the result of a job, which begins when it has its turn. */
  add(spec: ContainerJobSpec<string>, options: PoolRunOptions, isBegun = false): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      const job: PoolJob = { id: ++this.#ids, spec, options, cores: coresOf(spec), isBegun, resolve, reject };
      this.#waiting.add(job);
      // What is called away while it waits is not begun, but is looked for in the store.
      const { abortSignal } = options;
      if (abortSignal !== undefined) job.release = onAbort(abortSignal, () => this.#callAway(job));
      this.#tell(job, "poolQueued");
      if (this.#isStopped(job)) this.#stop(job);
      else this.pump();
    });
  }

  /** Says that a job is about to be added, and whether it was. */
  async entering<T>(work: () => Promise<T>): Promise<T> {
    this.#entering++;
    try {
      return await work();
    } finally {
      this.#entering--;
      this.pump();
    }
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.pump();
  }

  /** Resolves when no job waits or runs. */
  onIdle(): Promise<void> {
    return this.#isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Has a job wait again that another process had; false if it is not there yet. */
  putBack(job: PoolJob): boolean {
    if (!this.#elsewhere.delete(job)) return false;
    this.#waiting.add(job);
    this.pump();
    return true;
  }

  /** Ends all jobs that wait, as it was said: they are canceled, or let go of. */
  stopAll(): void {
    const all = [...this.#waiting.takeAll(), ...this.#elsewhere];
    this.#elsewhere.clear();
    for (const job of all) this.#stop(job);
  }

  /** Begins what can be begun. */
  pump(): void {
    if (this.#isPumping) {
      this.#isAskedAgain = true;
      return;
    }
    [this.#isPumping, this.#isAskedAgain] = [true, false];
    void this.#beginAll().finally(() => {
      this.#isPumping = false;
      for (const watcher of [...this.#watchers]) watcher();
      if (this.#isAskedAgain) this.pump();
      if (!this.#isIdle) return;
      this.#alarm.clear();
      for (const done of this.#idle.splice(0)) done();
    });
  }

  get #isIdle(): boolean {
    return this.#waiting.size + this.#running.size + this.#elsewhere.size + this.#entering === 0;
  }

  async #beginAll(): Promise<void> {
    while (!this.#isPaused && this.#running.size < this.concurrency) {
      const decision = this.#admission.decide(this.#running);
      switch (decision.kind) {
        case "begin":
          this.#begin(decision.job, decision.locations);
          break;
        case "wait":
          await decision.until;
          break;
        case "lookLater":
          this.#alarm.setIn(decision.inMs);
          return;
        case "refuseAll":
          this.#refuseAll();
          return;
        case "nothing":
          return;
      }
    }
  }

  #refuseAll(): void {
    for (const job of this.#waiting.takeAll()) void this.#run(job, [], async () => this.#hooks.spent(job));
  }

  #callAway(job: PoolJob): void {
    if (this.#waiting.remove(job) || this.#elsewhere.delete(job)) this.#stop(job);
  }

  #isStopped({ options: { abortSignal } }: PoolJob): boolean {
    return abortSignal?.aborted === true || this.destroying.signal.aborted || this.detaching.signal.aborted;
  }

  // A job that nobody wants any more, or that is let go of, before it was begun.
  #stop(job: PoolJob): void {
    this.#waiting.remove(job);
    void this.#run(job, [], () => (this.detaching.signal.aborted ? Promise.reject(this.#hooks.detached(job)) : this.#drive(job)));
  }

  #begin(job: PoolJob, locations: readonly string[]): void {
    this.#waiting.remove(job);
    void this.#run(job, locations, async () => {
      if (!(await this.#hooks.admit(job))) return undefined;
      this.#tell(job, "poolStarted");
      return this.#drive(job, locations);
    });
  }

  async #run(job: PoolJob, [location]: readonly string[], work: () => Promise<JobResult | undefined>): Promise<void> {
    job.location = location;
    job.createsAt = job.isBegun ? undefined : this.#parts.clock.now();
    this.#running.add(job);
    this.#places.take(job);
    try {
      const result = await work();
      this.#leave(job);
      if (result !== undefined) {
        this.#end(job, result);
        job.resolve(result);
      }
      // It may have been stopped while it was found out that another process has it.
      else if (this.#isStopped(job)) this.#stop(job);
      else this.#elsewhere.add(job);
    } catch (error) {
      this.#leave(job);
      this.#end(job);
      job.reject(error);
    }
    this.pump();
  }

  #leave(job: PoolJob): void {
    this.#running.delete(job);
    this.#places.giveBack(job);
  }

  async #drive(job: PoolJob, locations: readonly string[] = []): Promise<JobResult> {
    job.release?.();
    const [abortSignal, release] = link(job.options.abortSignal, this.destroying.signal);
    const options: RunContainerJobOptions = {
      ...this.#options.job,
      ...jobOptionsOf(job.options),
      ...(job.spec.location === undefined && locations.length > 0 && { locations }),
      abortSignal,
      detachSignal: this.detaching.signal,
      onEvent: (event) => this.#hear(job, event),
    };
    try {
      return (await drive(await beginJob(this.#client, job.spec, options), options)) as JobResult;
    } finally {
      release();
    }
  }

  #hear(job: PoolJob, event: LifecycleEvent): void {
    if (event.type === "jobFault" && (event.kind === "capacity" || event.kind === "quota")) this.#places.refuse(job, event.kind);
    this.#note(job, event);
    this.#options.onEvent?.({ ...event, id: job.id });
  }

  // What an event tells of a job that decides about others.
  #note(job: PoolJob, event: LifecycleEvent): void {
    if (event.type === "jobObserved") job.lookedAt = Date.parse(event.at);
    if (event.type === "jobRetrying") this.#goOn(job, event);
    if (IS_THERE.has(event.type)) job.thereSince ??= this.#parts.clock.now();
    if (HAS_CREATED.has(event.type) && job.createsAt !== undefined) {
      job.createsAt = undefined;
      this.pump();
    }
  }

  // Its next attempt may be somewhere else.
  #goOn(job: PoolJob, { location, delayInMs }: LifecycleEvent & { readonly type: "jobRetrying" }): void {
    job.costBefore = costSoFar(job, this.#parts.clock.now());
    job.thereSince = undefined;
    job.createsAt = this.#parts.clock.now() + delayInMs;
    this.#places.move(job, location);
  }

  #end(job: PoolJob, result?: JobResult): void {
    job.release?.();
    this.#tally.count(job, result, this.#parts.clock.now());
    this.#tell(job, "poolFinished", result);
  }

  #tell({ id, spec }: PoolJob, type: PoolEvent["type"], result?: JobResult): void {
    const key = result?.key ?? spec.key;
    const counts = { queued: this.#waiting.size + this.#elsewhere.size, running: this.#running.size, finished: this.#tally.finished };
    const event = { type, id, ...(key !== undefined && { key }), ...counts, at: new Date(this.#parts.clock.now()).toISOString(), ...(type === "poolFinished" && { outcome: result?.outcome, ...(result !== undefined && { result }) }) } as PoolEvent;
    try {
      this.#options.onEvent?.(event);
    } catch {
      // A listener's trouble is not the pool's.
    }
  }
}
