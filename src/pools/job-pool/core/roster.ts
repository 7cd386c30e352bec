import { Waiting } from "../admission/waiting.js";
import type { PoolJob } from "../pool-job.js";

/** Where the jobs of a pool are: they wait, run, or are in the hands of another process. */
export class Roster {
  readonly waiting = new Waiting();
  readonly #running = new Set<PoolJob>();
  readonly #elsewhere = new Set<PoolJob>();
  #entering = 0;

  get running(): ReadonlySet<PoolJob> {
    return this.#running;
  }

  get elsewhere(): readonly PoolJob[] {
    return [...this.#elsewhere];
  }

  /** How many are to be begun, be it by another process. */
  get queued(): number {
    return this.waiting.size + this.#elsewhere.size;
  }

  /** Those, and the ones that are on their way in: being written to a store before they wait. */
  get taken(): number {
    return this.queued + this.#entering;
  }

  get isEmpty(): boolean {
    return this.taken + this.#running.size === 0;
  }

  /** Counts one that is on its way in, until the function that it answers is called. */
  enter(): () => void {
    this.#entering++;
    return () => {
      this.#entering--;
    };
  }

  /** It runs, wherever it was. */
  run(job: PoolJob): void {
    this.callAway(job);
    this.#running.add(job);
  }

  /** It does not run any more. */
  leave(job: PoolJob): void {
    this.#running.delete(job);
  }

  /** Another process has it, or may have it. */
  giveAway(job: PoolJob): void {
    this.#elsewhere.add(job);
  }

  /** No other process has it any more, which may have begun it; false if none had. */
  putBack(job: PoolJob, isBegun: boolean): boolean {
    if (!this.#elsewhere.delete(job)) return false;
    // Before it waits: what was begun comes first.
    job.isBegun = isBegun;
    this.waiting.add(job);
    return true;
  }

  /** Takes out one that does not run; false if it does, or is not there. */
  callAway(job: PoolJob): boolean {
    return this.waiting.remove(job) || this.#elsewhere.delete(job);
  }

  /** Takes out all that do not run. */
  callAllAway(): readonly PoolJob[] {
    const all = [...this.waiting.takeAll(), ...this.#elsewhere];
    this.#elsewhere.clear();
    return all;
  }
}
