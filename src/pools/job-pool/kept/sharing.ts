import type { Clock } from "../../../internal/clock.js";
import type { JobResult } from "../../../job-result.js";
import { AciError, isAciError } from "../../../errors.js";
import { JobDetachedError } from "../../../jobs/drive/job-errors.js";
import { onAbort } from "../../../internal/abort.js";
import { specHash } from "../../../jobs/spec/job-identity.js";
import { isWithheld } from "../../../jobs/spec/withhold.js";
import type { ContainerJobSpec } from "../../../jobs/spec/job-spec.js";
import { RENEW_EVERY_IN_MS, type KeptJobs } from "./kept-jobs.js";
import type { NotedStore } from "./noted-store.js";
import type { PoolRunOptions } from "../options.js";
import type { PoolCore } from "../core/pool-core.js";
import type { PoolJob } from "../pool-job.js";

// Where the store answers, but not about a job, it is believed in the end: what it has of that one cannot be had.
const MOST_PUT_OFF = 20;

/** Turns what a job rejects with into a result, where that is possible. */
type OrResult = (spec: ContainerJobSpec<string>, job: Promise<JobResult>) => Promise<JobResult>;

/** A job that this process waits for. */
interface OwnJob {
  readonly hash: string;
  readonly poolJob: PoolJob;
  readonly job: Promise<JobResult>;
  /** Has any caller's signal cancel it. */
  readonly obey: (abortSignal: AbortSignal | undefined) => void;
}

// The jobs of a pool that is kept in a store, of which other processes may have some.
//
// A job is safe in several hands, because whoever has it looks before he acts: that one process at a time has it saves requests,
// and nothing rests on it.
export class Sharing {
  readonly #kept: KeptJobs;
  readonly #store: NotedStore;
  readonly #core: PoolCore;
  readonly #clock: Clock;
  // The jobs that this process waits for, by their keys. Of each there is one in the pool.
  readonly #own = new Map<string, OwnJob>();
  #renewing: { readonly stop: AbortController; /** That this process lives was said once. */ readonly said: Promise<void> } | undefined;
  // What this process last said of itself. The next is said after it.
  #saying = Promise.resolve();

  constructor(kept: KeptJobs, store: NotedStore, core: PoolCore, clock: Clock) {
    this.#kept = kept;
    this.#store = store;
    this.#core = core;
    this.#clock = clock;
  }

  /** Keeps a job, and resolves with its result. Equal keys are the same job. */
  async add(spec: ContainerJobSpec<string>, options: PoolRunOptions): Promise<JobResult> {
    const key = spec.key as string;
    const entered = await this.#core.entering(async () => {
      const isNew = await this.#kept.add(spec, options).catch((cause: unknown) => Promise.reject(notKept(key, cause)));
      const isBegun = await this.#isBegun(key);
      // Wrapped, so that it is entered once it waits, and not when it is done.
      return { job: this.#take(spec, options, { isBegun, isNew }) };
    });
    return entered.job;
  }

  /** Whether this process may begin a job now. */
  async admit(job: PoolJob): Promise<boolean> {
    const key = job.spec.key as string;
    // Without its secrets it can only be carried on, and whoever has them begins it.
    if (isWithheld(job.spec)) return true;
    // Whoever has taken something and has not said that he lives is taken for dead.
    await this.#renewing?.said;
    // A store that cannot say who has it keeps nobody from it: a job is safe in several hands.
    return this.#kept.claim(key).catch(() => true);
  }

  /**
   * Whether a job that has come to an error is not over, because it was the store that failed, or it has been given since the
   * secrets that it lacked. It is given up, and looked after from time to time, when the store answers: this process takes it up
   * again then, unless another one has.
   */
  putsOff(job: PoolJob, error: unknown): boolean {
    const { putOff = 0 } = job;
    const hasSecretsNow = isAciError(error) && error.code === "ACI_JOB_NEEDS_SECRETS" && !isWithheld(job.spec);
    if (!(this.#store.hasFailedWith(error) || hasSecretsNow) || putOff >= MOST_PUT_OFF) return false;
    job.putOff = putOff + 1;
    void this.#giveUp(job.spec.key as string);
    return true;
  }

  /** Whether a job that this process is not to begin any more was begun by nobody else either. */
  async mayRefuse(job: PoolJob): Promise<boolean> {
    const key = job.spec.key as string;
    // What cannot be known is looked for again.
    const [isTaken, isBegun] = await Promise.all([this.#kept.isTaken(key), this.#kept.isBegun(key)]).catch(() => [true, true]);
    return !isTaken && !isBegun;
  }

  /** Runs what is kept, until nothing is, or the pool takes no more. */
  async *recover(orResult: OrResult, isOpen: () => boolean): AsyncGenerator<JobResult, void> {
    const seen = new Set<string>();
    await this.#kept.removeDead().catch(() => undefined);
    for (let before = -1; seen.size > before && isOpen(); ) {
      before = seen.size;
      const jobs: Promise<JobResult>[] = [];
      for await (const { key, spec, options, by } of this.#kept.all()) {
        if (!isOpen()) break;
        if (seen.has(key)) continue;
        seen.add(key);
        // Who had taken it need not have come so far as to begin it.
        const isBegun = by !== undefined && (await this.#isBegun(key));
        // It may have been closed meanwhile, and nobody waits for what it takes then.
        if (!isOpen()) break;
        const job = orResult(spec, this.#take(spec, options, { isBegun, isNew: false }));
        // It may reject before it is its turn to be yielded.
        job.catch(() => undefined);
        jobs.push(job);
      }
      yield* asTheyCome(jobs);
    }
  }

  /** Resolves when nothing is left to be written. */
  async settled(): Promise<void> {
    await Promise.allSettled(Array.from(this.#own.values(), ({ job }) => job));
  }

  #take(spec: ContainerJobSpec<string>, options: PoolRunOptions, how: { readonly isBegun: boolean; readonly isNew: boolean }): Promise<JobResult> {
    const key = spec.key as string;
    const hash = specHash(spec);
    const known = this.#own.get(key);
    if (known !== undefined && known.hash !== hash) return Promise.reject(new AciError(`Job "${key}" is in this pool with another spec`, { code: "ACI_JOB_CONFLICT" }));
    if (known !== undefined && this.#isServed(known.poolJob, spec, how.isBegun)) {
      known.obey(options.abortSignal);
      return known.job;
    }
    this.#keepAlive();
    const cancel = new AbortController();
    const releases: (() => void)[] = [];
    const obey = (signal: AbortSignal | undefined): void => {
      if (signal?.aborted === true) cancel.abort(signal.reason);
      else if (signal !== undefined) releases.push(onAbort(signal, () => cancel.abort(signal.reason)));
    };
    obey(options.abortSignal);
    const poolJob = this.#core.add(spec, { ...options, abortSignal: cancel.signal }, how.isBegun);
    const added = poolJob.result.finally(() => releases.forEach((release) => release()));
    const own: OwnJob = { hash, poolJob, obey, job: this.#finish(key, added, how.isNew).finally(() => this.#leave(key, own)) };
    this.#own.set(key, own);
    return own.job;
  }

  // Whether a job that is in the pool will do for one that is given again. What came without its secrets has them from now on: two
  // of one key would be counted and paid for twice. Where it came to its end without them, that is no answer to who has them.
  #isServed(job: PoolJob, spec: ContainerJobSpec<string>, isBegun: boolean): boolean {
    if (!isWithheld(job.spec) || isWithheld(spec)) return true;
    if (job.isOver) return false;
    job.spec = spec;
    this.#core.putBack(job, isBegun);
    return true;
  }

  // What is not done stays kept, and others may have it. So does what others have kept, and this process only could not begin.
  async #finish(key: string, job: Promise<JobResult>, isNew: boolean): Promise<JobResult> {
    try {
      const result = await job;
      await (result.outcome === "notRun" ? this.#giveUp(key) : this.#done(key));
      return result;
    } catch (error) {
      // Who detaches one detaches all, and says that he is gone.
      const isRefused = isAciError(error) && !this.#store.hasFailedWith(error) && this.#core.triedBefore(error) === undefined;
      if (!(error instanceof JobDetachedError)) await (isNew && isRefused ? this.#done(key) : this.#giveUp(key));
      throw error;
    }
  }

  // Nothing keeps the program alive that has no jobs any more.
  async #leave(key: string, own: OwnJob): Promise<void> {
    if (this.#own.get(key) !== own) return;
    this.#own.delete(key);
    if (this.#own.size > 0) return;
    this.#renewing?.stop.abort();
    this.#renewing = undefined;
    await this.#say(() => this.#kept.leave());
  }

  async #giveUp(key: string): Promise<void> {
    await this.#kept.giveUp(key).catch(() => undefined);
  }

  // Where it cannot be known now whoever begins the job sees it.
  async #isBegun(key: string, before = false): Promise<boolean> {
    return this.#kept.isBegun(key).catch(() => before);
  }

  // What stays there although it is done has its result at once when it is taken up again.
  async #done(key: string): Promise<void> {
    await this.#kept.done(key).catch(() => undefined);
  }

  // Says again and again that this process lives, while it has jobs, and sees what has become of the jobs that others have.
  #keepAlive(): void {
    if (this.#renewing !== undefined) return;
    const stop = new AbortController();
    const renew = (): Promise<void> => this.#say(() => this.#kept.renew());
    this.#renewing = { stop, said: renew() };
    void this.#every(stop.signal, renew);
    void this.#every(stop.signal, () => this.#lookElsewhere().catch(() => undefined));
  }

  // Where this fails for long others may take what it has, which is safe.
  #say(work: () => Promise<void>): Promise<void> {
    this.#saying = this.#saying.then(work).catch(() => undefined);
    return this.#saying;
  }

  // Does something again and again, for as long as it takes each time.
  async #every(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.#clock.sleep(RENEW_EVERY_IN_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await work();
    }
  }

  // What is done, or nobody has any more, can be begun here, or carried on: the store says how far it came.
  async #lookElsewhere(): Promise<void> {
    const { elsewhere } = this.#core;
    if (elsewhere.length === 0) return;
    const taken = await this.#kept.taken();
    for (const job of elsewhere) {
      const key = job.spec.key as string;
      if (!taken.has(key)) this.#core.putBack(job, await this.#isBegun(key, job.isBegun));
    }
  }
}

// What could not be kept was not begun either.
function notKept(key: string, cause: unknown): AciError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new AciError(`Job "${key}" was not begun, because it could not be kept: ${text}`, { code: "ACI_JOB_NOT_STARTED", isRetryable: true, cause });
}

// Yields what promises come to, the first first. What rejects, rejects.
async function* asTheyCome<T>(promises: readonly Promise<T>[]): AsyncGenerator<T, void> {
  const settled: Promise<T>[] = [];
  let wake: () => void = () => undefined;
  for (const promise of promises) {
    const tell = (): void => {
      settled.push(promise);
      wake();
    };
    promise.then(tell, tell);
  }
  for (let yielded = 0; yielded < promises.length; yielded++) {
    if (settled.length === yielded) await new Promise<void>((resolve) => (wake = resolve));
    yield await (settled[yielded] as Promise<T>);
  }
}
