import { constants, existsSync, type BigIntStats, type Dirent } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rmdir, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const OPEN_FILES = "/proc/self/fd";

/**
 * A folder that a container may change while we work in it.
 *
 * On Linux it is held open, and its entries are reached through the open folder: a folder that is swapped for a link in
 * the meantime leads nowhere else. Elsewhere all folders on the way are looked at before each step. No step follows a
 * link.
 */
export class HeldFolder implements AsyncDisposable {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle | undefined,
    private readonly parent: HeldFolder | undefined,
  ) {}

  /** Opens a folder whose way is trusted. */
  static async open(path: string, canHold = process.platform === "linux" && existsSync(OPEN_FILES)): Promise<HeldFolder> {
    return canHold ? HeldFolder.#hold(path) : new HeldFolder(path, undefined, undefined);
  }

  static async #hold(path: string): Promise<HeldFolder> {
    const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return new HeldFolder(join(OPEN_FILES, String(handle.fd)), handle, undefined);
  }

  /** Goes down the names, one after the other; `shouldMake` makes the folders that are not there. */
  async descend(names: readonly string[], { shouldMake = false } = {}): Promise<HeldFolder> {
    let folder = await this.#enter(".");
    try {
      for (const name of names) {
        if (shouldMake) await folder.make(name).catch((error: unknown) => rethrowUnless(error, "EEXIST"));
        const next = await folder.#enter(name);
        await folder[Symbol.asyncDispose]();
        folder = next;
      }
      return folder;
    } catch (error) {
      await folder[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Opens a file; whatever else has the name is refused, as opening a pipe or a device would have effects. */
  async openFile(name: string, flags: number): Promise<FileHandle> {
    const path = await this.#at(name);
    const found = await lstat(path).catch((error: unknown) => rethrowUnless(error, "ENOENT"));
    if (found !== undefined && !found.isFile()) throw failure(found.isDirectory() ? "EISDIR" : "ELOOP");
    const file = await open(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o666);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw failure("EISDIR");
  }

  /** Makes a folder; fails if something has the name. */
  async make(name: string): Promise<void> {
    await mkdir(await this.#at(name));
  }

  /** Moves an entry to a name in another folder, over a file that has it. */
  async rename(name: string, target: HeldFolder, targetName: string): Promise<void> {
    await rename(await this.#at(name), await target.#at(targetName));
  }

  /** Removes a file, or a link itself. */
  async removeFile(name: string): Promise<void> {
    await unlink(await this.#at(name));
  }

  /** Removes an empty folder. */
  async removeFolder(name: string): Promise<void> {
    await rmdir(await this.#at(name));
  }

  /** Removes a folder with all that is in it. */
  async removeTree(name: string): Promise<void> {
    {
      await using folder = await this.descend([name]);
      for (const entry of await folder.entries()) {
        await (entry.isDirectory() ? folder.removeTree(entry.name) : folder.removeFile(entry.name));
      }
    }
    await this.removeFolder(name);
  }

  /** What has the name; a link is a link. */
  async look(name: string): Promise<BigIntStats> {
    return lstat(await this.#at(name), { bigint: true });
  }

  /** What this folder is. */
  async stat(): Promise<BigIntStats> {
    return this.handle?.stat({ bigint: true }) ?? lstat(this.path, { bigint: true });
  }

  /** What is in it, by name and kind. */
  async entries(): Promise<Dirent[]> {
    return readdir(await this.#at("."), { withFileTypes: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle?.close();
  }

  async #enter(name: string): Promise<HeldFolder> {
    const path = await this.#at(name);
    if (this.handle !== undefined) return HeldFolder.#hold(path);
    await refuseUnlessFolder(path);
    return new HeldFolder(path, undefined, name === "." ? this.parent : this);
  }

  async #at(name: string): Promise<string> {
    if (this.handle === undefined) await this.#check();
    // Not `join`, which would drop a dot: what the name of an open folder leads to is reached by the slash after it.
    return `${this.path}/${name}`;
  }

  async #check(): Promise<void> {
    if (this.parent !== undefined) await this.parent.#check();
    await refuseUnlessFolder(this.path);
  }
}

/** Tells whether a system call failed with one of the codes. */
export function hasFailedWith(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? "");
}

async function refuseUnlessFolder(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) throw failure("ENOTDIR");
}

function rethrowUnless(error: unknown, code: string): undefined {
  if (!hasFailedWith(error, code)) throw error;
}

function failure(code: "EISDIR" | "ELOOP" | "ENOTDIR"): Error {
  return Object.assign(new Error(`${code}: not a plain file or folder`), { code });
}
