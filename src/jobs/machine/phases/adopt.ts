import type { Snapshot } from "../../../container-group.js";
import { TAGS, tagOf, whose } from "../../../lifecycle/identity.js";
import { tell, withState, type Turn } from "../moves.js";
import type { MachineState, Move, Observation } from "../state.js";
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
  // When somebody else's create was accepted is not known.
  const { createAt = now, acceptedAt = state.marks.createAt } = state.marks;
  const marks = { ...state.marks, createAt, acceptedAt };
  const files = plan.outputs === undefined ? undefined : ("there" as const);
  const adopted = withState(turn, { phase: "provisioning", marks, files, location: snapshot.location, isUncertain: undefined, tries: 0, misses: 0 });
  const move = watchSnapshot(adopted, snapshot);
  return { ...move, events: [tell(turn, { type: "jobAdopted" }), ...move.events] };
}

// The group of the latest attempt that the list shows. One before our own is none of those that we have seen to be gone.
export function latestAttempt({ plan, state }: Turn, groups: (Observation & { kind: "listed" })["groups"]): Pick<MachineState, "attempt" | "groupName" | "listed" | "files"> | undefined {
  const ours = groups.filter((group) => whose({ ...plan.identity, spec: undefined }, group) === "ours");
  const attempts = ours.map((group) => ({ attempt: Number(tagOf(group, TAGS.attempt)), groupName: group.groupName })).sort((a, b) => b.attempt - a.attempt);
  const [latest] = attempts;
  // Every attempt has a folder of its own.
  return latest && { ...latest, listed: Math.max(latest.attempt, state.attempt - 1), files: latest.attempt === state.attempt ? state.files : undefined };
}
