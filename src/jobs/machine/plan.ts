import type { Identity } from "../../lifecycle/identity.js";
import type { LookView, NextCheck } from "../../completion-strategy.js";
import type { RetryPlan } from "./outcome/retry.js";

// What a job may take and what becomes of its group. Stored in the handle, so that who carries on keeps to it.
export interface JobLimits {
  readonly startTimeoutInMs: number;
  readonly runTimeoutInMs: number;
  readonly cleanupTimeoutInMs: number;
  /** How long pulling may take, which then is no part of the time to start. */
  readonly pullTimeoutInMs?: number | undefined;
  /** How long a container that runs may be silent. */
  readonly heartbeatTimeoutInMs?: number | undefined;
  /** What ends the job; undefined for the end of its main container. */
  readonly doneWhen?: DoneWhenPlan | undefined;
  readonly keep: "never" | "onFailure" | "always";
  /** What is tried again with a new group; undefined for nothing, as in handles of old. */
  readonly retry?: RetryPlan | undefined;
  /** `false` for work that must not be begun twice, whatever is not known of its first group. */
  readonly retryOnLost?: boolean | undefined;
  /** Whether a run that the platform began anew is what is waited for. */
  readonly onRestart?: "fail" | "continue" | undefined;
}

/** What ends a job, where that is not the end of one container: that of all, or a line of the main one's log. */
export type DoneWhenPlan = "all" | { readonly logLine: string | { readonly source: string; readonly flags: string } };

/** What of a job a strategy decides on, as far as the machine knows it. */
export type WatchView = Omit<LookView, "job" | "earlierRuns">;

// All that the decisions rest on and that does not change while a job lives.
export interface Plan {
  readonly key: string;
  readonly identity: Identity;
  readonly limits: JobLimits;
  /** The container whose end is the end of the job. */
  readonly main: string;
  /** The name of a group is this, a hyphen and the number of the attempt. */
  readonly nameBase: string;
  /** True if nobody else can know the key, so that nothing needs to be looked for. */
  readonly isKeyNew: boolean;
  /** True if another process may have had the job before, and done more than its handle says. */
  readonly isTakenUp: boolean;
  /** True if somebody reads the output while it grows. */
  readonly isStreaming: boolean;
  /** Whether signals can be heard, so that silence means something. */
  readonly isHearing: () => boolean;
  /** When to look at the group next: what the completion strategy says, made harmless. */
  readonly nextCheck: (view: WatchView) => NextCheck;
  /** The outputs to collect, by name; undefined for a job without files. */
  readonly outputs?: Readonly<Record<string, string>> | undefined;
}
