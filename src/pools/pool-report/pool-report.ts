import { expectKeys, expectPositive, expectText } from "../../lifecycle/expect.js";
import type { PoolEvent, PoolFinishedEvent, PoolJobEvent } from "../job-pool/pool-event.js";
import { pageOf } from "./page/page.js";
import { finish, note, type ReportedJob } from "./reported-job.js";
import { short } from "./short.js";
import { summarize } from "./summary.js";
import { Totals } from "./totals.js";

/** Options of {@link PoolReport}. @public */
export interface PoolReportOptions {
  /** What stands above the report. @defaultValue `"Pool report"` */
  readonly title?: string | undefined;
  /**
   * How many groups of jobs that are over are kept row by row, about 1 KB each. Beyond that the oldest ones are in the counts only:
   * outcomes, requests, retries and cost stay complete, while rows, durations and charts are of the newest.
   *
   * @defaultValue `20_000`
   */
  readonly maxRows?: number | undefined;
}

/**
 * Listens to a {@link JobPool} and makes a page of HTML of its run: who waited, provisioned, pulled and ran when, how long, and what
 * it took in requests, retries and money.
 *
 * @remarks
 * The page is one file that asks for nothing from anywhere, and works from a disk. It has the keys of jobs, names of groups,
 * locations, and why jobs failed, in one sentence; no logs, commands or environments. One report is for one pool.
 *
 * @example
 * ```ts
 * const report = new PoolReport({ title: "Nightly transcodes" });
 * await using pool = new JobPool(client, { onEvent: report.listen });
 * await Promise.allSettled(videos.map((video) => pool.run({ image: "transcoder:2", command: ["transcode", video] })));
 * await writeFile("report.html", report.toHtml());
 * ```
 * @public
 */
export class PoolReport {
  readonly #title: string;
  readonly #maxRows: number;
  readonly #totals = new Totals();
  readonly #open = new Map<number, ReportedJob>();
  // Those that are over, in the order in which they ended.
  readonly #over = new Set<ReportedJob>();
  #rows = 0;
  #dropped = 0;
  #firstAt: number | undefined;
  #lastAt = 0;

  /** @throws TypeError or RangeError if an option cannot be right. */
  constructor(options: PoolReportOptions = {}) {
    expectKeys("options", options, ["title", "maxRows"]);
    const { title = "Pool report", maxRows = 20_000 } = options;
    expectText("title", title);
    expectPositive("maxRows", maxRows, 1);
    this.#title = title;
    this.#maxRows = maxRows;
  }

  /** Hears one event. It may be given as `onEvent` as it is, or called by a listener of yours. */
  readonly listen = (event: PoolEvent | PoolJobEvent): void => {
    const at = Date.parse(event.at);
    this.#firstAt ??= at;
    this.#lastAt = Math.max(this.#lastAt, at);
    if (event.type === "poolQueued") this.#open.set(event.id, { id: event.id, key: event.key === undefined ? undefined : short(event.key), queuedAt: at, attempts: [] });
    const job = this.#open.get(event.id);
    if (job !== undefined) this.#hear(job, event, at);
  };

  /** The page, as things stood at the last event. It may be asked for while jobs run. */
  toHtml(): string {
    const jobs = [...this.#over, ...this.#open.values()].sort((one, other) => one.id - other.id);
    const time = { fromAt: this.#firstAt ?? this.#lastAt, untilAt: this.#lastAt };
    return pageOf(summarize({ title: this.#title, ...time, jobs, dropped: this.#dropped, counts: this.#totals.counts() }));
  }

  #hear(job: ReportedJob, event: PoolEvent | PoolJobEvent, at: number): void {
    switch (event.type) {
      case "poolQueued":
        return;
      case "poolStarted":
        job.startedAt ??= at;
        return;
      case "poolFinished":
        this.#finish(job, event, at);
        return;
      default:
        this.#totals.hear(event);
        note(job, event);
    }
  }

  #finish(job: ReportedJob, event: PoolFinishedEvent, at: number): void {
    finish(job, event, at);
    this.#totals.finish(event.result, job.isKnown === true);
    this.#open.delete(job.id);
    this.#over.add(job);
    this.#rows += rowsOf(job);
    for (const oldest of this.#over) {
      if (this.#rows <= this.#maxRows) return;
      this.#over.delete(oldest);
      this.#rows -= rowsOf(oldest);
      this.#dropped += rowsOf(oldest);
    }
  }
}

// One that came to an error before anything was begun has a row, too.
function rowsOf({ attempts }: ReportedJob): number {
  return Math.max(1, attempts.length);
}
