import type { JobOutcome } from "./job-result.js";

/**
 * Something that happened to a job, for logs and progress bars.
 *
 * - `jobHeldBack`: it waits for its turn to create.
 * - `jobCreating`: its group is asked for. `jobAccepted`: Azure has taken it, so long after the job was begun.
 * - `jobAdopted`: its group was there already, and is taken up.
 * - `jobObserved`: its group was looked at.
 * - `jobStarted`, `jobRestarted`, `jobEnded`: its main container has started, was begun anew by the platform, and has ended.
 * - `jobFault`: a request for it has failed; `retryInMs` says when it is made again, if it is.
 * - `jobCompletionReplaced`: it was resumed without the strategy that it was begun with, and is looked at now and then.
 * - `jobCollecting`, `jobDeleting`: its logs are read, its group is deleted.
 * - `jobRetrying`: another attempt begins after a pause. `jobDone`: nothing is left to be done.
 *
 * @public
 */
export type LifecycleEvent =
  | (JobEventBase & { readonly type: "jobCreating" | "jobAdopted" | "jobCollecting" | "jobDeleting" })
  | (JobEventBase & { readonly type: "jobAccepted"; readonly queuedInMs: number })
  | (JobEventBase & { /** The request budget lets no more groups be created before that. */ readonly type: "jobHeldBack"; readonly heldBackForInMs: number })
  | (JobEventBase & { readonly type: "jobObserved"; readonly provisioningState: string; readonly state: string })
  | (JobEventBase & { readonly type: "jobStarted"; readonly startedAt?: string | undefined })
  | (JobEventBase & { readonly type: "jobFault"; readonly request: string; readonly kind: string; readonly text: string; readonly retryInMs?: number | undefined })
  | (JobEventBase & { /** It is resumed without the strategy that it was begun with, and looked at now and then. */ readonly type: "jobCompletionReplaced"; readonly strategy: string })
  | (JobEventBase & { readonly type: "jobRestarted"; readonly exitCode?: number | undefined })
  | (JobEventBase & { readonly type: "jobEnded"; readonly outcome: JobOutcome; readonly exitCode?: number | undefined })
  | (JobEventBase & { readonly type: "jobRetrying"; readonly outcome: JobOutcome; readonly location: string; readonly delayInMs: number })
  | (JobEventBase & { readonly type: "jobDone"; readonly outcome: JobOutcome; readonly cleanup: "done" | "pending" | "kept" });

/** What every {@link LifecycleEvent} tells. @public */
export interface JobEventBase {
  readonly key: string;
  readonly groupName: string;
  readonly attempt: number;
  /** ISO 8601 in UTC. */
  readonly at: string;
}
