import type { CompletionStrategy, JobShape, JobView, LookView, NextCheck, ReceiveOptions } from "../../completion-strategy.js";
import type { Environment } from "../../container-spec.js";
import type { Mailbox, Signal } from "../../signal.js";
import { afterHint } from "../after-hint.js";
import { checkJob, prepare } from "./prepare.js";
import { LONGEST_KEY } from "./read-report.js";
import { resolveReportOptions, type ReportOptions } from "./report-options.js";

/** Options of {@link reportingStrategy}. @beta */
export interface ReportingStrategyOptions extends ReportOptions {
  /** The name of the strategy, and of the function that makes it. */
  readonly name: string;
  readonly mailbox: Mailbox;
  /**
   * What the container finds in its environment; the same for the same job. The wrapper calls `ACI_JOB_CALLBACK_URL` with
   * `ACI_JOB_CALLBACK_TOKEN`, and puts messages that begin as `ACI_JOB_MESSAGE` does into the queue at `ACI_JOB_QUEUE_URL`.
   */
  readonly environment: (job: JobView) => Environment | Promise<Environment>;
}

// A container that has not said by then that it has started may never do so.
const START_LOOK_IN_MS = 30_000;
const START_LOOK_EVERY_IN_MS = 15_000;

/**
 * A strategy whose containers report by themselves, to whatever puts it into the mailbox: what {@link webhook} and
 * `storageQueue` of `aci-lifecycle/storage` are made of.
 *
 * @throws TypeError or RangeError if an option cannot be right.
 * @beta
 */
export function reportingStrategy(options: ReportingStrategyOptions): CompletionStrategy & Required<Pick<CompletionStrategy, "receive">> {
  const { name, mailbox, environment } = options;
  const resolved = resolveReportOptions(options);
  const { report, safetyIntervalInMs, heartbeatIntervalInMs } = resolved;
  return {
    name,
    parameters: { report, safetyIntervalInMs, heartbeatIntervalInMs },
    check: (job: JobShape) => checkJob(job, { ...resolved, name }),
    async prepare(job: JobView) {
      if (job.key.length > LONGEST_KEY) throw new TypeError(`Expected \`key\` to have at most ${LONGEST_KEY} characters, got ${job.key.length}: nobody would hear the container.`);
      return prepare(job, await environment(job), resolved);
    },
    longestPauseInMs: safetyIntervalInMs,
    nextCheck: (view: LookView) => nextCheck(view, safetyIntervalInMs),
    receive: (job: JobView, { waitInMs, abortSignal }: ReceiveOptions) => mailbox.receive(job.groupName, { waitInMs, abortSignal }),
    acknowledge: (_job: JobView, signals: readonly Signal[]) => acknowledge(mailbox, signals),
    send: (signal: Signal) => mailbox.put({ ...signal, source: name }),
  };
}

// Those of an attempt may have been heard before the job has gone on to the next one.
async function acknowledge(mailbox: Mailbox, signals: readonly Signal[]): Promise<void> {
  for (const name of new Set(signals.map(({ groupName }) => groupName))) {
    await mailbox.acknowledge(name, signals.filter(({ groupName }) => groupName === name).map(({ id }) => id));
  }
}

// Silence is no news: the next look comes soon after a report, or after the safety interval.
function nextCheck(view: LookView, safetyIntervalInMs: number): NextCheck {
  const hinted = afterHint(view);
  if (hinted !== undefined) return hinted;
  const hasStarted = view.phase === "running" || view.signals.started !== undefined;
  const interval = hasStarted ? safetyIntervalInMs : Math.min(safetyIntervalInMs, view.looks === 0 ? START_LOOK_IN_MS : START_LOOK_EVERY_IN_MS);
  return { earliestInMs: Math.max(0, interval - view.unseenForInMs) };
}
