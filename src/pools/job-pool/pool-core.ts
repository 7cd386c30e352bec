import type { AciClient } from "../../client/aci-client.js";
import { partsOf, type ClientParts } from "../../client/parts.js";
import { link, onAbort } from "../../internal/abort.js";
import type { JobOutcome, JobResult } from "../../job-result.js";
import { beginJob } from "../../jobs/drive/begin-job.js";
import { drive } from "../../jobs/drive/drive.js";
import type { RunContainerJobOptions } from "../../jobs/options/run-options.js";
import type { ContainerJobSpec } from "../../jobs/spec/job-spec.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";
import { Alarm } from "./admission/alarm.js";
import { jobOptionsOf, type PoolRunOptions, type ResolvedJobPoolOptions } from "./options.js";
import { Places } from "./admission/places.js";
import type { PoolEvent } from "./pool-event.js";
import type { PoolJob } from "./pool-job.js";
import type { PoolStats } from "./pool-stats.js";
import { needsOf } from "./admission/spending.js";
import { Tally } from "./tally.js";
import { Waiting } from "./admission/waiting.js";

// Where nothing else comes that lets another job begin, it is looked after so long whether one can.
const LOOK_EVERY_IN_MS = 30_000;

// After these a job needs no turn to create any more.
const IS_CREATED: ReadonlySet<LifecycleEvent["type"]> = new Set(["jobAccepted", "jobAdopted", "jobObserved", "jobEnded"]);

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
    this.concurrency = options.concurrency;
  }

  get queued(): number {
    return this.#waiting.size + this.#entering;
  }

  stats(): PoolStats {
    return this.#tally.stats(this.#waiting.size, this.#running, this.#parts.clock.now());
  }

  /** Resolves with the result of a job, which begins when it has its turn. */
  add(spec: ContainerJobSpec<string>, options: PoolRunOptions, isBegun = false): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      const [home] = this.#options.locations;
      const job: PoolJob = { id: ++this.#ids, spec, options, ...needsOf(spec, spec.location ?? home?.location ?? ""), isBegun, resolve, reject };
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
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      if (!job.isBegun && this.#tally.isSpent(this.#running, this.#parts.clock.now())) {
        this.#refuseAll();
        return;
      }
      if (job.isBegun) {
        this.#begin(job, []);
        continue;
      }
      const wait = this.#untilCreate();
      if (wait > 0) {
        this.#alarm.setIn(wait);
        return;
      }
      const reading = this.#places.read();
      if (reading !== undefined) {
        await reading;
        continue;
      }
      const locations = this.#places.choose(job);
      if (locations.length === 0) {
        this.#alarm.setIn(LOOK_EVERY_IN_MS);
        return;
      }
      this.#begin(job, locations);
    }
  }

  #next(): PoolJob | undefined {
    return this.#isPaused || this.#running.size >= this.concurrency ? undefined : this.#waiting.peek();
  }

  // Those that were begun and have created nothing yet are going to.
  #untilCreate(): number {
    const { budget, clock } = this.#parts;
    if (budget === undefined) return 0;
    const now = clock.now();
    let creating = 0;
    for (const { isCreated } of this.#running) if (isCreated !== true) creating++;
    if (creating < budget.creates.free(now)) return 0;
    // Who has begun is told of by an event; and if it has not, of the time that comes next.
    return Math.max(1000, Math.min(LOOK_EVERY_IN_MS, budget.creates.next(now) - now));
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
    void this.#run(job, locations, async () => ((await this.#hooks.admit(job)) ? this.#drive(job, locations) : undefined));
  }

  async #run(job: PoolJob, [location]: readonly string[], work: () => Promise<JobResult | undefined>): Promise<void> {
    job.location = location;
    job.startedAt = this.#parts.clock.now();
    job.isCreated = job.isBegun;
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
    this.#tell(job, "poolStarted");
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
    if (event.type === "jobObserved") job.lookedAt = Date.parse(event.at);
    if (event.type === "jobFault" && (event.kind === "capacity" || event.kind === "quota")) this.#places.refuse(job, event.kind);
    if (event.type === "jobRetrying") {
      job.isCreated = false;
      this.#places.move(job, event.location);
    }
    if (IS_CREATED.has(event.type) && job.isCreated !== true) {
      job.isCreated = true;
      this.pump();
    }
    this.#options.onEvent?.(event);
  }

  #end(job: PoolJob, result?: JobResult): void {
    job.release?.();
    this.#tally.count(result);
    this.#tell(job, "poolFinished", result?.outcome);
  }

  #tell({ id, spec }: PoolJob, type: PoolEvent["type"], outcome?: JobOutcome): void {
    const counts = { queued: this.#waiting.size, running: this.#running.size, finished: this.#tally.finished };
    const event = { type, id, ...(spec.key !== undefined && { key: spec.key }), ...counts, at: new Date(this.#parts.clock.now()).toISOString(), ...(type === "poolFinished" && { outcome }) } as PoolEvent;
    try {
      this.#options.onEvent?.(event);
    } catch {
      // A listener's trouble is not the pool's.
    }
  }
}
