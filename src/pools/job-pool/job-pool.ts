import type { AciClient } from "../../client/aci-client.js";
import { partsOf } from "../../client/parts.js";
import { AciError } from "../../errors.js";
import { randomHex } from "../../internal/random.js";
import type { JobResult, SucceededJob } from "../../job-result.js";
import { checkJobInput } from "../../jobs/drive/begin-job.js";
import { JobDetachedError } from "../../jobs/drive/job-errors.js";
import { expectIterable } from "../../lifecycle/expect.js";
import { faultData } from "../../lifecycle/faults/fault-data.js";
import { checkRunOptions } from "../../jobs/options/run-options.js";
import { settle } from "../../jobs/run-container-job.js";
import type { ContainerJobSpec } from "../../jobs/spec/job-spec.js";
import { KeptJobs } from "./kept/kept-jobs.js";
import { NotedStore } from "./kept/noted-store.js";
import { checkSpecAt, mapJobs } from "./map-jobs.js";
import { neverBegun, notBegunAgain, untouched } from "./never-begun.js";
import { checkConcurrency, checkMapOptions, checkPoolRunOptions, jobOptionsOf, resolveJobPoolOptions, runOptionsOf, type JobPoolOptions, type MapOptions, type PoolRunOptions, type ResolvedJobPoolOptions } from "./options.js";
import { PoolCore } from "./core/pool-core.js";
import type { PoolStats } from "./pool-stats.js";
import { Sharing } from "./kept/sharing.js";

const AHEAD = 2;

/**
 * Runs any number of jobs: so many at a time, within the quota, the request budget and the money there is.
 *
 * @remarks
 * A job begins when it has its turn by priority, the pool has a place for it, the quota of a location has room, and a group may
 * be created by the request budget of the client. From then on it is a job like any other: see {@link runContainerJob}.
 *
 * With a `store`, jobs that wait or run are kept there, and results by their keys. A process that was killed is followed by one
 * that makes a pool of the same name over the same store and calls {@link JobPool.recover}: what waited is run, what runs is taken
 * up, and what is done is not done again. Several processes may work on one pool at the same time.
 *
 * @example
 * ```ts
 * await using pool = new JobPool(client, { concurrency: 20, retry: { on: ["platform"] } });
 * for await (const result of pool.map(videos.map((video) => ({ image: "transcoder:2", command: ["transcode", video] })))) {
 *   console.log(result.key, result.outcome);
 * }
 * ```
 * @public
 */
export class JobPool implements AsyncDisposable {
  readonly #client: AciClient;
  readonly #options: ResolvedJobPoolOptions;
  readonly #core: PoolCore;
  readonly #store: NotedStore | undefined;
  readonly #sharing: Sharing | undefined;
  #isClosed = false;

  /** @throws TypeError or RangeError if an option cannot be right. */
  constructor(client: AciClient, options: JobPoolOptions = {}) {
    const { location, owner, clock } = partsOf(client);
    this.#client = client;
    const resolved = resolveJobPoolOptions(options, location);
    this.#store = options.store && new NotedStore(options.store);
    this.#options = { ...resolved, job: { ...resolved.job, store: this.#store } };
    this.#core = new PoolCore(client, this.#options, {
      admit: async (job) => this.#sharing?.admit(job) ?? true,
      putsOff: (job, error) => this.#sharing?.putsOff(job, error) ?? false,
      mayRefuse: async (job) => this.#sharing?.mayRefuse(job) ?? true,
      spent: ({ spec }) => neverBegun(client, spec, { code: "ACI_JOB_NOT_STARTED", text: `Job was not run: the pool has spent its ${this.#options.spendingLimit} USD` }),
      detached: (job) => new JobDetachedError(untouched(client, job.spec, runOptionsOf(this.#options, job)).handle, this.#core.detaching.signal.reason),
    });
    if (this.#store === undefined) return;
    const kept = new KeptJobs(this.#store, clock, { owner, name: this.#options.name, by: randomHex(8) });
    this.#sharing = new Sharing(kept, this.#store, this.#core, clock);
  }

  /**
   * Runs a job when it has its turn. With a store equal keys are one job, which whoever has asked for it may cancel.
   *
   * @throws {@link ContainerJobError} if the job did not succeed, and whatever else {@link runContainerJob} rejects with.
   * @throws {@link AciError} `ACI_POOL_CLOSED` if the pool takes no more jobs, `ACI_POOL_FULL` if too many wait,
   * `ACI_JOB_NOT_STARTED` if the store could not keep it.
   * @throws TypeError or RangeError at once if the input cannot be right.
   */
  async run<O extends string = never>(spec: ContainerJobSpec<O>, options: PoolRunOptions = {}): Promise<SucceededJob<O>> {
    this.#check(spec, options);
    const result = await this.#add(spec, options);
    return settle(result as JobResult<O>, { abortSignal: options.abortSignal }) as SucceededJob<O>;
  }

  /**
   * Runs a job for each spec, and yields the results of all of them, whatever they are; a job that is refused, because its key
   * is another's for instance, yields a `notRun`, or a `neverStarted` if an attempt of it has run by then. No more than twice as many specs are taken as jobs run at a time, and no
   * more while nobody takes results; none are taken any more, and the results of those that were are the last, when `abortSignal` is
   * aborted or the pool is closed. Whoever leaves the loop, by an error for instance, cancels the jobs that it has begun; in a
   * pool with a store they go on, and {@link JobPool.recover} or the same loop carries them on.
   *
   * @throws TypeError or RangeError at once if `specs` is nothing to be iterated or an option cannot be right; by the results, if
   * a spec cannot be right, which its message names by index and key: the others are canceled then, and go on where the pool has a store.
   * @throws {@link JobDetachedError} if the pool is detached. It has the handle of one job; those of all of them are told by
   * `poolFinished`, see {@link PoolFinishedEvent}.
   * @throws What the store fails with if it fails for one job again and again, or while that is canceled: it may be running then.
   */
  map<O extends string = never>(specs: Iterable<ContainerJobSpec<O>> | AsyncIterable<ContainerJobSpec<O>>, options: MapOptions = {}): AsyncIterableIterator<JobResult<O>> {
    expectIterable("specs", specs);
    checkMapOptions(options);
    const { ordered, ...own } = options;
    checkRunOptions(jobOptionsOf(own));
    return mapJobs(specs, { ordered, abortSignal: own.abortSignal }, {
      ahead: () => Math.max(1, Math.min(AHEAD * this.concurrency, this.concurrency + this.#options.maxQueue)),
      hasRoom: () => this.#core.queued < this.#options.maxQueue,
      isOpen: () => !this.#isClosed,
      watch: (watcher) => this.#core.watch(watcher),
      isKept: this.#sharing !== undefined,
      run: async (spec, index, abortSignal) => {
        checkSpecAt(index, spec, () => this.#check(spec, own));
        return this.#orNotRun(spec, this.#add(spec, { ...own, abortSignal }));
      },
    });
  }

  /**
   * Carries on what a pool of this name has kept in its store: runs what waited, takes up what runs, and yields the results. A job
   * that another process has is left to it while it lives, and its result is yielded, too. Ends when nothing is left.
   *
   * Takes nothing more up once the pool is closed.
   *
   * @throws TypeError if the pool has no store.
   */
  async *recover(): AsyncIterableIterator<JobResult> {
    if (this.#sharing === undefined) throw new TypeError("Expected the pool to have a `store`: there is nothing to carry on without one.");
    yield* this.#sharing.recover(async (spec, job) => this.#orNotRun(spec, job), () => !this.#isClosed);
  }

  /** How many jobs are under way at a time. May be changed while jobs run; those above a lower number go on to their ends. */
  get concurrency(): number {
    return this.#core.concurrency;
  }

  set concurrency(value: number) {
    checkConcurrency(value);
    this.#core.concurrency = value;
    this.#core.pump();
  }

  /** How the pool stands. */
  get stats(): PoolStats {
    return this.#core.stats();
  }

  /** Begins no more jobs; those under way go on. */
  pause(): void {
    this.#core.pause();
  }

  /** Begins jobs again after a pause. {@link JobPool.recover} carries on those that another process has left. */
  resume(): void {
    this.#core.resume();
  }

  /** Resolves when no job waits or runs. */
  async onIdle(): Promise<void> {
    await this.#core.onIdle();
  }

  /** Takes no more jobs, and resolves when those that it has are done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#core.pump();
    await this.#core.onIdle();
    await this.#sharing?.settled();
  }

  /** Cancels all jobs, and resolves when their groups are gone. */
  async destroy(): Promise<void> {
    this.#isClosed = true;
    this.#core.destroying.abort(new Error("the pool was destroyed"));
    this.#core.stopAll();
    await this.close();
  }

  /**
   * Leaves all jobs as they are, and resolves when nobody waits for them any more: each promise rejects with a
   * {@link JobDetachedError} that has the handle. Jobs that have a group go on; one that waits begins only when its handle is
   * resumed, which runs it as this pool would have, without waiting for its turn. With a store, {@link JobPool.recover} carries
   * them on.
   */
  async detach(): Promise<void> {
    this.#isClosed = true;
    this.#core.detaching.abort(new Error("the pool was detached"));
    this.#core.stopAll();
    await this.close();
  }

  /** Destroys the pool; with a store, detaches it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#sharing === undefined ? this.destroy() : this.detach());
  }

  #check(spec: ContainerJobSpec<string>, options: PoolRunOptions): void {
    checkPoolRunOptions(options);
    checkJobInput(spec, { ...this.#options.job, ...jobOptionsOf(options) });
  }

  async #add(spec: ContainerJobSpec<string>, options: PoolRunOptions): Promise<JobResult> {
    if (this.#isClosed) throw new AciError("The pool takes no more jobs: it was closed", { code: "ACI_POOL_CLOSED" });
    const { queued } = this.#core;
    if (queued >= this.#options.maxQueue) throw new AciError(`The pool takes no more jobs now: ${queued} wait already`, { code: "ACI_POOL_FULL", isRetryable: true });
    return this.#sharing === undefined ? this.#core.add(spec, options).result : this.#sharing.add(spec, options);
  }

  async #orNotRun<O extends string>(spec: ContainerJobSpec<O>, job: Promise<JobResult>): Promise<JobResult<O>> {
    try {
      return (await job) as JobResult<O>;
    } catch (error) {
      // What the store has not told is not known, and so may have been begun.
      if (error instanceof JobDetachedError || this.#store?.hasFailedWith(error) === true) throw error;
      const tried = this.#core.triedBefore(error);
      return (tried === undefined ? neverBegun(this.#client, spec, faultData(error)) : notBegunAgain(tried, faultData(error))) as JobResult<O>;
    }
  }
}
