import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, markHere, markText, type ProcessMark } from "../owner.js";
import { processTable, type ProcessLine } from "../process-table.js";

// What a note is called while it is written.
const UNFINISHED = ".next";
const GONE_WITHIN_IN_MS = 10_000;
const LOOK_EVERY_IN_MS = 5;

/** Notes in a folder a process that leads a group, whole or not at all; what is answered takes the note away again. */
export function noteProcess(folder: string, pid: number): () => void {
  const file = join(folder, String(pid));
  try {
    writeFileSync(file + UNFINISHED, markText(pid), { mode: 0o600 });
    renameSync(file + UNFINISHED, file);
  } catch (error) {
    rmSync(file + UNFINISHED, { force: true });
    throw error;
  }
  return () => rmSync(file, { force: true });
}

/** Ends the groups of all processes that are noted in a folder, also those whose leader has ended, and waits until they have. */
export async function endNoted(folder: string): Promise<void> {
  let left = stillRunning(notesIn(folder));
  left.forEach(endGroup);
  // A process that is killed is there until its turn comes, which takes a while on a busy machine.
  for (const deadline = performance.now() + GONE_WITHIN_IN_MS; left.length > 0 && performance.now() < deadline; left = stillRunning(left)) await sleep(LOOK_EVERY_IN_MS);
}

function notesIn(folder: string): readonly ProcessMark[] {
  return readdirSync(folder).flatMap((name) => {
    const mark = /^\d+$/.test(name) ? markHere(readFileSync(join(folder, name), "utf8")) : undefined;
    return mark?.pid === Number(name) ? [mark] : [];
  });
}

function stillRunning(leaders: readonly ProcessMark[]): readonly ProcessMark[] {
  const table = processTable();
  return leaders.filter((mark) => (table === undefined ? isRunning(mark) : isGroupRunning(mark, table)));
}

// A number is not given anew while a group has it: where it is another process's, nothing of the group is left. What a shell
// makes a group of is of a session with another number.
function isGroupRunning({ pid, start }: ProcessMark, table: readonly ProcessLine[]): boolean {
  const leader = table.find((line) => line.pid === pid);
  if (start === "" || (leader !== undefined && leader.start !== start)) return false;
  return table.some(({ isAlive, group, session, start: since }) => isAlive && group === pid && session === pid && Number(since) >= Number(start));
}

// It may be gone by now, or be somebody else's by now.
function endGroup({ pid }: ProcessMark): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
