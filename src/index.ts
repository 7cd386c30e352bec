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
export type { DoneWhen } from "./jobs/options/done-when.js";
export type { DriveOptions, JobLimitOptions, RunContainerJobOptions, StartContainerJobOptions } from "./jobs/options/run-options.js";
export type { JobHandle, JobRef } from "./jobs/drive/job-handle.js";
export type { JobPoller, JobState } from "./jobs/job-poller.js";
export type { JobPhase } from "./jobs/machine/state.js";
export type { CostEstimate, FailedJob, JobAttempt, JobContainer, JobEvent, JobFacts, JobFault, JobOutcome, JobOutput, JobOutputs, JobResult, JobTimings, SucceededJob } from "./job-result.js";
export type { JobEventBase, LifecycleEvent } from "./lifecycle-event.js";

// ── How a job's end is learnt ────────────────────────────────────────────────────────────────────────────────────────
export { webhook, type WebhookAnswer, type WebhookStrategy } from "./completion/webhook/webhook.js";
export type { WebhookCall } from "./completion/webhook/calls.js";
export type { WebhookOptions } from "./completion/webhook/options.js";
export { reportingStrategy, type ReportingStrategyOptions } from "./completion/reporting/reporting-strategy.js";
export { readReport, type Report } from "./completion/reporting/read-report.js";
export type { ReportOptions } from "./completion/reporting/report-options.js";
export { firstOf } from "./completion/first-of.js";
export { memoryMailbox } from "./completion/memory-mailbox.js";
export { poll, type PollOptions } from "./completion/poll.js";
export { RunHistory } from "./completion/run-history.js";
export type { CompletionStrategy, EarlierRun, JobShape, JobView, LookView, NextCheck, Preparation, ReceiveOptions } from "./completion-strategy.js";
export type { Mailbox, Signal } from "./signal.js";

// ── One container group ─────────────────────────────────────────────────────────────────────────────────────────────
export { AciClient } from "./client/aci-client.js";
export { RequestBudget, type RequestBudgetOptions } from "./budget/request-budget.js";
export type { AciClientOptions, AttachOptions, AwaitOptions, CallOptions, CollectedLogs, CreateOptions, DeleteOptions, LogOptions } from "./client/options.js";
export type { ExecOptions } from "./terminals/exec-options.js";
export type { ExecSession, TerminalSession } from "./terminals/terminal-session.js";
export type { ContainerEvent, ContainerGroupSpec, ContainerSnapshot, ContainerState, RestartPolicy, Snapshot } from "./container-group.js";
export type {
  AddressSpec,
  AzureFileVolume,
  ContainerSpec,
  EmptyDirVolume,
  Environment,
  GitRepoVolume,
  GroupSettings,
  IdentitySpec,
  InitContainerSpec,
  LogAnalyticsSpec,
  MountSpec,
  PortSpec,
  ProbeSpec,
  RegistrySpec,
  SecretSource,
  SecretValue,
  SecretVolume,
  VolumeSpec,
} from "./container-spec.js";

// ── Pools ───────────────────────────────────────────────────────────────────────────────────────────────────────────
export { JobPool } from "./pools/job-pool/job-pool.js";
export type { JobPoolOptions, MapOptions, PoolLocation, PoolRunOptions } from "./pools/job-pool/options.js";
export type { PoolEvent, PoolEventBase, PoolFinishedEvent, PoolJobEvent } from "./pools/job-pool/pool-event.js";
export type { PoolStats } from "./pools/job-pool/pool-stats.js";
export { PoolReport, type PoolReportOptions } from "./pools/pool-report/pool-report.js";
export type { ServerSpec } from "./pools/server-spec.js";
export { ServerPool } from "./pools/server-pool/server-pool.js";
export type { ServerPoolOptions } from "./pools/server-pool/options.js";
export type { PoolServer } from "./pools/server-pool/rows/pool-server.js";
export type { PoolAction, PoolFault, ReconcileReport } from "./pools/server-pool/reconcile/reconcile-report.js";
export type { PoolRunLoopOptions } from "./pools/server-pool/reconcile/run-loop.js";
export type { Session } from "./pools/server-pool/sessions/session.js";
export type { AcquireOptions } from "./pools/server-pool/sessions/acquire.js";
export type { SessionCount } from "./pools/server-pool/sessions/report.js";
export { bySessions, type BySessionsOptions } from "./pools/scaling/by-sessions.js";
export { byBacklog, type BacklogBase, type ByBacklogOptions } from "./pools/scaling/by-backlog.js";
export type { ScalingRule, ScalingView } from "./pools/scaling/scaling-rule.js";
export { ensureServer } from "./pools/ensure-server/ensure-server.js";
export type { EnsureServerOptions } from "./pools/ensure-server/options.js";
export type { HealthCheck } from "./pools/servers/health-check.js";
export type { Server } from "./pools/servers/server.js";
export { jobOptionsFromPod, jobSpecFromPod, serverSpecFromPod } from "./pools/from-pod/from-pod.js";
export { PodManifestError, type PodManifestProblem } from "./pools/from-pod/manifest-error.js";
export type { PodSources } from "./pools/from-pod/pod-sources.js";
export { toPodStatus } from "./pools/to-pod-status/to-pod-status.js";
export type { PodCondition, PodContainerState, PodContainerStatus, PodStatus } from "./pools/to-pod-status/pod-status.js";

// ── What outlived its time ──────────────────────────────────────────────────────────────────────────────────────────
export { sweep } from "./sweep/sweep.js";
export type { SweepOptions } from "./sweep/sweep-options.js";
export type { SweepAction, SweepReport, SweptGroup } from "./sweep/sweep-report.js";

// ── Errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────
export { AciError, CleanupError, isAciError, type AciErrorCode, type AciErrorDetails } from "./errors.js";
export { ContainerJobError, isContainerJobError, isJobDetachedError, JobDetachedError } from "./jobs/drive/job-errors.js";

// ── What you can bring ──────────────────────────────────────────────────────────────────────────────────────────────
export { folderStore } from "./stores/folder-store.js";
export { memoryStore } from "./stores/memory-store.js";
export type { JobStore, StoredEntry, StoredValue } from "./store.js";
export type { LogLine, LogSink } from "./log-sink.js";
export type { FileCallOptions, FileContent, FileStore, StoredFile } from "./files.js";
export type { Clock } from "./internal/clock.js";
export type { JsonObject, JsonValue } from "./json.js";
