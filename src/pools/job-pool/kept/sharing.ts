import type { Clock } from "../../../internal/clock.js";
import type { JobResult } from "../../../job-result.js";
import { AciError, isAciError } from "../../../errors.js";
import { JobDetachedError } from "../../../jobs/drive/job-errors.js";
import { onAbort } from "../../../internal/abort.js";
import { specHash } from "../../../jobs/spec/job-identity.js";
import { isWithheld } from "../../../jobs/spec/withhold.js";
import type { ContainerJobSpec } from "../../../jobs/spec/job-spec.js";
import { RENEW_EVERY_IN_MS, type KeptJobs } from "./kept-jobs.js";
import type { PoolRunOptions } from "../options.js";
import type { PoolCore } from "../pool-core.js";
import type { PoolJob } from "../pool-job.js";

/** Turns what a job rejects with into a result, where that is possible. */
type OrResult = (spec: ContainerJobSpec<string>, job: Promise<JobResult>) => Promise<JobResult>;

/** A job that this process waits for. */
interface OwnJob {
  readonly hash: string;
  /** Its spec is without its secrets. */
  readonly isWithheld: boolean;
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
  readonly #core: PoolCore;
  readonly #clock: Clock;
  // The jobs that this process waits for, by their keys, and those of them that another one has.
  readonly #own = new Map<string, OwnJob>();
  readonly #elsewhere = new Map<string, PoolJob>();
  #renewing: { readonly stop: AbortController; /** That this process lives was said once. */ readonly said: Promise<void> } | undefined;

  constructor(kept: KeptJobs, core: PoolCore, clock: Clock) {
    this.#kept = kept;
    this.#core = core;
    this.#clock = clock;
  }

  /** Keeps a job, and resolves with its result. Equal keys are the same job. */
  async add(spec: ContainerJobSpec<string>, options: PoolRunOptions): Promise<JobResult> {
    const key = spec.key as string;
    const entered = await this.#core.entering(async () => {
      const isNew = await this.#kept.add(spec, options);
      const isBegun = await this.#kept.isBegun(key);
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
    if (await this.#kept.claim(key).catch(() => true)) return true;
    this.#elsewhere.set(key, job);
    return false;
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
        const job = orResult(spec, this.#take(spec, options, { isBegun: by !== undefined, isNew: false }));
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
    // One that has its secrets can do what the same without them cannot.
    if (known !== undefined && (!known.isWithheld || isWithheld(spec))) {
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
    const added = this.#core.add(spec, { ...options, abortSignal: cancel.signal }, how.isBegun).finally(() => releases.forEach((release) => release()));
    const own: OwnJob = { hash, isWithheld: isWithheld(spec), obey, job: this.#finish(key, added, how.isNew).finally(() => this.#leave(key, own)) };
    this.#own.set(key, own);
    return own.job;
  }

  // What is not done stays kept. So does what others have kept, and this process only could not begin.
  async #finish(key: string, job: Promise<JobResult>, isNew: boolean): Promise<JobResult> {
    try {
      const result = await job;
      if (result.outcome !== "notRun") await this.#done(key);
      return result;
    } catch (error) {
      if (isNew && isAciError(error) && !(error instanceof JobDetachedError)) await this.#done(key);
      throw error;
    }
  }

  // Nothing keeps the program alive that has no jobs any more.
  async #leave(key: string, own: OwnJob): Promise<void> {
    if (this.#own.get(key) !== own) return;
    this.#own.delete(key);
    this.#elsewhere.delete(key);
    if (this.#own.size > 0) return;
    this.#renewing?.stop.abort();
    this.#renewing = undefined;
    await this.#kept.leave().catch(() => undefined);
  }

  // What stays there although it is done has its result at once when it is taken up again.
  async #done(key: string): Promise<void> {
    await this.#kept.done(key).catch(() => undefined);
  }

  // Says again and again that this process lives, while it has jobs, and sees what has become of the jobs that others have.
  #keepAlive(): void {
    if (this.#renewing !== undefined) return;
    const stop = new AbortController();
    // Where this fails for long others may take what it has, which is safe.
    const say = (): Promise<void> => this.#kept.renew().catch(() => undefined);
    this.#renewing = { stop, said: say() };
    void this.#every(stop.signal, say);
    void this.#every(stop.signal, () => this.#lookElsewhere().catch(() => undefined));
  }

  // Does something again and again, for as long as it takes each time.
  async #every(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.#clock.sleep(RENEW_EVERY_IN_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await work();
    }
  }

  // What is done, or nobody has any more, can be begun here: a result is in the store then.
  async #lookElsewhere(): Promise<void> {
    if (this.#elsewhere.size === 0) return;
    const taken = await this.#kept.taken();
    for (const [key, job] of this.#elsewhere) {
      if (taken.has(key)) continue;
      if (this.#core.putBack(job)) this.#elsewhere.delete(key);
    }
  }
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
