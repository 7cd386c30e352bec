import type { Environment, InitContainerSpec, MountSpec, VolumeSpec } from "./container-spec.js";
import type { JsonObject } from "./json.js";
import type { Signal } from "./signal.js";

/**
 * How it is learnt that a job may have ended. A plug-in: {@link poll}, {@link webhook}, {@link firstOf}, or an object of
 * your own.
 *
 * @remarks
 * A strategy says when to look, and what to put into the container so that it reports. It never says how a job ended: a
 * look at the group decides that, so a strategy that lies, throws or hangs costs requests or time, and nothing else.
 * Every part is optional, and every job is looked at now and then whatever its strategy does.
 *
 * A strategy is immutable and has no state of its own per job, so one object serves any number of jobs. Handles keep its
 * name and parameters; the object is given again where a job is resumed.
 *
 * @public
 */
export interface CompletionStrategy {
  /** Its name in handles and events. */
  readonly name: string;
  /** What it was made with, for handles. No secrets. */
  readonly parameters?: JsonObject | undefined;
  /**
   * The longest time without a look at a job, at most 10 minutes: pauses of `nextCheck` are cut to it. A
   * {@link cancelContainerJob} leaves so much time to who waits for the job.
   *
   * @defaultValue 10 minutes where there is a `nextCheck`, 30 seconds where there is none
   */
  readonly longestPauseInMs?: number | undefined;
  /** Called at once where a job is begun. Throws a TypeError where the job cannot be watched in this way. */
  check?(job: JobShape): void;
  /**
   * What the container needs in order to report. Asked at each create, and must give the same for the same job: creates
   * that are sent again are to be equal. Given up after 10 seconds; the job then runs without.
   */
  prepare?(job: JobView): Preparation | Promise<Preparation>;
  /**
   * When to look next. Must be pure: it is asked after every look and every signal.
   *
   * @defaultValue the schedule of {@link poll} at its pace `frugal`
   */
  nextCheck?(view: LookView): NextCheck;
  /**
   * Waits for signals of a job, up to `waitInMs`, and answers those that there are; an empty list when time is up. What it
   * answers it answers again until it is acknowledged. Must let go of everything when `abortSignal` is aborted.
   */
  receive?(job: JobView, options: ReceiveOptions): Promise<readonly Signal[]>;
  /**
   * Signals that have done their work, and need not be given again. Called once the handle is saved: the job may have gone on to
   * another attempt by then, and each signal says by its `groupName` which one it is about.
   */
  acknowledge?(job: JobView, signals: readonly Signal[]): Promise<void>;
  /**
   * Leaves a signal for whoever waits for its group, in whatever process: {@link cancelContainerJob} says in this way that there
   * is something to be seen.
   */
  send?(signal: Signal): Promise<void>;
  /** Told of every run whose times are known, so that later ones can be looked at in time. */
  learn?(job: JobView, run: EarlierRun): void | Promise<void>;
}

/** What a strategy knows of a job. @public */
export interface JobView extends JobShape {
  readonly key: string;
  readonly attempt: number;
  /** The name of its container group: that of the attempt, so no two attempts have the same. */
  readonly groupName: string;
}

/** What a strategy knows of a job by its spec alone. @public */
export interface JobShape {
  /** The same for jobs that can be expected to take about as long: a hash of image, command and size. */
  readonly kind: string;
  /** The main container's image, and its command where the spec has one. */
  readonly image?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly osType: "Linux" | "Windows";
}

/** What a strategy adds to the main container and its group. @public */
export interface Preparation {
  readonly environment?: Environment | undefined;
  /** Takes the place of the command of the spec. */
  readonly command?: readonly string[] | undefined;
  readonly initContainers?: readonly InitContainerSpec[] | undefined;
  readonly volumes?: readonly VolumeSpec[] | undefined;
  readonly mounts?: readonly MountSpec[] | undefined;
}

/** What {@link CompletionStrategy.nextCheck} decides on. @public */
export interface LookView {
  readonly job: JobView;
  /** `starting` until the main container was seen to run. */
  readonly phase: "starting" | "running";
  /** Time since Azure accepted the group. */
  readonly acceptedForInMs: number;
  /** Time since the main container started; undefined while it is starting. */
  readonly runningForInMs?: number | undefined;
  /** Time since the last look, or since Azure accepted the group where there was none. */
  readonly unseenForInMs: number;
  /** Looks at the group so far in this phase. */
  readonly looks: number;
  /** The last signal of each kind: how long ago it came, and how often the group was looked at since. */
  readonly signals: { readonly [kind in Signal["kind"]]?: { readonly agoInMs: number; readonly looksSince: number } };
  /** The latest runs of jobs of this kind, as far as this client knows them, newest first. */
  readonly earlierRuns: readonly EarlierRun[];
}

/** When to look next, in time from now. @public */
export interface NextCheck {
  /** A look before this is not worth its request. 0 for at once. */
  readonly earliestInMs: number;
  /** A look must come by then, however short requests are. @defaultValue the next deadline of the job */
  readonly latestInMs?: number | undefined;
  /**
   * Where requests are short, the job of the highest urgency is looked at next: the delay with which its end would be seen, in
   * milliseconds, times the chance that it has come, after it was not looked at for so long. Has to be quick: it is asked for
   * all jobs that wait.
   *
   * @defaultValue how long it was not looked at
   */
  readonly urgency?: ((unseenForInMs: number) => number) | undefined;
}

/** How long a job took. @public */
export interface EarlierRun {
  /** From Azure's acceptance of the group to the start of the main container; undefined if that was not observed. */
  readonly startedAfterInMs?: number | undefined;
  /** From the start of the main container to its end, by the service's own clock. */
  readonly ranForInMs: number;
  readonly hasSucceeded: boolean;
}

/** Options of {@link CompletionStrategy.receive}. @public */
export interface ReceiveOptions {
  readonly waitInMs: number;
  readonly abortSignal: AbortSignal;
}
