import type { Plan } from "./plan.js";
import type { MachineState } from "./state.js";

// An attempt at a job of which nothing has been done yet.
export function begin(plan: Pick<Plan, "nameBase">, location: string, attempt: number, now: number): MachineState {
  return {
    phase: "intended",
    attempt,
    groupName: `${plan.nameBase}-${attempt}`,
    location,
    pending: { kind: "save" },
    wakeAt: 0,
    tries: 0,
    misses: 0,
    looks: 0,
    requests: 0,
    marks: { intendedAt: now },
    unread: [],
    logs: {},
  };
}

// The same for a job that was not run: what others have made of it before is known, and this intent is not mistaken for that one.
export function beginAnew(state: MachineState, { marks: { intendedAt }, earlier }: MachineState): MachineState {
  const isSameTime = state.marks.intendedAt === intendedAt;
  return { ...state, earlier, marks: { intendedAt: isSameTime ? intendedAt + 1 : state.marks.intendedAt } };
}
