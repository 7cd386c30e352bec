import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { processLine } from "./process-table.js";

/** A process, told so that it is never taken for another one that got its number later. */
export interface ProcessMark {
  readonly pid: number;
  /** When it was started, where the system tells: two processes never share number and start. */
  readonly start: string;
}

/** Marks what belongs to this emulator, so that a later one can tell whether it still runs: `host/boot/namespace/pid/start`. */
export function ownMark(): string {
  return markText(process.pid);
}

/** The mark of a process that runs now, with where it runs. */
export function markText(pid: number): string {
  return [hostname(), boot(), namespace(), String(pid), markOf(pid).start].map(encoded).join("/");
}

/** Reads such a mark; undefined for one that is not whole, and for one of another machine, boot or namespace. */
export function markHere(text: string): ProcessMark | undefined {
  const [host, bootId, space, pid, start] = text.split("/");
  if (pid === undefined || start === undefined || !/^[1-9]\d*$/.test(pid)) return undefined;
  const isHere = host === encoded(hostname()) && bootId === encoded(boot()) && space === encoded(namespace());
  return isHere ? { pid: Number(pid), start } : undefined;
}

/** Whether the emulator of a mark has surely ended. One on another machine, or in another container, cannot be seen. */
export function isGone(mark: string): boolean {
  const [host, bootId, space, pid, start] = mark.split("/");
  if (host !== encoded(hostname()) || pid === undefined || start === undefined) return false;
  if (bootId !== encoded(boot())) return true;
  return space === encoded(namespace()) && !isRunning({ pid: Number(pid), start });
}

/** The mark of a process that is there now. */
export function markOf(pid: number): ProcessMark {
  return { pid, start: processLine(pid)?.start ?? "" };
}

/** Whether the very process of a mark still runs. */
export function isRunning({ pid, start }: ProcessMark): boolean {
  if (start !== "") {
    // One that has ended and waits for its parent does not run.
    const line = processLine(pid);
    return line?.isAlive === true && line.start === start;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// No part may have the sign in it that parts them.
function encoded(part: string): string {
  return encodeURIComponent(part);
}

function boot(): string {
  return read("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

function namespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
