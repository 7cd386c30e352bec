import type { ContainerEvent } from "./container-group.js";
import type { AciErrorCode } from "./errors.js";

/**
 * How a job ended.
 *
 * - `succeeded`: the main container ended with exit code 0; or as the job's `doneWhen` says.
 * - `failed`: it ended otherwise, or an init container did.
 * - `timedOut`: it ran longer than `runTimeoutInMs`.
 * - `canceled`: somebody canceled it.
 * - `neverStarted`: no container of it ever ran; `error` says why.
 * - `lost`: its end could not be observed, because the group was stopped, deleted or ended by somebody else.
 * - `notRun`: it was not even tried, because Azure could not be asked whether it has been begun already, or its inputs could
 *   not be put in their place. `error` says why, and the same call may be made again.
 *
 * @public
 */
export type JobOutcome = "succeeded" | "failed" | "timedOut" | "canceled" | "neverStarted" | "lost" | "notRun";

/** What a finished job hands back. Switch on `outcome`. Plain JSON, so that it can cross processes. @public */
export type JobResult<O extends string = never> = SucceededJob<O> | FailedJob<O>;

/** The result of a job that ended well, and whose outputs are there. @public */
export interface SucceededJob<O extends string = never> extends JobFacts {
  readonly outcome: "succeeded";
  /** The main container's. Absent where a line of a log has ended the job: then the container may have run on. */
  readonly exitCode?: 0 | undefined;
  readonly outputs: JobOutputs<O>;
}

/** The result of a job that ended in any other way. @public */
export interface FailedJob<O extends string = never> extends JobFacts {
  readonly outcome: Exclude<JobOutcome, "succeeded">;
  /** What of its outputs could be had all the same. */
  readonly outputs: Partial<JobOutputs<O>>;
  /** Why, as data. */
  readonly error: JobFault;
}

/** Why a job did not succeed. @public */
export interface JobFault {
  readonly code: AciErrorCode;
  /** One sentence. */
  readonly text: string;
  readonly serviceCode?: string | undefined;
  readonly statusCode?: number | undefined;
  readonly requestId?: string | undefined;
}

/** The files that a job was asked for, by the names of its outputs. @public */
export type JobOutputs<O extends string = string> = Readonly<Record<O, readonly JobOutput[]>>;

/** One file that came out of a job. @public */
export interface JobOutput {
  /** Where it is in the file store. It stays there, unless it was fetched into a folder of this machine. */
  readonly path: string;
  readonly sizeInBytes: number;
  /** Where it is on the machine of the process that collected it, with `outputFolder`. */
  readonly localPath?: string | undefined;
}

/** What is known of a job, however it ended. @public */
export interface JobFacts {
  readonly key: string;
  readonly groupName: string;
  /** Which group of this job it was, from 1. */
  readonly attempt: number;
  readonly location: string;
  /** The attempts before it, each with a group of its own that is gone. Their cost is part of `cost`, their requests of `requests`. */
  readonly earlierAttempts: readonly JobAttempt[];
  /** The exit code of the main container, where it ended and the service told. */
  readonly exitCode?: number | undefined;
  /** The service's word for the end of the main container, `Error` for instance. */
  readonly reason?: string | undefined;
  /** The main container's output, stdout and stderr in one, as far as it could be had. */
  readonly logs: string;
  /** Whether something is missing at the start or in the middle of `logs`; ACI keeps 4 MB, and less of a stopped container. */
  readonly isLogTruncated: boolean | "unknown";
  /** Every container by name, sidecars and init containers too. */
  readonly containers: Readonly<Record<string, JobContainer>>;
  readonly events: readonly JobEvent[];
  readonly timings: JobTimings;
  /**
   * Requests to Azure for this job that were answered, or failed, in the processes that drove it. A list counts once, however many
   * pages it has. One that was broken off by an abort, a detach or a signal does not count: it may not have been sent.
   */
  readonly requests: number;
  readonly cost: CostEstimate;
  /** `pending` if the group could not be seen to be gone: see `resourceId`. `kept` if it was asked to be. */
  readonly cleanup: "done" | "pending" | "kept";
  /** The group that this is about. */
  readonly resourceId?: string | undefined;
}

/** An attempt at a job that another one followed. @public */
export interface JobAttempt {
  readonly attempt: number;
  readonly groupName: string;
  readonly location: string;
  readonly outcome: JobOutcome;
  readonly exitCode?: number | undefined;
  /** Why it did not succeed, in one sentence. */
  readonly text: string;
  /** The end of the main container's output, at most 4,096 characters. */
  readonly logs: string;
  /** By our own clock, ISO 8601 in UTC. */
  readonly beganAt: string;
  readonly endedAt: string;
  /** How long each part of it took. Absent in results that an older version has kept. */
  readonly timings?: Omit<JobTimings, "totalInMs"> | undefined;
  readonly cost: CostEstimate;
}

/** One container of a finished job. @public */
export interface JobContainer {
  readonly state: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly restartCount: number;
  readonly logs: string;
  readonly isLogTruncated: boolean | "unknown";
}

/** An event and the container that it is about; none for an event of the group. @public */
export interface JobEvent extends ContainerEvent {
  readonly containerName?: string | undefined;
}

/** How long each part took, in milliseconds; undefined where it did not happen or could not be seen. @public */
export interface JobTimings {
  /** From the start of the job until Azure accepted the group. */
  readonly queuedInMs?: number | undefined;
  /** From then until the image was being pulled, or the container started. */
  readonly provisionedInMs?: number | undefined;
  /** From the first pull to the start of the main container. */
  readonly pulledInMs?: number | undefined;
  /** The main container's own running time, by the service's clock. */
  readonly ranInMs?: number | undefined;
  /** From its end until we knew of it. Crosses two clocks. */
  readonly noticedInMs?: number | undefined;
  /** From then until its logs were read and its files collected. An empty log is read again for five seconds, because it may be late. */
  readonly collectedInMs?: number | undefined;
  /** From the request to delete until the group was seen to be gone. */
  readonly deletedInMs?: number | undefined;
  /** From the start of the job to this result. */
  readonly totalInMs: number;
}

/** What a job cost, roughly: list prices times requested size times seconds. Spot is counted at the full price. @public */
export interface CostEstimate {
  readonly amount: number;
  readonly currency: "USD";
  /** The day the rates were read. */
  readonly ratesAsOf: string;
  /** The location whose rates were used: the job's own if we have them, else `eastus`. */
  readonly ratesOf: string;
}
