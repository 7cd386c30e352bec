import type { JobContainer, JobResult } from "../../job-result.js";
import { LogMerger, partStamp, truncationOf } from "../../lifecycle/merge-logs.js";
import type { LogLine, LogSink } from "../../log-sink.js";
import type { LogNote } from "../machine/state.js";

const TAIL_IN_BYTES = 16 * 1024;

interface Kept {
  /** How often the container had been begun anew when it was read. */
  run: number;
  readonly merger: LogMerger;
  text: string;
  isTruncated: boolean | "unknown";
}

/** What one read gave. */
interface LogWindow {
  readonly containerName: string;
  readonly run: number;
  readonly window: string;
  readonly isFinal: boolean;
}

// The output of a job's containers as far as this process has read it. The handle keeps only the end of it.
export class JobLogs {
  readonly #kept = new Map<string, Kept>();
  readonly #sink: LogSink | undefined;

  constructor(sink: LogSink | undefined) {
    this.#sink = sink;
  }

  // With a sink logs are read while they grow, and need stamps to be joined.
  get isStreaming(): boolean {
    return this.#sink !== undefined;
  }

  // Forgets an attempt: the next one has a log of its own.
  forget(): void {
    this.#kept.clear();
  }

  // Takes what a read gave and answers what the handle is to keep.
  async take({ containerName, run, window, isFinal }: LogWindow): Promise<LogNote> {
    const kept = this.#kept.get(containerName) ?? { run, merger: new LogMerger(), text: "", isTruncated: false };
    if (run !== kept.run) beginAnew(kept, run);
    this.#kept.set(containerName, kept);
    if (this.#sink === undefined) {
      kept.text = window;
      kept.isTruncated = truncationOf(window);
    } else {
      await this.#stream(kept, containerName, window, isFinal);
    }
    const tail = lastBytes(kept.text);
    return { tail, isTruncated: kept.isTruncated, ...(tail === kept.text ? {} : { isCut: true }) };
  }

  // A result with the whole logs in place of their ends.
  complete<R extends JobResult>(result: R, main: string): R {
    const containers = Object.entries(result.containers).map(([name, container]) => [name, this.#completed(name, container)] as const);
    const log = this.#kept.get(main);
    return { ...result, ...(log && { logs: log.text, isLogTruncated: log.isTruncated }), containers: Object.fromEntries(containers) };
  }

  #completed(containerName: string, container: JobContainer): JobContainer {
    const log = this.#kept.get(containerName);
    return log === undefined ? container : { ...container, logs: log.text, isLogTruncated: log.isTruncated };
  }

  async #stream(kept: Kept, containerName: string, window: string, isFinal: boolean): Promise<void> {
    const isFirst = kept.text === "";
    const { fresh, isGap } = kept.merger.add(window, isFinal);
    if (isGap || (isFirst && truncationOf(window) === true)) kept.isTruncated = true;
    const gap: LogLine[] = isGap ? [{ containerName, text: "… lines are missing here …", isGap: true }] : [];
    const lines = [...gap, ...fresh.map((line) => ({ containerName, ...partStamp(line) }))];
    if (lines.length === 0) return;
    kept.text += lines.map(({ text }) => `${text}\n`).join("");
    try {
      await this.#sink?.write(lines);
    } catch {
      // A sink's trouble is not the job's: the lines are in the result all the same.
    }
  }
}

// The log of a container that was begun anew begins again, and the end of the one before was hardly read.
function beginAnew(kept: Kept, run: number): void {
  kept.run = run;
  kept.merger.reset();
  kept.isTruncated = true;
}

function lastBytes(text: string): string {
  if (Buffer.byteLength(text) <= TAIL_IN_BYTES) return text;
  // A cut inside a character leaves marks of broken bytes at the start, which are dropped.
  return Buffer.from(text).subarray(-TAIL_IN_BYTES).toString().replace(/^\uFFFD+/u, "");
}
