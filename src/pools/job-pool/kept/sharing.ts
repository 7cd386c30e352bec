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
    // A store that cannot say who has it keeps nobody from it: a job is safe in several hands.
    if (await this.#kept.claim(key).catch(() => true)) return true;
    this.#elsewhere.set(key, job);
    return false;
  }

  /** Runs what is kept, until nothing is. */
  async *recover(orResult: OrResult): AsyncGenerator<JobResult, void> {
    const seen = new Set<string>();
    for (let before = -1; seen.size > before; ) {
      before = seen.size;
      const jobs: Promise<JobResult>[] = [];
      for await (const { key, spec, options } of this.#kept.all()) {
        if (seen.has(key)) continue;
        seen.add(key);
        jobs.push(orResult(spec, this.#take(spec, options)));
      }
      yield* asTheyCome(jobs);
    }
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
      await this.#done(key);
      return result;
    } catch (error) {
      if (!(error instanceof JobDetachedError)) await this.#done(key);
      throw error;
    } finally {
      this.#own.delete(key);
      this.#elsewhere.delete(key);
      if (this.#own.size === 0) await this.#leave();
    }
  }

  // Nothing keeps the program alive that has no jobs any more.
  async #leave(): Promise<void> {
    this.#renewing?.abort();
    this.#renewing = undefined;
    await this.#kept.leave().catch(() => undefined);
  }

  // What stays there although it is done has its result at once when it is taken up again.
  async #done(key: string): Promise<void> {
    await this.#kept.done(key).catch(() => undefined);
  }

  // Says again and again that this process lives, while it has jobs, and sees what has become of the jobs that others have.
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
