import { checkStrategy } from "../../completion/check-strategy.js";
import type { CompletionStrategy } from "../../completion-strategy.js";
import type { SecretSource } from "../../container-spec.js";
import type { FileStore } from "../../files.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";
import { expectBoolean, expectFunction, expectKeys, expectMethods, expectPositive, expectSignal, expectStore, expectText, fail } from "../../lifecycle/expect.js";
import type { LogSink } from "../../log-sink.js";
import type { JobStore } from "../../store.js";
import type { JobLimits } from "../machine/plan.js";
import { checkDoneWhen, resolveDoneWhen, type DoneWhen } from "./done-when.js";
import { checkLocations, checkRetryPolicy, resolveRetry, type RetryPolicy } from "./retry-policy.js";

/** What every function that drives a job takes. These are live things: give them again when you resume. @public */
export interface DriveOptions {
  /** Resolves the `{ secret: "name" }` values of the spec, at each create. */
  readonly secrets?: SecretSource | undefined;
  /**
   * Keeps intents and results, so that a job is not run again after its group is gone. Needs a `key`: without one it is a
   * TypeError.
   *
   * @defaultValue none: equal keys are one job only while its group exists
   */
  readonly store?: JobStore | undefined;
  /**
   * How it is learnt that the job has ended: {@link poll}, {@link webhook}, {@link firstOf}, or one of your own. It changes
   * when we look, never what comes of the job.
   *
   * @defaultValue `poll()`, which learns from the runs that this client has seen
   */
  readonly completion?: CompletionStrategy | undefined;
  /** Where the `files` of the spec are moved through: `azureFiles()` of `aci-lifecycle/storage`. Needed where the spec has files. */
  readonly fileStore?: FileStore | undefined;
  /**
   * A folder of this machine into which the outputs are fetched, by their paths in the job's folder. They are removed from
   * the file store when the job is over.
   *
   * @defaultValue none: the outputs stay in the file store, in a folder of their own
   */
  readonly outputFolder?: string | undefined;
  /**
   * Takes the lines of the container that decides while it runs, and of all others when the job has ended.
   *
   * @defaultValue none: the log is read now and then while the job runs, so that little of it is lost, and all are at the end
   */
  readonly logSink?: LogSink | undefined;
  /** Told everything that happens to this job. A listener that throws or rejects is ignored. */
  readonly onEvent?: ((event: LifecycleEvent) => void) | undefined;
}

/** What a job may take, and what becomes of its group. @public */
export interface JobLimitOptions {
  /**
   * What the end of the job is: that of its main container, of `all`, of one by its name, or a line of a log. Kept with the job,
   * like the limits.
   *
   * @defaultValue `"main"`
   */
  readonly doneWhen?: DoneWhen | undefined;
  /**
   * The longest time from the create until the main container runs. On expiry the outcome is `neverStarted`, and
   * `error` says what it was waiting for. Where nobody is logged in it is half a minute, and four tries.
   *
   * @defaultValue `600_000` (10 minutes)
   */
  readonly startTimeoutInMs?: number | undefined;
  /**
   * The longest that pulling the images may take. Where it is given, that time is no part of `startTimeoutInMs`.
   *
   * @defaultValue none: `startTimeoutInMs` counts from the create, pulling included
   */
  readonly pullTimeoutInMs?: number | undefined;
  /**
   * The longest that a container that runs may be silent, where `completion` hears its signs of life: those of the wrapper of
   * {@link webhook} with `heartbeatIntervalInMs`, or of your own program. On expiry the group is looked at, and if it still
   * runs the outcome is `timedOut`. Silence of the receiver, too, is silence: give it several intervals. Set
   * `heartbeatIntervalInMs` of the strategy too, or have your program send `job.alive`; otherwise a job that is well ends as
   * `timedOut` when this time is over.
   *
   * @defaultValue none: silence means nothing
   */
  readonly heartbeatTimeoutInMs?: number | undefined;
  /**
   * The longest the job may take, from the start of its main container. On expiry the logs are read, the group is deleted, and
   * the outcome is `timedOut`.
   *
   * @defaultValue `86_400_000` (24 hours)
   */
  readonly runTimeoutInMs?: number | undefined;
  /**
   * The longest to wait for the group to be gone. A result is never lost over it: `cleanup` then says `pending`.
   *
   * @defaultValue `60_000` (1 minute)
   */
  readonly cleanupTimeoutInMs?: number | undefined;
  /**
   * Whether to leave the group there, to look at it. It costs nothing once all of its containers have ended, and goes on costing
   * until then: a sidecar, or the container of a job that a `logLine` has ended.
   *
   * @defaultValue `"never"`
   */
  readonly keep?: "never" | "onFailure" | "always" | undefined;
  /**
   * What is tried again, with a new group for each attempt.
   *
   * @defaultValue none: a job has one group, or one for each of the `locations` that has no room
   */
  readonly retry?: RetryPolicy | undefined;
  /**
   * Where the job may run, best first: it goes on to the next where Azure has no room, or the quota is used up. Not
   * together with the `location` of the spec.
   *
   * @defaultValue the location of the spec or of the client
   */
  readonly locations?: readonly string[] | undefined;
  /**
   * Whether a job whose group may have been there, and cannot be found, is begun once more. `false` for work that must not
   * be done twice: it ends as `lost`. Azure itself does not promise that a container runs once only.
   *
   * @defaultValue `true` for a create that had no answer; `retry` decides for a group that was seen
   */
  readonly retryOnLost?: boolean | undefined;
  /**
   * What becomes of a job whose container the platform has begun anew. `fail`: it ends by the exit code of its first run,
   * or as `lost`, and may be tried again by `retry`. `continue`: the new run is the job's. Where that or `retry` goes by
   * it, a container that was killed (an exit code above 128, or none) has ended only when half a minute has shown no new run.
   *
   * @defaultValue `"fail"`
   */
  readonly onRestart?: "fail" | "continue" | undefined;
}

/** Options for {@link runContainerJob}. @public */
export interface RunContainerJobOptions extends DriveOptions, JobLimitOptions {
  /** Cancels the job: its logs are read, its group is deleted, and the outcome is `canceled`. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Stops waiting and leaves the job to run. The promise rejects with a {@link JobDetachedError} that has the handle. */
  readonly detachSignal?: AbortSignal | undefined;
  /** `false` resolves with the result of a job that did not succeed instead of rejecting. @defaultValue `true` */
  readonly reject?: boolean | undefined;
}

/** Options for {@link startContainerJob}. @public */
export interface StartContainerJobOptions extends DriveOptions, JobLimitOptions {
  /** Cancels the job, if it is aborted before the promise settles. */
  readonly abortSignal?: AbortSignal | undefined;
}

const DRIVE_FIELDS = ["completion", "secrets", "store", "fileStore", "outputFolder", "logSink", "onEvent"] as const;
const TIMEOUTS = ["startTimeoutInMs", "runTimeoutInMs", "cleanupTimeoutInMs", "pullTimeoutInMs", "heartbeatTimeoutInMs"] as const;
const LIMIT_FIELDS = [...TIMEOUTS, "doneWhen", "keep", "retry", "locations", "retryOnLost", "onRestart"] as const;
const SWITCHES = ["retryOnLost", "reject"] as const;
const KEEP = ["never", "onFailure", "always"];

// Checks the options of a function that begins a job.
export function checkRunOptions(options: RunContainerJobOptions): void {
  expectKeys("options", options, [...DRIVE_FIELDS, ...LIMIT_FIELDS, "abortSignal", "detachSignal", "reject"]);
  checkParts(options);
  for (const field of TIMEOUTS) expectPositive(field, options[field]);
  checkDoneWhen(options.doneWhen);
  checkRetryPolicy(options.retry);
  checkLocations(options.locations);
  for (const field of SWITCHES) expectBoolean(field, options[field]);
  expectSignal("detachSignal", options.detachSignal);
  if (options.onRestart !== undefined && !["fail", "continue"].includes(options.onRestart)) fail("onRestart", "one of fail, continue", options.onRestart);
  if (options.keep !== undefined && !KEEP.includes(options.keep)) fail("keep", `one of ${KEEP.join(", ")}`, options.keep);
}

// Checks the options of a function that carries one on, which may have these besides.
export function checkDriveOptions(options: DriveOptions, ...more: readonly string[]): void {
  expectKeys("options", options, [...DRIVE_FIELDS, ...more]);
  checkParts(options);
}

function checkParts({ completion, fileStore, outputFolder, secrets, store, logSink, onEvent, abortSignal }: DriveOptions & { readonly abortSignal?: AbortSignal | undefined }): void {
  if (completion !== undefined) checkStrategy("completion", completion);
  if (outputFolder !== undefined) expectText("outputFolder", outputFolder);
  expectMethods("fileStore", fileStore, ["mount", "write", "read"], "a FileStore, such as `azureFiles()` makes");
  expectFunction("secrets", secrets);
  expectStore("store", store);
  expectMethods("logSink", logSink, ["write"], "an object with `write(lines)`");
  expectFunction("onEvent", onEvent);
  expectSignal("abortSignal", abortSignal);
}

// The limits of a job, with their defaults.
export function resolveLimits(options: JobLimitOptions): JobLimits {
  const doneWhen = resolveDoneWhen(options.doneWhen);
  return {
    startTimeoutInMs: options.startTimeoutInMs ?? 600_000,
    runTimeoutInMs: options.runTimeoutInMs ?? 86_400_000,
    cleanupTimeoutInMs: options.cleanupTimeoutInMs ?? 60_000,
    ...(options.pullTimeoutInMs === undefined ? {} : { pullTimeoutInMs: options.pullTimeoutInMs }),
    ...(options.heartbeatTimeoutInMs === undefined ? {} : { heartbeatTimeoutInMs: options.heartbeatTimeoutInMs }),
    ...(doneWhen && { doneWhen }),
    keep: options.keep ?? "never",
    retry: resolveRetry(options.retry, options.locations),
    ...(options.retryOnLost === undefined ? {} : { retryOnLost: options.retryOnLost }),
    ...(options.onRestart === undefined ? {} : { onRestart: options.onRestart }),
  };
}
