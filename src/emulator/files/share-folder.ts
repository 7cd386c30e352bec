import { constants } from "node:fs";
import { posix } from "node:path";
import { hasFailedWith, HeldFolder } from "./held-folder.js";

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
    const { folders, name } = split(path);
    await using share = await HeldFolder.open(this.path);
    await using folder = await share.descend(folders, { shouldMake: true }).catch(refuseLink);
    await using file = await folder.openFile(name, constants.O_WRONLY | constants.O_CREAT).catch(refuseLink);
    await file.truncate();
    await file.writeFile(data);
  }

  /**
   * Reads a file.
   *
   * @param path - Where in the share, with forward slashes.
   * @throws RangeError if the path leads out of the share.
   */
  async read(path: string): Promise<Buffer> {
    const { folders, name } = split(path);
    await using share = await HeldFolder.open(this.path);
    await using folder = await share.descend(folders).catch(refuseLink);
    await using file = await folder.openFile(name, constants.O_RDONLY).catch(refuseLink);
    return await file.readFile();
  }

  /** The paths of all files in the share, sorted, with forward slashes. */
  async list(): Promise<string[]> {
    await using share = await HeldFolder.open(this.path);
    return (await filesIn(share)).sort();
  }
}

async function filesIn(folder: HeldFolder): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await folder.entries()) {
    if (entry.isFile()) found.push(entry.name);
    if (!entry.isDirectory()) continue;
    await using below = await folder.descend([entry.name]);
    found.push(...(await filesIn(below)).map((path) => `${entry.name}/${path}`));
  }
  return found;
}

function split(path: string): { readonly folders: readonly string[]; readonly name: string } {
  const isInside = path !== "" && !/[\\\0]/.test(path) && !path.startsWith("/") && !/^[a-z]:/i.test(path) && !path.split("/").some((part) => part === "..");
  const folders = posix.normalize(path).split("/");
  const name = folders.pop();
  if (!isInside || name === undefined || name === "" || name === ".") throw new RangeError(`Expected \`path\` to be a relative path inside the share, got \`${path}\``);
  return { folders, name };
}

// A container may have put a link into the share; it must not lead us elsewhere.
function refuseLink(error: unknown): never {
  if (hasFailedWith(error, "ELOOP", "ENOTDIR")) throw new RangeError("Expected `path` to lead through folders of the share to a file, got a link or another kind of entry");
  throw error;
}
