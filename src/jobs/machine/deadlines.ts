import type { Plan } from "./plan.js";
import type { MachineState } from "./state.js";

// When the main container must have started. Asked from the create on.
export function startDeadline(plan: Plan, { marks }: MachineState): number {
  return (marks.createAt as number) + plan.limits.startTimeoutInMs;
}

// When it must have ended; never, before it started.
export function runDeadline(plan: Plan, { marks }: MachineState): number {
  return marks.startedAt === undefined ? Infinity : marks.startedAt + plan.limits.runTimeoutInMs;
}

// When we stop waiting for the group to be gone. Asked from the delete on.
export function cleanupDeadline(plan: Plan, { marks }: MachineState): number {
  return (marks.deleteAt as number) + plan.limits.cleanupTimeoutInMs;
}
