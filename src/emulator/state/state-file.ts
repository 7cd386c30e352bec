import { readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseState, type SavedState } from "./saved-state.js";

/** The file of a state folder that everything is in. */
export class StateFile {
  readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, "state.json");
  }

  /** What was written last; undefined if nothing ever was. What cannot be read is an error, never taken for nothing. */
  read(): SavedState | undefined {
    try {
      return parseState(readFileSync(this.path, "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw this.unreadable(error);
    }
  }

  /** Why the file cannot be used, and what to do about it. */
  unreadable(cause: unknown): Error {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new Error(`The state file ${this.path} cannot be used: ${reason}. Put a good copy in its place, or move it away to begin anew.`, { cause });
  }

  /** Replaces it: whoever reads it, or is killed meanwhile, finds the old one or the new one whole. */
  async write(state: SavedState): Promise<void> {
    const next = `${this.path}.next`;
    // It has secrets in it.
    const file = await open(next, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, this.path);
    await syncFolder(dirname(this.path));
  }
}

// Without it a loss of power could undo the change of the name. Windows has no such thing.
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
