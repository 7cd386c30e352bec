import { rmSync } from "node:fs";
import type { CheckAnswer, EngineRun, EngineTerminal, FoundRun, RunEnd } from "../../engine.js";
import { OutputLog, type ReadOptions } from "../output-log.js";
import { lastRuns, readOutput, type RunHead } from "./output-file.js";

/** A run that ended with the emulator that started it: what it printed is still there, how it would have ended nobody knows. */
class EndedRun implements EngineRun {
  readonly id: string;
  readonly startedAt: number;
  readonly ended: Promise<RunEnd>;

  constructor(
    { id, startedAt }: RunHead,
    private readonly log: OutputLog,
    private readonly files: readonly string[],
    finishedAt: number,
  ) {
    this.id = id;
    this.startedAt = startedAt;
    this.ended = Promise.resolve({ exitCode: 137, finishedAt: Math.max(startedAt, finishedAt), isOutOfMemory: false });
  }

  async logs(options: ReadOptions): Promise<Buffer> {
    return this.log.read(options);
  }

  async exec(): Promise<EngineTerminal> {
    throw new Error("The container has ended");
  }

  async attach(): Promise<EngineTerminal> {
    const { output, stop } = this.log.follow();
    stop();
    return { output, write: () => undefined, close: stop };
  }

  async check(): Promise<CheckAnswer> {
    return { outcome: "unknown", detail: "The container has ended" };
  }

  async stop(): Promise<void> {
    return undefined;
  }

  async remove(): Promise<void> {
    for (const path of this.files) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * The last run of each container of a group.
 *
 * @param outputFolder - Where their output is.
 * @param runFolder - The folder that a run had for its own.
 */
export function endedRuns(outputFolder: string, runFolder: (container: string, run: number) => string, now: number): FoundRun[] {
  return lastRuns(outputFolder).flatMap(({ container, number, path }) => {
    const found = readOutput(path);
    if (found === undefined) return [];
    const log = new OutputLog();
    for (const { at, data } of found.pieces) log.append(data, at);
    return [{ container, number, run: new EndedRun(found.head, log, [path, runFolder(container, number)], now) }];
  });
}
