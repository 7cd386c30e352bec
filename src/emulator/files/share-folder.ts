import { readdir } from "node:fs/promises";
import { constants } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { openInside } from "./open-inside.js";

/**
 * An emulated Azure file share: a folder on this machine.
 *
 * @public
 */
export class ShareFolder {
  /** @internal */
  constructor(
    /** Where it is on this machine. */
    readonly path: string,
  ) {}

  /**
   * Writes a file, and makes the folders on its way.
   *
   * @param path - Where in the share, with forward slashes: `in/book.txt`.
   * @param data - What to write; a string is written as UTF-8.
   * @throws RangeError if the path leads out of the share.
   */
  async write(path: string, data: string | Uint8Array): Promise<void> {
    const file = await openInside(this.path, partsOf(path), constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, true);
    try {
      await file.writeFile(data);
    } finally {
      await file.close();
    }
  }

  /**
   * Reads a file.
   *
   * @param path - Where in the share, with forward slashes.
   * @throws RangeError if the path leads out of the share.
   */
  async read(path: string): Promise<Buffer> {
    const file = await openInside(this.path, partsOf(path), constants.O_RDONLY, false);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  }

  /** The paths of all files in the share, sorted, with forward slashes. */
  async list(): Promise<string[]> {
    const entries = await readdir(this.path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(this.path, join(entry.parentPath, entry.name)));
    return files.map((file) => file.split(sep).join("/")).sort();
  }
}

function partsOf(path: string): string[] {
  const isInside = path !== "" && !/[\\\0]/.test(path) && !path.startsWith("/") && !/^[a-z]:/i.test(path) && !path.split("/").some((part) => part === "..");
  const plain = posix.normalize(path);
  if (!isInside || plain === ".") throw new RangeError(`Expected \`path\` to be a relative path inside the share, got \`${path}\``);
  return plain.split("/").filter(Boolean);
}
