import type { ReportedJob } from "./reported-job.js";
import { overTime, type OverTime } from "./over-time.js";
import { rowsOf, type Row } from "./rows.js";
import { PHASES, type Phase } from "./spans.js";
import type { Counts } from "./totals.js";

/** How long something took, over all that have been through it. */
export interface Durations {
  readonly phase: Phase | "all";
  readonly count: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly longest: number;
  readonly sum: number;
}

/** What is said of a run. */
export interface Summary {
  readonly title: string;
  readonly fromAt: number;
  readonly untilAt: number;
  readonly counts: Counts;
  readonly jobs: { readonly waiting: number; readonly underWay: number; readonly over: number };
  /** Jobs a minute that came to an end for which something was done. */
  readonly perMinute: number | undefined;
  readonly durations: readonly Durations[];
  readonly overTime: OverTime;
  readonly rows: readonly Row[];
  /** Rows that are in the counts only. */
  readonly dropped: number;
}

/** What a report has heard. */
export interface Heard extends Pick<Summary, "title" | "fromAt" | "untilAt" | "counts" | "dropped"> {
  readonly jobs: readonly ReportedJob[];
}

/** Puts together what the page says. */
export function summarize({ jobs, ...heard }: Heard): Summary {
  const { counts, fromAt, untilAt, dropped } = heard;
  const rows = jobs.flatMap((job) => rowsOf(job, untilAt));
  const over = Object.values(counts.outcomes).reduce((sum, count) => sum + count, 0) + counts.rejected;
  const open = jobs.filter(({ finishedAt }) => finishedAt === undefined);
  const waiting = open.filter(({ startedAt }) => startedAt === undefined).length;
  const done = over - counts.known - (counts.outcomes.notRun ?? 0);
  return {
    ...heard,
    jobs: { waiting, underWay: open.length - waiting, over },
    perMinute: untilAt > fromAt ? (done * 60_000) / (untilAt - fromAt) : undefined,
    durations: durationsOf(jobs.filter(({ finishedAt }) => finishedAt !== undefined), untilAt),
    overTime: overTime(rows, dropped > 0 ? rows.reduce((first, { spans }) => Math.min(first, spans.fromAt), untilAt) : fromAt, untilAt),
    rows,
  };
}

// Of jobs that are over and for which something was done: each of their groups, and the whole of them.
function durationsOf(over: readonly ReportedJob[], now: number): readonly Durations[] {
  const done = over.filter(({ isKnown, outcome }) => isKnown !== true && outcome !== "notRun");
  const groups = done.flatMap((job) => rowsOf(job, now)).filter(({ attempt }) => attempt !== undefined);
  const phases = PHASES.flatMap((phase) => describe(phase, groups.flatMap(({ spans }) => spans.inMs[phase] ?? [])));
  return [...phases, ...describe("all", done.map(({ finishedAt = now, queuedAt }) => finishedAt - queuedAt))];
}

function describe(phase: Durations["phase"], values: readonly number[]): readonly Durations[] {
  if (values.length === 0) return [];
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return [{ phase, count: values.length, median: at(0.5), p90: at(0.9), p99: at(0.99), longest: at(1), sum: sorted.reduce((sum, ms) => sum + ms, 0) }];
}
