import type { JobContainer, JobResult } from "../../job-result.js";
import { LogMerger, partStamp, truncationOf } from "../../lifecycle/merge-logs.js";
import type { LogLine, LogSink } from "../../log-sink.js";
import type { LogNote } from "../machine/state.js";

const TAIL_IN_BYTES = 16 * 1024;

/** Which run of a container a log is of, as far as the last look showed. */
interface Run {
  /** How often it had been begun anew. */
  readonly restarts: number;
  /** Not a number where that is not told. */
  readonly startedAt: number;
}

interface Kept {
  readonly containerName: string;
  run: Run;
  readonly merger: LogMerger;
  text: string;
  isTruncated: boolean | "unknown";
}

/** What one read gave. */
interface LogWindow {
  readonly containerName: string;
  readonly run: Run;
  readonly window: string;
  readonly isFinal: boolean;
}

// The output of a job's containers as far as this process has read it. The handle keeps only the end of it.
export class JobLogs {
  // Few, and none until something is read.
  #kept: readonly Kept[] = [];
  readonly #sink: LogSink | undefined;

  constructor(sink: LogSink | undefined) {
    this.#sink = sink;
  }

  // Logs that are read while they grow need stamps to be joined.
  isJoined(containerName: string, isFinal: boolean): boolean {
    return this.#sink !== undefined || !isFinal || this.#of(containerName) !== undefined;
  }

  // Forgets an attempt: the next one has logs of its own. Where another process has ended the job, `read` tells which logs
  // were read to their end here: those stay. What is empty may have been read too early.
  forget(read: Readonly<Record<string, LogNote>> = {}): void {
    this.#kept = this.#kept.filter(({ containerName: name, text }) => text !== "" && read[name] !== undefined && read[name].isEndMissing !== true);
  }

  // Takes what a read gave, and answers what the handle is to keep and the lines that were not there before.
  async take({ containerName, run, window, isFinal }: LogWindow): Promise<{ readonly note: LogNote; readonly lines: readonly string[] }> {
    const isJoined = this.isJoined(containerName, isFinal);
    const kept = this.#of(containerName) ?? this.#add(containerName, run);
    if (isAnother(run, kept.run)) beginAnew(kept, run);
    else if (Number.isNaN(kept.run.startedAt)) kept.run = run;
    const lines = isJoined ? newLines(kept, containerName, window, isFinal) : wholeLines(containerName, window);
    if (isJoined) {
      await this.#join(kept, lines, isFinal && !window.endsWith("\n"));
    } else {
      kept.text = window;
      kept.isTruncated = truncationOf(window);
    }
    const tail = lastBytes(kept.text);
    const note = { tail, isTruncated: kept.isTruncated, ...(tail === kept.text ? {} : ({ isCut: true } as const)) };
    return { note, lines: lines.filter(({ isGap }) => isGap !== true).map(({ text }) => text) };
  }

  // A result with the whole logs in place of their ends.
  complete<R extends JobResult>(result: R, main: string, notes: Readonly<Record<string, LogNote>>): R {
    const whole = (name: string): Pick<JobContainer, "logs" | "isLogTruncated"> | undefined => {
      const log = this.#of(name);
      const { isEndMissing, isTruncated } = notes[name] ?? {};
      return log && { logs: log.text, isLogTruncated: isEndMissing ?? (isTruncated === "unknown" ? isTruncated : log.isTruncated) };
    };
    const containers = Object.entries(result.containers).map(([name, container]): [string, JobContainer] => [name, { ...container, ...whole(name) }]);
    return { ...result, ...whole(main), containers: Object.fromEntries(containers) };
  }

  #of(name: string): Kept | undefined {
    return this.#kept.find(({ containerName }) => containerName === name);
  }

  #add(containerName: string, run: Run): Kept {
    const kept: Kept = { containerName, run, merger: new LogMerger(), text: "", isTruncated: false };
    this.#kept = [...this.#kept, kept];
    return kept;
  }

  async #join(kept: Kept, lines: readonly LogLine[], isLastOpen: boolean): Promise<void> {
    if (lines.length === 0) return;
    const text = lines.map((line) => `${line.text}\n`).join("");
    kept.text += isLastOpen ? text.slice(0, -1) : text;
    try {
      await this.#sink?.write(lines);
    } catch {
      // A sink's trouble is not the job's: the lines are in the result all the same.
    }
  }
}

// What a window adds, with a mark where something is missing before it.
function newLines(kept: Kept, containerName: string, window: string, isFinal: boolean): LogLine[] {
  const isFirst = kept.text === "";
  const { fresh, isGap, isCut } = kept.merger.add(window, isFinal);
  if (isFirst) kept.isTruncated = truncationOf(window);
  if (isGap || isCut) kept.isTruncated = true;
  const gap: LogLine[] = isGap ? [{ containerName, text: "… lines are missing here …", isGap: true }] : [];
  return [...gap, ...fresh.map((line) => ({ containerName, ...partStamp(line) }))];
}

// The lines of a log that is read in one piece after the end, when the last one is whole too.
function wholeLines(containerName: string, window: string): LogLine[] {
  return window === "" ? [] : window.replace(/\n$/u, "").split("\n").map((text) => ({ containerName, text }));
}

// A group that somebody has made anew has a container that was never restarted, too. A start that is not known is no later one.
function isAnother(run: Run, before: Run): boolean {
  return run.restarts !== before.restarts || run.startedAt > before.startedAt;
}

// The log of a container that was begun anew begins again, and the end of the one before was hardly read.
function beginAnew(kept: Kept, run: Run): void {
  kept.run = run;
  kept.merger.reset();
  kept.isTruncated = true;
}

function lastBytes(text: string): string {
  if (Buffer.byteLength(text) <= TAIL_IN_BYTES) return text;
  // A cut inside a character leaves marks of broken bytes at the start, which are dropped.
  return Buffer.from(text).subarray(-TAIL_IN_BYTES).toString().replace(/^\uFFFD+/u, "");
}
