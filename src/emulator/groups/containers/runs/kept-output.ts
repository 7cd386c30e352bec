import type { EngineRun } from "../../../engine.js";

/** What of an output is asked for. */
export interface LogOptions {
  readonly tail?: number | undefined;
  readonly isStamped: boolean;
  readonly maxBytes: number;
}

// As much of each earlier run as can be read at all.
const MOST_IN_BYTES = 4 * 1024 * 1024;

/** The output of runs that are gone, for those who assume that the service keeps it. */
export class KeptOutput {
  #plain: Buffer;
  #stamped: Buffer;

  /** @param record - What another process kept, in base64. */
  constructor([plain, stamped]: readonly [plain: string, stamped: string] = ["", ""]) {
    this.#plain = Buffer.from(plain, "base64");
    this.#stamped = Buffer.from(stamped, "base64");
  }

  get isEmpty(): boolean {
    return this.#plain.length === 0;
  }

  /** Keeps what a run has printed. */
  async add(run: EngineRun): Promise<void> {
    this.#plain = Buffer.concat([this.#plain, await run.logs({ isStamped: false, maxBytes: MOST_IN_BYTES })]).subarray(-MOST_IN_BYTES);
    this.#stamped = Buffer.concat([this.#stamped, await run.logs({ isStamped: true, maxBytes: MOST_IN_BYTES })]).subarray(-MOST_IN_BYTES);
  }

  record(): [plain: string, stamped: string] {
    return [this.#plain.toString("base64"), this.#stamped.toString("base64")];
  }

  clear(): void {
    this.#plain = this.#stamped = Buffer.alloc(0);
  }

  /** What is kept, and after it what the present run has printed. */
  async read(run: EngineRun | undefined, options: LogOptions): Promise<Buffer> {
    if (this.isEmpty) return (await run?.logs(options)) ?? Buffer.alloc(0);
    const present = (await run?.logs({ ...options, tail: undefined })) ?? Buffer.alloc(0);
    const whole = Buffer.concat([options.isStamped ? this.#stamped : this.#plain, present]);
    return lastLines(whole, options.tail).subarray(-options.maxBytes);
  }
}

function lastLines(whole: Buffer, tail: number | undefined): Buffer {
  if (tail === undefined) return whole;
  const lines = whole.toString("latin1").match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return Buffer.from(lines.slice(-tail).join(""), "latin1");
}
