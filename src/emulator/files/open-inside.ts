import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Opens a file below a folder without following a link on the way, though somebody else may put one there at any moment:
 * each step starts at the folder that the last one opened, not at its name.
 *
 * @param isMade - Whether folders that are missing are made.
 */
export async function openInside(root: string, parts: readonly string[], flags: number, isMade: boolean): Promise<FileHandle> {
  const name = parts.at(-1) ?? "";
  let folder = await open(root, FOLDER);
  try {
    for (const part of parts.slice(0, -1)) {
      const next = await openFolder(below(folder, part), isMade);
      await folder.close();
      folder = next;
    }
    return await open(below(folder, name), flags | constants.O_NOFOLLOW, 0o666);
  } catch (error) {
    throw isLink(error) ? new RangeError("Expected `path` to lead through folders of the share, got a link") : error;
  } finally {
    await folder.close();
  }

  // Linux names an open folder by its number. Elsewhere there are no containers of other users that could race us.
  function below({ fd }: FileHandle, part: string): string {
    return process.platform === "linux" ? `/proc/self/fd/${fd}/${part}` : join(root, ...parts.slice(0, parts.indexOf(part)), part);
  }
}

async function openFolder(path: string, isMade: boolean): Promise<FileHandle> {
  try {
    return await open(path, FOLDER);
  } catch (error) {
    if (!isMade || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await mkdir(path).catch((made: unknown) => {
      if ((made as NodeJS.ErrnoException).code !== "EEXIST") throw made;
    });
    return open(path, FOLDER);
  }
}

// A link where a folder is opened is not a folder, and where a file is opened one link too many.
function isLink(error: unknown): boolean {
  return ["ELOOP", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
}
