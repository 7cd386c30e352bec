import type { Clock } from "../../../internal/clock.js";
import type { JobResult } from "../../../job-result.js";
import { JobDetachedError } from "../../../jobs/drive/job-errors.js";
import type { ContainerJobSpec } from "../../../jobs/spec/job-spec.js";
import { RENEW_EVERY_IN_MS, type KeptJobs } from "./kept-jobs.js";
import type { PoolRunOptions } from "../options.js";
import type { PoolCore } from "../pool-core.js";
import type { PoolJob } from "../pool-job.js";

/** Turns what a job rejects with into a result, where that is possible. */
type OrResult = (spec: ContainerJobSpec<string>, job: Promise<JobResult>) => Promise<JobResult>;

// The jobs of a pool that is kept in a store, of which other processes may have some.
//
// A job is safe in several hands, because whoever has it looks before he acts: that one process at a time has it saves requests,
// and nothing rests on it.
export class Sharing {
  readonly #kept: KeptJobs;
  readonly #core: PoolCore;
  readonly #clock: Clock;
  // The jobs that this process waits for, by their keys, and those of them that another one has.
  readonly #own = new Map<string, Promise<JobResult>>();
  readonly #elsewhere = new Map<string, PoolJob>();
  #renewing: AbortController | undefined;

  constructor(kept: KeptJobs, core: PoolCore, clock: Clock) {
    this.#kept = kept;
    this.#core = core;
    this.#clock = clock;
  }

  /** Keeps a job, and resolves with its result. Equal keys are the same job. */
  async add(spec: ContainerJobSpec<string>, options: PoolRunOptions): Promise<JobResult> {
    await this.#kept.add(spec, options);
    return this.#take(spec, options);
  }

  /** Whether this process may begin a job now. */
  async admit(job: PoolJob): Promise<boolean> {
    const key = job.spec.key as string;
    if (await this.#kept.claim(key)) return true;
    this.#elsewhere.set(key, job);
    return false;
  }

  /** Runs what is kept, until nothing is. */
  async *resume(orResult: OrResult): AsyncGenerator<JobResult, void> {
    const seen = new Set<string>();
    for (;;) {
      const jobs = new Map<string, Promise<{ readonly key: string; readonly result: JobResult }>>();
      for await (const { key, spec, options } of this.#kept.all()) {
        if (seen.has(key)) continue;
        seen.add(key);
        jobs.set(key, orResult(spec, this.#take(spec, options)).then((result) => ({ key, result })));
      }
      if (jobs.size === 0) return;
      while (jobs.size > 0) {
        const { key, result } = await Promise.race(jobs.values());
        jobs.delete(key);
        yield result;
      }
    }
  }

  /** This process is done with the pool. */
  async leave(): Promise<void> {
    this.#renewing?.abort();
    await this.#kept.leave();
  }

  #take(spec: ContainerJobSpec<string>, options: PoolRunOptions): Promise<JobResult> {
    const key = spec.key as string;
    const known = this.#own.get(key);
    if (known !== undefined) return known;
    void this.#keepAlive();
    const job = this.#finish(key, this.#core.add(spec, options));
    this.#own.set(key, job);
    return job;
  }

  async #finish(key: string, job: Promise<JobResult>): Promise<JobResult> {
    try {
      const result = await job;
      await this.#kept.done(key);
      return result;
    } catch (error) {
      if (!(error instanceof JobDetachedError)) await this.#kept.done(key);
      throw error;
    } finally {
      this.#own.delete(key);
      this.#elsewhere.delete(key);
    }
  }

  // Says again and again that this process lives, until it leaves, and sees what has become of the jobs that others have.
  async #keepAlive(): Promise<void> {
    if (this.#renewing !== undefined) return;
    const renewing = new AbortController();
    this.#renewing = renewing;
    while (!renewing.signal.aborted) {
      // Where this fails for long others may take what it has, which is safe.
      await this.#kept.renew().catch(() => undefined);
      await this.#lookElsewhere().catch(() => undefined);
      await this.#clock.sleep(RENEW_EVERY_IN_MS, renewing.signal).catch(() => undefined);
    }
  }

  // What is done, or nobody has any more, can be begun here: a result is in the store then.
  async #lookElsewhere(): Promise<void> {
    if (this.#elsewhere.size === 0) return;
    const taken = await this.#kept.taken();
    for (const [key, job] of this.#elsewhere) {
      if (taken.has(key)) continue;
      this.#elsewhere.delete(key);
      this.#core.putBack(job);
    }
  }
}
