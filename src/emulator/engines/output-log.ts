// At least this much of the end of the output is kept: the most that a client can ask for.
const KEPT_IN_BYTES = 5 * 1024 * 1024;

/** A part of an output, and when it came. */
export interface OutputPiece {
  readonly at: number;
  readonly data: Buffer;
}

/** What of an output is asked for. */
export interface ReadOptions {
  readonly tail?: number | undefined;
  readonly isStamped: boolean;
  readonly maxBytes: number;
}

/** Where an output is kept besides. */
export interface OutputSink {
  append(piece: OutputPiece): void;
  /** Keeps nothing but these. */
  replace(pieces: readonly OutputPiece[]): void;
  end(): void;
}

/** What one run has printed, both streams in one, each piece with the time at which it came. */
export class OutputLog {
  #pieces: OutputPiece[] = [];
  #length = 0;
  readonly #followers = new Set<(data: Buffer | undefined) => void>();

  constructor(private readonly sink?: OutputSink) {}

  append(data: Buffer, at: number): void {
    this.#pieces.push({ at, data });
    this.#length += data.length;
    this.sink?.append({ at, data });
    if (this.#length > 2 * KEPT_IN_BYTES) this.#forget();
    for (const follow of this.#followers) follow(data);
  }

  /** Says that nothing more will come. */
  end(): void {
    for (const follow of this.#followers) follow(undefined);
    this.#followers.clear();
    this.sink?.end();
  }

  /** The last `tail` lines, no more than `maxBytes`, each headed by its time if asked. */
  read({ tail, isStamped, maxBytes }: ReadOptions): Buffer {
    const whole = isStamped ? this.#stamped() : Buffer.concat(this.#pieces.map(({ data }) => data));
    const lines = tail === undefined ? whole : whole.subarray(startOfTail(whole, tail));
    return lines.subarray(Math.max(0, lines.length - maxBytes));
  }

  /** What comes from now on, until the run has ended or `stop` is called. */
  follow(): { readonly output: AsyncIterable<Uint8Array>; readonly stop: () => void } {
    const waiting: Buffer[] = [];
    let hasEnded = false;
    let wake: () => void = () => undefined;
    const follower = (data: Buffer | undefined): void => {
      if (data === undefined) hasEnded = true;
      else waiting.push(data);
      wake();
    };
    this.#followers.add(follower);
    const stop = (): void => {
      this.#followers.delete(follower);
      follower(undefined);
    };
    async function* output(): AsyncGenerator<Uint8Array> {
      for (;;) {
        const data = waiting.shift();
        if (data !== undefined) yield data;
        else if (hasEnded) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    }
    return { output: output(), stop };
  }

  #forget(): void {
    let drop = 0;
    while (this.#length > KEPT_IN_BYTES) {
      const first = this.#pieces[drop];
      if (first === undefined) break;
      const excess = this.#length - KEPT_IN_BYTES;
      if (first.data.length > excess) {
        this.#pieces[drop] = { at: first.at, data: Buffer.from(first.data.subarray(excess)) };
        this.#length -= excess;
      } else {
        this.#length -= first.data.length;
        drop++;
      }
    }
    this.#pieces.splice(0, drop);
    this.sink?.replace(this.#pieces);
  }

  // A line has the time of its first byte.
  #stamped(): Buffer {
    const parts: Buffer[] = [];
    let isLineStart = true;
    for (const { at, data } of this.#pieces) {
      const stamp = Buffer.from(`${new Date(at).toISOString().replace("Z", "000000Z")} `);
      for (let from = 0; from < data.length; ) {
        const newline = data.indexOf(10, from);
        const until = newline < 0 ? data.length : newline + 1;
        if (isLineStart) parts.push(stamp);
        parts.push(data.subarray(from, until));
        isLineStart = newline >= 0;
        from = until;
      }
    }
    return Buffer.concat(parts);
  }
}

function startOfTail(whole: Buffer, tail: number): number {
  // A newline at the very end closes the last line; it does not open another.
  let at = whole.length - 1;
  for (let lines = 0; lines < tail; lines++) {
    at = at <= 0 ? -1 : whole.lastIndexOf(10, at - 1);
    if (at < 0) return 0;
  }
  return at + 1;
}
