import type { Snapshot } from "../../../container-group.js";
import { whose } from "../../../lifecycle/identity.js";
import { tell, withState, type Turn } from "../moves.js";
import type { Move } from "../state.js";
import { watchSnapshot } from "./provisioning.js";

// Takes over a group that is there, if it is the job's own.
export function adopt(turn: Turn, snapshot: Snapshot): Move {
  const { plan, state, now } = turn;
  const owner = whose(plan.identity, snapshot);
  if (owner !== "ours") {
    const fault =
      owner === "otherSpec"
        ? { code: "ACI_JOB_CONFLICT" as const, text: `Job "${plan.key}" already has container group "${state.groupName}" with another spec` }
        : { code: "ACI_NAME_CONFLICT" as const, text: `Container group "${state.groupName}" exists and is not this job's` };
    return { state, next: { kind: "refuse", fault }, events: [] };
  }
  const marks = { ...state.marks, createAt: state.marks.createAt ?? now, acceptedAt: state.marks.acceptedAt ?? now };
  const files = plan.outputs === undefined ? undefined : ("there" as const);
  const adopted = withState(turn, { phase: "provisioning", marks, files, location: snapshot.location, isUncertain: undefined, tries: 0, misses: 0 });
  const move = watchSnapshot(adopted, snapshot);
  return { ...move, events: [tell(turn, { type: "jobAdopted" }), ...move.events] };
}
