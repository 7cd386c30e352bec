import { mkdir, open, readdir, realpath, type FileHandle } from "node:fs/promises";
import { constants } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";

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
    const target = this.#locate(path);
    await this.#makeFolders(dirname(target));
    const file = await this.#open(target, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC);
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
    const file = await this.#open(this.#locate(path), constants.O_RDONLY);
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

  #locate(path: string): string {
    const isInside = path !== "" && !/[\\\0]/.test(path) && !path.startsWith("/") && !/^[a-z]:/i.test(path) && !path.split("/").some((part) => part === "..");
    const plain = posix.normalize(path);
    if (!isInside || plain === ".") throw new RangeError(`Expected \`path\` to be a relative path inside the share, got \`${path}\``);
    return join(this.path, plain);
  }

  // One after the other, as making them all at once would go through a link.
  async #makeFolders(folder: string): Promise<void> {
    let at = this.path;
    for (const part of relative(this.path, folder).split(sep).filter(Boolean)) {
      at = join(at, part);
      await mkdir(at, { recursive: true });
      if ((await realpath(at)) !== at) throw new RangeError("Expected `path` to lead through folders of the share, got a link");
    }
  }

  // A container may have put a link into the share; it must not lead us elsewhere.
  async #open(target: string, flags: number): Promise<FileHandle> {
    const folder = await realpath(dirname(target));
    if (folder !== dirname(target)) throw new RangeError("Expected `path` to lead through folders of the share, got a link");
    return open(target, flags | constants.O_NOFOLLOW, 0o666);
  }
}
