import type { Turn } from "../moves.js";
import type { Plan } from "../plan.js";
import type { Observation, Verdict } from "../state.js";

// Whatever becomes of its container: it has done what was waited for. An exit code is no part of that.
const SUCCEEDED: Verdict = { outcome: "succeeded" };

// True if a line of the main container's log ends the job.
export function isEndedByLine({ limits: { doneWhen } }: Plan): boolean {
  return typeof doneWhen === "object";
}

// The verdict of a read that has the line. Who has canceled the job has what was asked for.
export function verdictOfLine({ plan, state }: Turn, { containerName, hasLine }: Observation & { kind: "logs" }): Verdict | undefined {
  return hasLine === true && containerName === plan.main && state.verdict?.outcome !== "canceled" ? SUCCEEDED : undefined;
}

// Whether how the job ended depends on a final log that is still to be read.
export function isLineSought({ plan, state: { verdict, unread } }: Turn): boolean {
  return isEndedByLine(plan) && unread.includes(plan.main) && verdict?.outcome !== "succeeded" && verdict?.outcome !== "canceled";
}

// How a job has ended whose main container has ended by itself: not well, unless its final log has the line.
export function withoutLine({ limits: { doneWhen } }: Plan, end: Verdict): Verdict {
  if (typeof doneWhen !== "object" || end.outcome === "lost") return end;
  const { logLine } = doneWhen;
  const line = typeof logLine === "string" ? `with "${logLine}"` : `that matches /${logLine.source}/${logLine.flags}`;
  const text = `The container ended with exit code ${String(end.exitCode)}, and no line ${line} was seen in its log`;
  return { ...end, outcome: "failed", error: { code: "ACI_JOB_FAILED", text } };
}
