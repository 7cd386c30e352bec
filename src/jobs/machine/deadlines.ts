import type { Plan } from "./plan.js";
import type { MachineState } from "./state.js";

// A PUT whose answer was lost may still arrive: two looks this far apart must miss its group before it is sent again, or given up.
export const SETTLE_IN_MS = 10_000;

// Who has not heard yet of a create does not find its group for so long, and neither does a list.
const UNHEARD_WITHIN_IN_MS = 30_000;

// How long it proves nothing that a group is not found: it may be younger than what tells so. One that was found is as old as that.
export function unheardForInMs({ marks }: MachineState, now: number): number {
  const { createAt = -Infinity, sentAt = createAt, acceptedAt = -Infinity } = marks;
  return Math.min(UNHEARD_WITHIN_IN_MS, Math.max(sentAt, acceptedAt) + UNHEARD_WITHIN_IN_MS - now);
}

// How old a look may be on which a create, a log or a delete rests: after that somebody else may have the name.
export const LOOKED_LATELY_IN_MS = 15_000;

export function isSeenLately({ marks: { lookedAt = -Infinity } }: MachineState, now: number): boolean {
  return Math.abs(now - lookedAt) <= LOOKED_LATELY_IN_MS;
}

// When the main container must have started, without the time for pulling where that has a limit of its own. Asked from the
// create on.
export function startDeadline({ limits }: Plan, { marks }: MachineState): number {
  const { startTimeoutInMs, pullTimeoutInMs } = limits;
  const { pullingAt, pulledForInMs = 0 } = marks;
  if (pullTimeoutInMs === undefined) return (marks.createAt as number) + startTimeoutInMs;
  return pullingAt === undefined ? (marks.createAt as number) + startTimeoutInMs + Math.min(pulledForInMs, pullTimeoutInMs) : pullingAt + pullTimeoutInMs - pulledForInMs;
}

// When it must have ended, or given a sign of life; never, before it started.
export function runDeadline(plan: Plan, state: MachineState): number {
  const { startedAt } = state.marks;
  return startedAt === undefined ? Infinity : Math.min(startedAt + plan.limits.runTimeoutInMs, heartbeatDeadline(plan, state));
}

// How long a container that was killed may still be begun anew. Caches that show it killed lag by less.
const BEGUN_ANEW_WITHIN_IN_MS = 30_000;

// When its run is over, one way or the other: time is up, or a container that was killed has not been begun anew. The service may
// have asked us to wait for longer than the latter.
export function runOver(plan: Plan, state: MachineState): number {
  return Math.min(runDeadline(plan, state), killedForGood(state));
}

function killedForGood({ killed }: MachineState): number {
  return killed === undefined ? Infinity : killed.since + BEGUN_ANEW_WITHIN_IN_MS;
}

// Whether a look shows that its run is over. What may have been begun anew is shown by one that was asked for when that was over:
// its answer may have been long on its way.
export function showsRunOver(plan: Plan, state: MachineState, now: number): boolean {
  return now >= runDeadline(plan, state) || (state.marks.lookAskedAt ?? 0) >= killedForGood(state);
}

// When it must have given a sign of life. Silence means nothing where nobody can hear.
export function heartbeatDeadline({ limits: { heartbeatTimeoutInMs }, isHearing }: Plan, { marks, heard }: MachineState): number {
  if (heartbeatTimeoutInMs === undefined || marks.startedAt === undefined || !isHearing()) return Infinity;
  return Math.max(marks.startedAt, heard?.started?.at ?? 0, heard?.alive?.at ?? 0) + heartbeatTimeoutInMs;
}

// When a look is due at the latest. A container of which was told that it has started may have to end before one has shown it: by
// then there is one that does, and only one, because what was told need not be so.
export function lookDeadline(plan: Plan, state: MachineState): number {
  const { marks, heard } = state;
  if (marks.startedAt !== undefined) return runOver(plan, state);
  const toldAt = heard?.started?.at;
  const toldOver = toldAt === undefined ? Infinity : runDeadline(plan, { ...state, marks: { ...marks, startedAt: toldAt } });
  return Math.min(startDeadline(plan, state), toldOver > (marks.lookedAt ?? 0) ? toldOver : Infinity);
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
