import type { OperationStatus } from "@azure/core-lro";
import type { AciClient } from "../client/aci-client.js";
import { checkCall, type CallOptions } from "../client/options.js";
import { partsOf } from "../client/parts.js";
import { AciError, CleanupError } from "../errors.js";
import { link, untilAborted } from "../internal/abort.js";
import type { JobResult, SucceededJob } from "../job-result.js";
import { expectFunction } from "../lifecycle/expect.js";
import { tellListener } from "../lifecycle/tell-listener.js";
import { cancelContainerJob } from "./cancel-container-job.js";
import type { ActiveJob } from "./drive/active-job.js";
import { drive } from "./drive/drive.js";
import type { JobHandle, WholeHandle } from "./drive/job-handle.js";
import { findContainerJob } from "./find-container-job.js";
import type { JobPhase } from "./machine/state.js";
import { settle } from "./run-container-job.js";
import type { RunContainerJobOptions } from "./options/run-options.js";

/** Where a job stands. @public */
export interface JobState {
  /** In the words of Azure's pollers. */
  readonly status: OperationStatus;
  /** In ours, from `intended` to `done`. */
  readonly phase: JobPhase;
  readonly groupName: string;
  readonly attempt: number;
  /** As soon as it is known. */
  readonly result?: JobResult | undefined;
}

/**
 * A job with the verbs of Azure's pollers. Nothing happens until it is asked to poll. It is not a promise, so it can be
 * returned from an async function; stopping one wait leaves the next one possible; a passing fault ends nothing.
 *
 * @public
 */
export interface JobPoller<O extends string = never> {
  /** Moves the job on until there is something to wait for, and says where it stands. */
  poll(options?: CallOptions): Promise<JobState>;
  /** Waits for the end. `abortSignal` stops this wait only. @throws {@link ContainerJobError} if the job did not succeed. */
  pollUntilDone(options?: CallOptions): Promise<SucceededJob<O>>;
  /** Calls `listener` after every move; the function that it returns ends that. A listener that throws or rejects is ignored. */
  onProgress(listener: (state: JobState) => void): () => void;
  /** Lets the job go on by itself; the handle carries it on elsewhere. Waits here reject with {@link JobDetachedError}. */
  detach(): JobHandle;
  /**
   * Cancels the job and resolves when its group is gone. Before the first poll it keeps the job from being started, and cancels
   * the one that is there by its key. @throws {@link CleanupError} if the group could not be seen to be gone.
   */
  cancel(): Promise<void>;
  /** The handle as text. */
  serialize(): string;
  /** What carries the job on in any process. @throws {@link AciError} before the first poll. */
  readonly handle: JobHandle;
  readonly isDone: boolean;
}

// A poller over a job that is taken up at the first poll.
export class LazyJobPoller<O extends string = never> implements JobPoller<O> {
  readonly #client: AciClient;
  readonly #takeUp: () => Promise<ActiveJob>;
  readonly #options: RunContainerJobOptions;
  readonly #listeners = new Set<(state: JobState) => void>();
  readonly #canceling = new AbortController();
  readonly #detaching = new AbortController();
  #job: Promise<ActiveJob> | undefined;
  #active: ActiveJob | undefined;
  // One drive at a time: everything that polls joins it.
  #running: Promise<void> = Promise.resolve();
  #result: JobResult | undefined;

  constructor(client: AciClient, takeUp: () => Promise<ActiveJob>, options: RunContainerJobOptions) {
    this.#client = client;
    this.#takeUp = takeUp;
    this.#options = options;
  }

  get handle(): JobHandle {
    if (this.#active === undefined) throw new AciError("The job has no handle before its first poll", { code: "ACI_REQUEST_FAILED" });
    return this.#active.handle;
  }

  get isDone(): boolean {
    return this.#result !== undefined;
  }

  async poll(options: CallOptions = {}): Promise<JobState> {
    checkCall(options);
    const job = await this.#begin();
    await this.#move(options.abortSignal, () => job.handle.state.wakeAt > partsOf(this.#client).clock.now());
    return this.#state(job);
  }

  async pollUntilDone(options: CallOptions = {}): Promise<SucceededJob<O>> {
    checkCall(options);
    await this.#begin();
    while (this.#result === undefined) await this.#move(options.abortSignal, () => false);
    return settle(this.#result, { abortSignal: this.#options.abortSignal }) as SucceededJob<O>;
  }

  onProgress(listener: (state: JobState) => void): () => void {
    expectFunction("listener", listener);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  detach(): JobHandle {
    const { handle } = this;
    this.#detaching.abort(new Error("detached"));
    return handle;
  }

  async cancel(): Promise<void> {
    this.#canceling.abort(new Error("canceled"));
    if (this.#result === undefined && this.#detaching.signal.aborted) return cancelContainerJob(this.#client, this.handle, { completion: this.#options.completion });
    while (this.#result === undefined) await this.#move(undefined, () => false);
    if (this.#result.cleanup === "pending") throw stillThere(this.#result);
  }

  serialize(): string {
    return JSON.stringify(this.handle);
  }

  async #begin(): Promise<ActiveJob> {
    // What could not be taken up is tried again by who asks next.
    this.#job ??= this.#takeUp().catch((error: unknown) => {
      this.#job = undefined;
      throw error;
    });
    this.#active = await this.#job;
    return this.#active;
  }

  // Drives the job until it ends, `isEnough` holds or this wait is stopped, after whoever drives it now.
  async #move(stop: AbortSignal | undefined, isEnough: () => boolean): Promise<void> {
    stop?.throwIfAborted();
    const moving = this.#running.then(async () => {
      stop?.throwIfAborted();
      if (this.#result === undefined) await this.#drive(stop, isEnough);
    });
    this.#running = moving.catch(() => undefined);
    await untilAborted(moving, stop);
  }

  async #drive(stop: AbortSignal | undefined, isEnough: () => boolean): Promise<void> {
    const job = await this.#begin();
    if (this.#canceling.signal.aborted) await this.#unlessLeft(() => this.#cancelOthers(job));
    const [abortSignal, releaseAbort] = link(this.#options.abortSignal, this.#canceling.signal);
    const [detachSignal, releaseDetach] = link(this.#options.detachSignal, this.#detaching.signal, stop);
    try {
      const onStep = (): boolean => {
        this.#tell(this.#state(job));
        return job.handle.state.phase !== "done" && isEnough();
      };
      this.#result = await drive(job, { abortSignal, detachSignal, onStep });
    } catch (error) {
      if (stop?.aborted === true && detachSignal.reason === stop.reason) throw stop.reason;
      throw error;
    } finally {
      releaseAbort();
      releaseDetach();
    }
  }

  // Who lets go of a job is told so at once, and does not wait for what is under way for it.
  async #unlessLeft(work: () => Promise<void>): Promise<void> {
    const [left, release] = link(this.#options.detachSignal, this.#detaching.signal);
    try {
      if (!left.aborted) await untilAborted(work(), left);
    } catch (error) {
      if (!left.aborted) throw error;
    } finally {
      release();
    }
  }

  // A job that is canceled before it was looked for may be there, by the doing of others, and at another attempt than ours: that
  // one is theirs to end.
  async #cancelOthers(job: ActiveJob): Promise<void> {
    const { key, state } = job.handle;
    const found = state.phase === "intended" && !job.plan.isKeyNew ? await findContainerJob(this.#client, key) : undefined;
    if (found === undefined || (found as WholeHandle).state.attempt === state.attempt) return;
    await cancelContainerJob(this.#client, found, { completion: this.#options.completion });
    // Nothing is to be begun in its place, saved or not.
    job.isSaved = false;
  }

  #tell(state: JobState): void {
    for (const listener of this.#listeners) tellListener(listener, state);
  }

  #state({ handle }: ActiveJob): JobState {
    const { phase, groupName, attempt, result } = handle.state;
    return { status: statusOf(phase, result), phase, groupName, attempt, ...(result && { result }) };
  }
}

function stillThere({ key, groupName, resourceId }: JobResult): CleanupError {
  return new CleanupError(`Job "${key}" is over, but its container group "${groupName}" could not be seen to be gone`, { code: "ACI_CLEANUP_FAILED", resourceId });
}

function statusOf(phase: JobPhase, result: JobResult | undefined): OperationStatus {
  if (phase === "intended") return "notStarted";
  if (phase !== "done" || result === undefined) return "running";
  return result.outcome === "succeeded" ? "succeeded" : result.outcome === "canceled" ? "canceled" : "failed";
}
