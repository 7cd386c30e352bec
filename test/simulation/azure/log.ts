import { LINE } from "./program.js";
import type { TruthGroup } from "./truth.js";

/** The windows of this Azure: a running container's is smaller than the real one, and so is the library's idea of it here. */
export const RUNNING_WINDOW_IN_BYTES = 64 * 1024;
export const ENDED_WINDOW_IN_BYTES = 16 * 1024;
const ENDED_WINDOW_IN_LINES = 1000;

/** The lines that a run has written by a time. */
export function linesOf(group: TruthGroup, run: number, at: number): readonly string[] {
  const { startAt, endAt } = group.runs[run] ?? { startAt: Infinity, endAt: Infinity };
  const { lines, runsFor } = group.program;
  const ran = Math.min(at, endAt) - startAt;
  const written = ran < 0 ? 0 : ran >= runsFor ? lines : Math.floor((ran / runsFor) * lines);
  return Array.from({ length: written }, (_, index) => lineOf(group, run, index));
}

function lineOf(group: TruthGroup, run: number, index: number): string {
  const { oddLines, lineLength, printsSecret, lineAt } = group.program;
  if (index === lineAt) return LINE;
  if (printsSecret && index === 0) return `printed by the container: ${secretOf(group.name)}`;
  // The same line again and again, bytes that terminals act on, Windows' ends of line, and NUL.
  if (oddLines) return ["same", "same", "\u001b[31mred\u001b[0m", "a\u0000b", "ends in CR\r", "", `${index}`][index % 7] as string;
  return `${group.name}.${group.incarnation}.${run} ${index} `.padEnd(lineLength, "x");
}

/** What a container prints that holds a secret is its own doing. It is none of the job's secrets. */
function secretOf(name: string): string {
  return `own-${name}`;
}

/** What a read of the log gives at a time. */
export function windowOf(group: TruthGroup, at: number, isStamped: boolean, cutsEndedLogs: boolean): string {
  const run = group.runAt(at);
  if (run < 0) return "";
  const { startAt, endAt } = group.runs[run] as { startAt: number; endAt: number };
  const hasEnded = at >= endAt;
  if (hasEnded && at < endAt + group.program.logEmptyFor) return "";
  const { lines, runsFor } = group.program;
  const all = linesOf(group, run, at).map((line, index) => `${isStamped ? `${new Date(startAt + (index / lines) * runsFor).toISOString()} ` : ""}${line}\n`);
  if (!hasEnded || !cutsEndedLogs) return lastOf(all.join(""), RUNNING_WINDOW_IN_BYTES);
  return lastOf(all.slice(-ENDED_WINDOW_IN_LINES).join(""), ENDED_WINDOW_IN_BYTES);
}

function lastOf(text: string, bytes: number): string {
  return text.length <= bytes ? text : text.slice(-bytes);
}
