import type { Plan } from "../machine/plan.js";

// Whether one of these lines of a container's log is the one that ends the job.
export function hasLine({ main, limits: { doneWhen } }: Plan, containerName: string, lines: readonly string[]): boolean {
  if (typeof doneWhen !== "object" || containerName !== main) return false;
  const { logLine } = doneWhen;
  if (typeof logLine === "string") return lines.some((line) => line.includes(logLine));
  // A new one each time: one with the flag `g` remembers where it was.
  const pattern = new RegExp(logLine.source, logLine.flags);
  return lines.some((line) => pattern.test(line.replace(/\r$/u, "")));
}
