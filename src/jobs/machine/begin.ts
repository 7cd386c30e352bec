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
