export interface TarEntry {
  readonly name: string;
  readonly mode: number;
  /** Without data it is a folder. */
  readonly data?: Uint8Array | undefined;
}

const BLOCK = 512;

// A tar archive (ustar) of a few small entries that belong to root.
export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(({ name, mode, data }) => [head(name, mode, data), data ?? Buffer.alloc(0), padding(data?.length ?? 0)]), Buffer.alloc(2 * BLOCK)]);
}

function head(name: string, mode: number, data: Uint8Array | undefined): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): number => block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "ascii");
  block.write(name, 0, 100, "utf8");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(data?.length ?? 0, 124, 12);
  octal(0, 136, 12);
  block.write("        ", 148, "ascii");
  block.write(data === undefined ? "5" : "0", 156, "ascii");
  block.write("ustar\x0000", 257, "binary");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return block;
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
