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

// How long after the end a log may still be on its way.
const LOGS_LATE_IN_MS = 30_000;

// When we stop asking for a log that does not come. Asked from the end on.
export function logDeadline({ marks }: MachineState): number {
  return (marks.endedAt as number) + LOGS_LATE_IN_MS;
}

// When something other than a next try is due, whatever the phase: no pause goes beyond it.
export function deadlineOf(plan: Plan, state: MachineState): number {
  switch (state.phase) {
    case "intended":
      return state.marks.intendedAt + plan.limits.startTimeoutInMs;
    case "creating":
    case "provisioning":
      return startDeadline(plan, state);
    case "running":
      return runDeadline(plan, state);
    case "ended":
      return logDeadline(state);
    default:
      return cleanupDeadline(plan, state);
  }
}

// When we stop waiting for the group to be gone. Asked from the delete on.
export function cleanupDeadline(plan: Plan, { marks }: MachineState): number {
  return (marks.deleteAt as number) + plan.limits.cleanupTimeoutInMs;
}
