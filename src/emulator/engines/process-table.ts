import { readdirSync, readFileSync } from "node:fs";

/** A process as Linux accounts for it. */
export interface ProcessLine {
  readonly pid: number;
  /** False for one that has ended and waits for its parent. */
  readonly isAlive: boolean;
  readonly group: number;
  readonly session: number;
  /** When it was started, in ticks since the boot. */
  readonly start: string;
}

/** The account of one process; undefined if there is none, or the system has no such table. */
export function processLine(pid: number): ProcessLine | undefined {
  const text = stat(pid);
  // The second field, the name, may have anything in it but ends at the last bracket.
  const [state, , group, session, ...more] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const start = more[15];
  return start === undefined ? undefined : { pid, isAlive: state !== "Z", group: Number(group), session: Number(session), start };
}

/** All processes that can be seen; undefined where the system has no such table. */
export function processTable(): readonly ProcessLine[] | undefined {
  if (process.platform !== "linux") return undefined;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => processLine(Number(name)) ?? []);
}

function stat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}
