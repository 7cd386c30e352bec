import type { AciClient } from "../../client/aci-client.js";
import { partsOf, type ClientParts } from "../../client/parts.js";
import { redactor, secretsIn } from "../../internal/redact.js";
import { tellListener } from "../../lifecycle/tell-listener.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";
import type { CompletionStrategy, JobShape, NextCheck } from "../../completion-strategy.js";
import { nextCheckOf } from "../../completion/harmless.js";
import type { Signal } from "../../signal.js";
import { planOf, type WholeHandle } from "./job-handle.js";
import type { Turn } from "../machine/moves.js";
import type { Plan, WatchView } from "../machine/plan.js";
import type { MachineState, Observation } from "../machine/state.js";
import type { DriveOptions } from "../options/run-options.js";
import type { ContainerJobSpec } from "../spec/job-spec.js";
import { jobView, shapeOf } from "../watch/job-view.js";
import { upToDate } from "../watch/up-to-date.js";
import { strategyOf } from "../watch/strategy-of.js";
import { JobLogs } from "./job-logs.js";

// A job in the hands of one process: the data, and the live things that it takes to move it.
export interface ActiveJob {
  readonly parts: ClientParts;
  plan: Plan;
  /** How it is watched. */
  strategy: CompletionStrategy;
  /** Signals that are taken, and that the strategy has not been told so of. */
  signals: readonly Signal[];
  /** Those that its host has told it of in this step. They are nowhere else. */
  given: readonly Signal[];
  /** By their ids, those that were heard lately: from when on one is news if it comes again. */
  readonly heard: Map<string, number>;
  /** Its strategy is not asked for signals before this. */
  deafUntil: number;
  /** Its strategy, which did not take an acknowledgement, is not told again before this. */
  untoldUntil: number;
  /** How often a create was put off because what it needs took long. */
  heldUp: number;
  /** What has come without being asked for, for the next step. */
  news: Observation | undefined;
  /** With its secret values, where this process was given them. */
  readonly spec: ContainerJobSpec<string> | undefined;
  /** What a strategy may know of the spec. */
  readonly shape: JobShape;
  readonly options: DriveOptions;
  readonly logs: JobLogs;
  /** Takes out of a text what this process knows of the job's secrets. */
  hide: (text: string) => string;
  handle: WholeHandle;
  /** The version of what the store has; `absent` before anything was written. */
  storeVersion: string;
  /** The intent or the result in the handle is known to be kept by whoever gave it to us. */
  isSaved: boolean;
}

// Takes a job up.
export function activate(client: AciClient, handle: WholeHandle, options: DriveOptions, more: { spec?: ContainerJobSpec<string>; isKeyNew?: boolean; isTakenUp?: boolean; isSaved?: boolean } = {}): ActiveJob {
  const parts = partsOf(client);
  const { spec = handle.spec, isKeyNew = false, isTakenUp = false, isSaved = isTakenUp } = more;
  const { strategy, isReplaced } = strategyOf(handle.completion, options.completion);
  const nextCheck = (view: WatchView): NextCheck => {
    const whole = jobView(job);
    return upToDate(() => parts.history.of(whole.kind), (earlierRuns) => nextCheckOf(job.strategy, { ...view, job: whole, earlierRuns }));
  };
  const plan = planOf(handle, parts.owner, { isKeyNew, isTakenUp, isStreaming: options.logSink !== undefined, isHearing: () => job.strategy.receive !== undefined, nextCheck });
  const hide = redactor(secretsIn([spec, spec?.files && options.fileStore?.mount()]));
  const job: ActiveJob = { parts, plan, strategy, signals: [], given: [], heard: new Map(), deafUntil: 0, untoldUntil: 0, heldUp: 0, news: undefined, spec, shape: shapeOf(spec, handle), options, logs: new JobLogs(options.logSink), hide, handle, storeVersion: "absent", isSaved };
  if (isReplaced) tellReplaced(job);
  return job;
}

// What is decided with now.
export function momentOf({ plan, handle: { state }, parts: { clock, azureClock } }: ActiveJob): Turn {
  return { plan, state, now: clock.now(), behindInMs: azureClock.behindInMs };
}

// A strategy that is needed here and was not given costs requests or time, never the job.
function tellReplaced(job: ActiveJob): void {
  tell(job, { type: "jobCompletionReplaced", strategy: job.handle.completion?.name ?? "" });
}

/** What a driver tells of a job by itself: what the machine has no part in. */
type DriverEvent = Pick<LifecycleEvent & { type: "jobCompletionReplaced" }, "type" | "strategy"> | Pick<LifecycleEvent & { type: "jobFault" }, "type" | "request" | "kind" | "text">;

// Tells who listens, and leaves the job where it is.
export function tell(job: ActiveJob, event: DriverEvent): void {
  const { key, state } = job.handle;
  moveTo(job, state, [{ ...event, key, groupName: state.groupName, attempt: state.attempt, at: new Date(job.parts.clock.now()).toISOString() }]);
}

// Sets the state of a job and tells who listens.
export function moveTo(job: ActiveJob, state: MachineState, events: readonly LifecycleEvent[]): void {
  if (state.attempt !== job.handle.state.attempt) job.logs.forget();
  job.handle = { ...job.handle, state };
  for (const event of events) {
    tellListener(job.options.onEvent, event);
    tellListener(job.parts.onEvent, event);
  }
}
