import type { Plan } from "../machine/plan.js";

// Whether one of these lines is the one that a job waits for. In whose log it counts is not decided here.
export function hasLine({ limits: { doneWhen } }: Plan, lines: readonly string[]): boolean {
  if (typeof doneWhen !== "object") return false;
  const { logLine } = doneWhen;
  if (typeof logLine === "string") return lines.some((line) => line.includes(logLine));
  // A new one each time: one with the flag `g` remembers where it was.
  const pattern = new RegExp(logLine.source, logLine.flags);
  return lines.some((line) => pattern.test(line.replace(/\r$/u, "")));
}
