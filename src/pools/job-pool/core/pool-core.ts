import type { AciClient } from "../../../client/aci-client.js";
import { partsOf } from "../../../client/parts.js";
import { link, onAbort } from "../../../internal/abort.js";
import type { Clock } from "../../../internal/clock.js";
import type { JobResult } from "../../../job-result.js";
import type { ActiveJob } from "../../../jobs/drive/active-job.js";
import type { ContainerJobSpec } from "../../../jobs/spec/job-spec.js";
import { Admission } from "../admission/admission.js";
import { Alarm } from "../admission/alarm.js";
import { Places } from "../admission/places.js";
import { coresOf, Spending } from "../admission/spending.js";
import type { PoolRunOptions, ResolvedJobPoolOptions } from "../options.js";
import type { PoolJob } from "../pool-job.js";
import type { PoolStats } from "../pool-stats.js";
import { Tally } from "../tally.js";
import { Announcer, type JobEnd } from "./announcer.js";
import { JobRunner } from "./job-runner.js";
import { Roster } from "./roster.js";

/** What a pool leaves to others to say. */
export interface PoolHooks {
  /** Asked before a job is begun; false where another process has it. It is to be put back when that has changed. */
  readonly admit: (job: PoolJob) => Promise<boolean>;
  /** Asked when a job has come to an error; true where that is not its end. It is to be put back then, too. */
  readonly putsOff: (job: PoolJob, error: unknown) => boolean;
  /** Asked before a job is refused; false where another process has it, or has begun it. It is to be put back then, too. */
  readonly mayRefuse: (job: PoolJob) => Promise<boolean>;
  /** The result of a job for which no money is left. */
  readonly spent: (job: PoolJob) => JobResult;
  /** The error of a job that waits, and is let go of. */
  readonly detached: (job: PoolJob) => Error;
}

// Begins jobs when their turn has come, and brings them to their ends.
export class PoolCore {
  readonly #clock: Clock;
  readonly #hooks: PoolHooks;
  readonly #roster = new Roster();
  readonly #places: Places;
  readonly #tally: Tally;
  readonly #admission: Admission;
  readonly #runner: JobRunner;
  readonly #announcer: Announcer;
  readonly #alarm: Alarm;
  readonly #idle: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();
  readonly destroying = new AbortController();
  readonly detaching = new AbortController();
  #ids = 0;
  #isPaused = false;
  concurrency: number;

  constructor(client: AciClient, options: ResolvedJobPoolOptions, hooks: PoolHooks) {
    const parts = partsOf(client);
    this.#clock = parts.clock;
    this.#hooks = hooks;
    this.#places = new Places(options.locations, parts.gateway, this.#clock, { onRead: () => this.pump(), stopSignal: link(this.destroying.signal, this.detaching.signal)[0] });
    const spending = new Spending(options.spendingLimit);
    this.#tally = new Tally(spending);
    this.#alarm = new Alarm(this.#clock, () => this.pump());
    this.#admission = new Admission(parts, { waiting: this.#roster.waiting, places: this.#places, tally: this.#tally });
    this.#runner = new JobRunner(client, options, { places: this.#places, spending }, { onCreated: () => this.pump(), destroySignal: this.destroying.signal, detachSignal: this.detaching.signal });
    this.#announcer = new Announcer(options.onEvent, this.#clock, this.#roster, this.#tally);
    this.concurrency = options.concurrency;
  }

  /**
   * How many wait, or are on their way in, for whom there is no place. Where nobody waits, and before the quota is known, each
   * that `concurrency` leaves is one.
   */
  get queued(): number {
    const { taken, waiting, running } = this.#roster;
    const isOpen = !this.#isPaused && (waiting.size === 0 || !this.#places.isKnown);
    return Math.max(0, isOpen ? taken - Math.max(0, this.concurrency - running.size) : taken);
  }

  /** Calls a function whenever something has changed, until the function that it answers is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  stats(): PoolStats {
    return this.#tally.stats(this.#roster.queued, this.#roster.running, this.#clock.now());
  }

  /** Adds a job, which begins when it has its turn. */
  add(spec: ContainerJobSpec<string>, options: PoolRunOptions, isBegun = false): PoolJob {
    const job: PoolJob = { id: ++this.#ids, spec, options, cores: coresOf(spec), isBegun, ...newResult() };
    this.#roster.waiting.add(job);
    this.#listen(job);
    this.#announcer.queued(job);
    // Who was told of it may have stopped it already.
    if (this.#isStopped(job)) this.#callAway(job);
    else this.pump();
    return job;
  }

  /** The jobs that another process has, or may have. */
  get elsewhere(): readonly PoolJob[] {
    return this.#roster.elsewhere;
  }

  /** The job that has come to this error, if an attempt of it had run by then. */
  triedBefore(error: unknown): ActiveJob | undefined {
    return this.#runner.triedBefore(error);
  }

  /** Says that a job is about to be added, and whether it was. */
  async entering<T>(work: () => Promise<T>): Promise<T> {
    const entered = this.#roster.enter();
    try {
      return await work();
    } finally {
      entered();
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
    return this.#roster.isEmpty ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Has a job wait again that another process had, which may have begun it; false if it is not there yet. */
  putBack(job: PoolJob, isBegun: boolean): boolean {
    const isBack = this.#roster.putBack(job, isBegun);
    if (isBack) this.pump();
    return isBack;
  }

  /** Ends all jobs that wait, as it was said: they are canceled, or let go of. */
  stopAll(): void {
    for (const job of this.#roster.callAllAway()) this.#stop(job);
  }

  /** Begins what can be begun. */
  pump(): void {
    this.#beginAll();
    for (const watcher of [...this.#watchers]) watcher();
    if (!this.#roster.isEmpty) return;
    this.#alarm.clear();
    for (const done of this.#idle.splice(0)) done();
  }

  #beginAll(): void {
    while (!this.#isPaused && this.#roster.running.size < this.concurrency) {
      const decision = this.#admission.decide(this.#roster.running);
      switch (decision.kind) {
        case "begin":
          this.#begin(decision.job, decision.locations);
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
    for (const job of this.#roster.waiting.takeAll()) this.#run(job, [], async () => ((await this.#hooks.mayRefuse(job)) ? this.#hooks.spent(job) : undefined));
  }

  // What is called away while it waits is not begun, but is looked for in the store.
  #listen(job: PoolJob): void {
    const { abortSignal } = job.options;
    if (abortSignal !== undefined) job.release ??= onAbort(abortSignal, () => this.#callAway(job));
  }

  #callAway(job: PoolJob): void {
    if (this.#roster.callAway(job)) this.#stop(job);
  }

  #isStopped({ options: { abortSignal } }: PoolJob): boolean {
    return abortSignal?.aborted === true || this.destroying.signal.aborted || this.detaching.signal.aborted;
  }

  // A job that nobody wants any more, or that is let go of, before it was begun.
  #stop(job: PoolJob): void {
    this.#run(job, [], async () => {
      if (this.detaching.signal.aborted) throw this.#hooks.detached(job);
      return this.#runner.run(job);
    });
  }

  #begin(job: PoolJob, locations: readonly string[]): void {
    this.#run(job, locations, async () => {
      if (!(await this.#hooks.admit(job))) return undefined;
      this.#announcer.started(job);
      return this.#runner.run(job, locations);
    });
  }

  // Has a job take its place while it is worked on. Where nothing comes of that, another process has it, or the store has failed.
  #run(job: PoolJob, [location]: readonly string[], work: () => Promise<JobResult | undefined>): void {
    job.location = location;
    job.createsAt = job.isBegun ? undefined : this.#clock.now();
    this.#roster.run(job);
    this.#places.take(job);
    void work().then(
      (result) => this.#leave(job, result && { result }),
      (error: unknown) => this.#leave(job, this.#isPutOff(job, error) ? undefined : { error }),
    );
  }

  #leave(job: PoolJob, end: JobEnd | undefined): void {
    this.#roster.leave(job);
    this.#places.giveBack(job);
    if (end !== undefined) this.#end(job, end);
    // It may have been stopped while it was found out that another process has it.
    else if (this.#isStopped(job)) this.#stop(job);
    else this.#giveAway(job);
    this.pump();
  }

  // Who has stopped it hears what could not be done.
  #isPutOff(job: PoolJob, error: unknown): boolean {
    return !this.#isStopped(job) && this.#hooks.putsOff(job, error);
  }

  #giveAway(job: PoolJob): void {
    this.#roster.giveAway(job);
    this.#listen(job);
  }

  #end(job: PoolJob, end: JobEnd): void {
    job.release?.();
    job.isOver = true;
    this.#tally.count(job, "result" in end ? end.result : undefined, this.#clock.now());
    this.#announcer.finished(job, end);
    if ("result" in end) job.resolve(end.result);
    else job.reject(end.error);
  }
}

function newResult(): Pick<PoolJob, "result" | "resolve" | "reject"> {
  let settle!: Pick<PoolJob, "resolve" | "reject">;
  const result = new Promise<JobResult>((resolve, reject) => (settle = { resolve, reject }));
  return { result, ...settle };
}
