import type { JobOutcome } from "../../job-result.js";
import type { ReportedAttempt, ReportedJob } from "./reported-job.js";
import { spansOf, type Spans } from "./spans.js";

/** How a row stands: how it ended, or what it does. */
export type RowState = JobOutcome | "waiting" | "underWay" | "noResult";

/** One group of a job, or a job that has none, as the page shows it. */
export interface Row {
  readonly id: number;
  readonly key: string | undefined;
  /** Undefined where nothing was begun. */
  readonly attempt: number | undefined;
  readonly groupName: string | undefined;
  readonly location: string | undefined;
  readonly state: RowState;
  readonly text: string | undefined;
  readonly spans: Spans;
  /** Those of the whole job; undefined where another attempt follows, or none is known yet. */
  readonly requests: number | undefined;
  readonly cost: number | undefined;
}

const KNOWN = "The store had its result already";

/** The rows of a job, one for each attempt that was heard of. */
export function rowsOf(job: ReportedJob, now: number): readonly Row[] {
  if (job.attempts.length === 0) return [withoutGroup(job, now)];
  return job.attempts.map((attempt, index) => rowOf(job, attempt, { isLast: index === job.attempts.length - 1, now }));
}

function rowOf(job: ReportedJob, attempt: ReportedAttempt, { isLast, now }: { readonly isLast: boolean; readonly now: number }): Row {
  const isBegun = job.isKnown !== true && job.outcome !== "notRun";
  return {
    id: job.id,
    key: job.key,
    attempt: isBegun ? attempt.attempt : undefined,
    groupName: isBegun ? attempt.groupName : undefined,
    location: attempt.location,
    state: attempt.outcome ?? (job.finishedAt === undefined ? "underWay" : "noResult"),
    text: job.isKnown === true ? KNOWN : isLast ? (attempt.text ?? job.text) : attempt.text,
    spans: spansOf(attempt, now),
    requests: isLast ? job.requests : undefined,
    cost: attempt.cost,
  };
}

// One that waits, is just begun, or never was.
function withoutGroup({ id, key, queuedAt, startedAt, finishedAt, text }: ReportedJob, now: number): Row {
  const spans = spansOf({ attempt: 1, groupName: "", fromAt: queuedAt, overAt: finishedAt }, now);
  const state = finishedAt !== undefined ? "noResult" : startedAt === undefined ? "waiting" : "underWay";
  return { id, key, attempt: undefined, groupName: undefined, location: undefined, state, text, spans, requests: undefined, cost: undefined };
}
