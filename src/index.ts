// ── Jobs ────────────────────────────────────────────────────────────────────────────────────────────────────────────
export { runContainerJob } from "./jobs/run-container-job.js";
export { startContainerJob } from "./jobs/start-container-job.js";
export { stepContainerJob, type JobStep, type StepContainerJobOptions } from "./jobs/step-container-job.js";
export { beginContainerJob } from "./jobs/begin-container-job.js";
export { resumeContainerJob } from "./jobs/resume-container-job.js";
export { findContainerJob } from "./jobs/find-container-job.js";
export { cancelContainerJob, type CancelContainerJobOptions } from "./jobs/cancel-container-job.js";
export type { ContainerJobSpec } from "./jobs/spec/job-spec.js";
export type { JobFiles, JobInput } from "./jobs/files/job-files.js";
export type { RetryPolicy, RetryReason } from "./jobs/options/retry-policy.js";
export type { DriveOptions, JobLimitOptions, RunContainerJobOptions, StartContainerJobOptions } from "./jobs/options/run-options.js";
export type { JobHandle, JobRef } from "./jobs/drive/job-handle.js";
export type { JobPoller, JobState } from "./jobs/job-poller.js";
export type { JobPhase } from "./jobs/machine/state.js";
export type { CostEstimate, FailedJob, JobAttempt, JobContainer, JobEvent, JobFacts, JobFault, JobOutcome, JobOutput, JobOutputs, JobResult, JobTimings, SucceededJob } from "./job-result.js";
export type { JobEventBase, LifecycleEvent } from "./lifecycle-event.js";

// ── How a job's end is learnt ────────────────────────────────────────────────────────────────────────────────────────
export { poll, type PollOptions } from "./completion/poll.js";
export { RunHistory } from "./completion/run-history.js";
