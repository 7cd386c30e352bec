export interface TarEntry {
  readonly name: string;
  readonly mode: number;
  /** Without data it is a folder. */
  readonly data?: Uint8Array | undefined;
}

const BLOCK = 512;
const LONGEST_NAME = 100;

// A tar archive (ustar) of a few small entries that belong to root.
export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(partsOf), Buffer.alloc(2 * BLOCK)]);
}

// A name that its head has no room for comes before it, in a record of pax.
function partsOf({ name, mode, data }: TarEntry): Uint8Array[] {
  const long = Buffer.byteLength(name) > LONGEST_NAME ? paxRecord("path", name) : undefined;
  const before = long === undefined ? [] : [head("path", mode, long, "x"), long, padding(long.length)];
  return [...before, head(name, mode, data), data ?? Buffer.alloc(0), padding(data?.length ?? 0)];
}

// Its length, which counts its own digits; then a keyword and a value.
function paxRecord(keyword: string, value: string): Buffer {
  const rest = ` ${keyword}=${value}\n`;
  const size = Buffer.byteLength(rest);
  let length = size;
  while (length !== size + String(length).length) length = size + String(length).length;
  return Buffer.from(`${length}${rest}`);
}

function head(name: string, mode: number, data: Uint8Array | undefined, type = data === undefined ? "5" : "0"): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): number => block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "ascii");
  block.write(name, 0, LONGEST_NAME, "utf8");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(data?.length ?? 0, 124, 12);
  octal(0, 136, 12);
  block.write("        ", 148, "ascii");
  block.write(type, 156, "ascii");
  block.write("ustar\x0000", 257, "binary");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return block;
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
