import type { Readable } from "node:stream";

export interface Frame {
  /** 1 is stdout, 2 is stderr. */
  readonly stream: number;
  readonly data: Buffer;
}

// The frames of Docker's multiplexed output: a head of eight bytes with stream and length, then the data.
export async function* framesOf(output: Readable): AsyncGenerator<Frame> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const part of output) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size < 8) continue;
    let rest = Buffer.concat(parts);
    while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(4)) {
      const end = 8 + rest.readUInt32BE(4);
      yield { stream: rest[0] ?? 1, data: rest.subarray(8, end) };
      rest = rest.subarray(end);
    }
    [parts, size] = [[rest], rest.length];
  }
}

// The end of a log, as much as fits. A line longer than 16 KB comes in several frames, each with the stamp of the first.
export async function lastBytes(output: Readable, { isStamped, maxBytes }: { readonly isStamped: boolean; readonly maxBytes: number }): Promise<Buffer> {
  const kept: Buffer[] = [];
  const isOpen = new Map<number, boolean>();
  let size = 0;
  for await (const { stream, data } of framesOf(output)) {
    const isContinued = isOpen.get(stream) === true;
    const text = isStamped && isContinued ? data.subarray(data.indexOf(0x20) + 1) : data;
    isOpen.set(stream, data.at(-1) !== 0x0a);
    kept.push(text);
    size += text.length;
    // Dropped in bulk, so that this stays linear.
    if (size > 2 * maxBytes) {
      const joined = Buffer.concat(kept).subarray(-maxBytes);
      kept.splice(0, kept.length, Buffer.from(joined));
      size = joined.length;
    }
  }
  return Buffer.concat(kept).subarray(-maxBytes);
}
