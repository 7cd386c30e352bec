import type { Plan } from "./plan.js";
import type { MachineState } from "./state.js";

// When the main container must have started.
export function startDeadline(plan: Plan, { marks }: MachineState): number {
  return (marks.createAt ?? marks.intendedAt) + plan.limits.startTimeoutInMs;
}

// When it must have ended; never, before it started.
export function runDeadline(plan: Plan, { marks }: MachineState): number {
  return marks.startedAt === undefined ? Infinity : marks.startedAt + plan.limits.runTimeoutInMs;
}

// When we stop waiting for the group to be gone.
export function cleanupDeadline(plan: Plan, { marks }: MachineState): number {
  return (marks.deleteAt ?? 0) + plan.limits.cleanupTimeoutInMs;
}
