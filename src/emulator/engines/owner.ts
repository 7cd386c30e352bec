import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process, told so that it is never taken for another one that got its number later. */
export interface ProcessMark {
  readonly pid: number;
  /** When it was started, where the system tells: two processes never share number and start. */
  readonly start: string;
}

/** Marks what belongs to this emulator, so that a later one can tell whether it still runs: `host/boot/namespace/pid/start`. */
export function ownMark(): string {
  const { pid, start } = markOf(process.pid);
  return [hostname(), boot(), namespace(), String(pid), start].map(encoded).join("/");
}

/** Whether the emulator of a mark has surely ended. One on another machine, or in another container, cannot be seen. */
export function isGone(mark: string): boolean {
  const [host, bootId, space, pid, start] = mark.split("/");
  if (host !== encoded(hostname()) || pid === undefined || start === undefined) return false;
  if (bootId !== encoded(boot())) return true;
  return space === encoded(namespace()) && !isRunning({ pid: Number(pid), start });
}

/** The mark of a process that runs now. */
export function markOf(pid: number): ProcessMark {
  return { pid, start: startOf(pid) ?? "" };
}

/** Whether the very process of a mark still runs. */
export function isRunning({ pid, start }: ProcessMark): boolean {
  if (start !== "") return startOf(pid) === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// The 22nd field of Linux's own account of a process; its second, the name, may have anything in it but ends at the last
// bracket. A process that has ended and waits for its parent does not run.
function startOf(pid: number): string | undefined {
  const text = read(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
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
