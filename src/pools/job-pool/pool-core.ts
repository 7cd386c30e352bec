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
import { CURRENCY, needsOf, RATES_AS_OF, Spending } from "./admission/spending.js";
import { Waiting } from "./admission/waiting.js";

// Where nothing else comes that lets another job begin, it is looked after so long whether one can.
const LOOK_EVERY_IN_MS = 30_000;

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
  readonly #spending: Spending;
  readonly #outcomes: Partial<Record<JobOutcome, number>> = {};
  readonly #idle: (() => void)[] = [];
  readonly #alarm: Alarm;
  readonly destroying = new AbortController();
  readonly detaching = new AbortController();
  #ids = 0;
  #finished = 0;
  #requests = 0;
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
    this.#spending = new Spending(options.spendingLimit);
    this.#alarm = new Alarm(this.#parts.clock, () => this.pump());
    this.concurrency = options.concurrency;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  stats(): PoolStats {
    const now = this.#parts.clock.now();
    const seen = [...this.#running].flatMap(({ lookedAt }) => (lookedAt === undefined ? [] : [now - lookedAt]));
    return {
      queued: this.#waiting.size,
      running: this.#running.size,
      finished: this.#finished,
      outcomes: { ...this.#outcomes },
      expectedLagInMs: seen.length === 0 ? 0 : seen.reduce((sum, ms) => sum + ms, 0) / seen.length,
      requests: this.#requests,
      cost: { amount: Number(this.#spending.spent(this.#running, now).toPrecision(4)), currency: CURRENCY, ratesAsOf: RATES_AS_OF },
    };
  }

  /** Resolves with the result of a job, which begins when it has its turn. */
  add(spec: ContainerJobSpec<string>, options: PoolRunOptions): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      const [home] = this.#options.locations;
      const job: PoolJob = { id: ++this.#ids, spec, options, queuedAt: this.#parts.clock.now(), ...needsOf(spec, spec.location ?? home?.location ?? ""), resolve, reject };
      this.#waiting.add(job);
      // What is called away while it waits is not begun, but is looked for in the store.
      const { abortSignal } = options;
      if (abortSignal?.aborted === true) this.#callAway(job);
      else if (abortSignal !== undefined) job.release = onAbort(abortSignal, () => this.#callAway(job));
      this.#tell(job, "poolQueued");
      this.pump();
    });
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

  /** Has a job wait again that another process had. */
  putBack(job: PoolJob): void {
    if (!this.#elsewhere.delete(job)) return;
    this.#waiting.add(job);
    this.pump();
  }

  /** Has all jobs that wait begin now, because they are to end now. */
  flush(): void {
    for (const job of this.#takeAll()) void this.#run(job, [], () => this.#drive(job));
  }

  /** Lets go of all jobs that wait. */
  letGo(): void {
    for (const job of this.#takeAll()) void this.#run(job, [], () => Promise.reject(this.#hooks.detached(job)));
  }

  #takeAll(): readonly PoolJob[] {
    const all = [...this.#waiting.takeAll(), ...this.#elsewhere];
    this.#elsewhere.clear();
    return all;
  }

  /** Begins what can be begun. */
  pump(): void {
    if (this.#isPumping) {
      this.#isAskedAgain = true;
      return;
    }
    this.#isPumping = true;
    void this.#beginAll().finally(() => {
      this.#isPumping = false;
      const isAskedAgain = this.#isAskedAgain;
      this.#isAskedAgain = false;
      if (isAskedAgain) this.pump();
      if (!this.#isIdle) return;
      this.#alarm.clear();
      for (const done of this.#idle.splice(0)) done();
    });
  }

  get #isIdle(): boolean {
    return this.#waiting.size + this.#running.size + this.#elsewhere.size === 0;
  }

  async #beginAll(): Promise<void> {
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      if (this.#spending.isOver(this.#running, this.#parts.clock.now())) {
        this.#refuseAll();
        return;
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
    if (creating < budget.createsFree(now)) return 0;
    // Who has begun is told of by an event; and if it has not, of the time that comes next.
    return Math.max(1000, Math.min(LOOK_EVERY_IN_MS, budget.nextCreate(now) - now));
  }

  #refuseAll(): void {
    for (const job of this.#waiting.takeAll()) void this.#run(job, [], async () => this.#hooks.spent(job));
  }

  #callAway(job: PoolJob): void {
    if (this.#waiting.remove(job) || this.#elsewhere.delete(job)) void this.#run(job, [], () => this.#drive(job));
  }

  #begin(job: PoolJob, locations: readonly string[]): void {
    this.#waiting.remove(job);
    void this.#run(job, locations, async () => ((await this.#hooks.admit(job)) ? this.#drive(job, locations) : undefined));
  }

  async #run(job: PoolJob, [location]: readonly string[], work: () => Promise<JobResult | undefined>): Promise<void> {
    job.location = location;
    job.startedAt = this.#parts.clock.now();
    this.#running.add(job);
    this.#places.take(job);
    try {
      const result = await work();
      this.#leave(job);
      if (result === undefined) this.#elsewhere.add(job);
      else this.#finish(job, result);
    } catch (error) {
      this.#leave(job);
      this.#end(job, undefined);
      job.reject(error);
    }
    this.pump();
  }

  #leave(job: PoolJob): void {
    this.#running.delete(job);
    this.#places.giveBack(job);
  }

  #finish(job: PoolJob, result: JobResult): void {
    this.#outcomes[result.outcome] = (this.#outcomes[result.outcome] ?? 0) + 1;
    this.#requests += result.requests;
    this.#spending.add(result.cost);
    this.#end(job, result.outcome);
    job.resolve(result);
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
    if (event.type === "jobAccepted" || event.type === "jobAdopted" || event.type === "jobEnded") {
      job.isCreated = true;
      this.pump();
    }
    this.#options.onEvent?.(event);
  }

  #end(job: PoolJob, outcome: JobOutcome | undefined): void {
    job.release?.();
    this.#finished++;
    this.#tell(job, "poolFinished", outcome);
  }

  #tell({ id, spec }: PoolJob, type: PoolEvent["type"], outcome?: JobOutcome): void {
    const counts = { queued: this.#waiting.size, running: this.#running.size, finished: this.#finished };
    const event = { type, id, ...(spec.key !== undefined && { key: spec.key }), ...counts, at: new Date(this.#parts.clock.now()).toISOString(), ...(type === "poolFinished" && { outcome }) } as PoolEvent;
    try {
      this.#options.onEvent?.(event);
    } catch {
      // A listener's trouble is not the pool's.
    }
  }
}
