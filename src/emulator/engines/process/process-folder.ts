import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineState } from "../../engine.js";
import { isGone, ownMark } from "../owner.js";
import { endNoted, noteProcess } from "./process-notes.js";

const PREFIX = "aci-emulator-process-";
const OWNER = "owner";
const PROCESSES = "processes";

/** The folder of one process engine. It knows whose it is and what runs in it, so that whatever is left can be ended. */
export class ProcessFolder {
  /** @param isKept - Whether it is there for the next emulator, too. */
  private constructor(
    readonly path: string,
    readonly isKept: boolean,
  ) {}

  /** Makes a folder, after ending what emulators that were killed have left. */
  static async open(): Promise<ProcessFolder> {
    for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(PREFIX))) await removeOrphan(join(tmpdir(), name));
    const path = await mkdtemp(join(tmpdir(), PREFIX));
    await mkdir(join(path, PROCESSES), { mode: 0o700 });
    writeFileSync(join(path, OWNER), ownMark(), { mode: 0o600 });
    return new ProcessFolder(path, false);
  }

  /** Opens the one in a state folder, after ending what still runs in it and removing what is of no group that is kept. */
  static async keep({ folder, groups }: EngineState): Promise<ProcessFolder> {
    const path = join(folder, "process");
    await endProcesses(path);
    for (const name of existsSync(path) ? readdirSync(path) : []) if (!groups.includes(name)) await rm(join(path, name), { recursive: true, force: true, maxRetries: 3 });
    await mkdir(join(path, PROCESSES), { recursive: true, mode: 0o700 });
    return new ProcessFolder(path, true);
  }

  /** Notes a process that leads a group; what is answered takes the note away again. */
  note(pid: number): () => void {
    return noteProcess(join(this.path, PROCESSES), pid);
  }

  async close(): Promise<void> {
    if (!this.isKept) await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}

// Whether there is such a folder, not a link, that nobody but this user can have put anything into. Windows has no such
// modes; a folder in a user's profile is private there.
function isPrivate(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) return false;
  return process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o077) === 0);
}

// Only what is ours, and only what has surely no owner left.
async function removeOrphan(path: string): Promise<void> {
  try {
    if (!isPrivate(path) || !isPrivate(join(path, PROCESSES)) || !existsSync(join(path, OWNER)) || !isGone(readFileSync(join(path, OWNER), "utf8"))) return;
    await endProcesses(path);
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Somebody else's folder, or another emulator is quicker.
  }
}

async function endProcesses(path: string): Promise<void> {
  const folder = join(path, PROCESSES);
  if (isPrivate(folder)) await endNoted(folder);
}
