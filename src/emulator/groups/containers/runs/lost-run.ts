import type { CheckAnswer, EngineRun, EngineTerminal, RunEnd } from "../../../engine.js";

/** A run that nothing is left of, as nobody watched: all that can be told of its end is that it was killed. */
export class LostRun implements EngineRun {
  readonly ended: Promise<RunEnd>;

  constructor(
    readonly id: string,
    readonly startedAt: number,
    finishedAt: number,
  ) {
    this.ended = Promise.resolve({ exitCode: 137, finishedAt: Math.max(startedAt, finishedAt), isOutOfMemory: false });
  }

  async logs(): Promise<Buffer> {
    return Buffer.alloc(0);
  }

  exec(): Promise<EngineTerminal> {
    return this.attach();
  }

  async attach(): Promise<EngineTerminal> {
    throw new Error("The container has ended");
  }

  async check(): Promise<CheckAnswer> {
    return { outcome: "unknown", detail: "The container has ended" };
  }

  async stop(): Promise<void> {
    return undefined;
  }

  async remove(): Promise<void> {
    return undefined;
  }
}
