import type { JobOutputs } from "../../job-result.js";
import { isPattern } from "../../lifecycle/file-patterns.js";
import { ask, withState, type Turn } from "./moves.js";
import { mainOf } from "./outcome/verdict.js";
import type { Move, Observation } from "./state.js";

// Whether the files of the job are still to be put where its container finds them.
export function mustSendInputs({ plan, state }: Turn): boolean {
  return plan.outputs !== undefined && state.files !== "there";
}

// They are sent before the group is looked for once more: another caller may have been quicker.
export function sendInputs(turn: Turn): Move {
  return ask({ ...turn.state, files: "sent", tries: 0 }, { kind: "sendInputs" });
}

// The job's own folder goes when no container can write to it any more: where a group was there and is gone, whose name is never
// used again, or where nobody else can know the key. Another caller of the key may be about to create a group that needs it.
export function mustRemoveFiles({ plan, state: { files, marks } }: Turn): boolean {
  return files !== undefined && (plan.isKeyNew || marks.acceptedAt !== undefined || marks.deletedAt !== undefined);
}

// Outputs are collected of whatever may have run, while its group is still there. What ended without a group has none.
export function mustCollectOutputs({ plan, state }: Turn): boolean {
  return Object.keys(plan.outputs ?? {}).length > 0 && state.outputs === undefined && ["ended", "deleting"].includes(state.phase) && state.marks.createAt !== undefined;
}

// They are moved to a folder that no other run of the same name can have, and that two callers name alike.
export function collectOutputs(turn: Turn, told: Move["events"] = []): Move {
  const { plan, state } = turn;
  const finishedAt = Date.parse(mainOf(plan, state.snapshot)?.currentState?.finishedAt ?? "");
  const mark = Number.isNaN(finishedAt) ? state.marks.intendedAt : finishedAt;
  return ask({ ...state, tries: 0 }, { kind: "collectOutputs", folder: `${state.groupName}.${mark.toString(36)}` }, ...told);
}

// So many tries to collect the outputs; the file store has tries of its own below.
const OUTPUT_TRIES = 5;

export function isToCollectAgain({ state }: Turn, { fault }: Observation & { kind: "fault" }): boolean {
  return fault.isRetryable && state.tries < OUTPUT_TRIES;
}

// What is known once they are collected. A job whose files are not there has not done its work: a pattern may match
// nothing, a plain path may not.
export function withOutputs(turn: Turn, outputs: JobOutputs): Turn {
  const wanted = Object.entries(turn.plan.outputs as Readonly<Record<string, string>>);
  const missing = wanted.find(([name, path]) => !isPattern(path) && (outputs[name] ?? []).length === 0);
  const collected = withState(turn, { outputs, tries: 0 });
  const end = turn.state.verdict?.exitCode === undefined ? "well" : "with exit code 0";
  return missing === undefined ? collected : failing(collected, `Output "${missing[0]}" is missing: the job ended ${end} and left no file "${missing[1]}"`);
}

// The same without any, because they could not be had.
export function withoutOutputs(turn: Turn, why: string): Turn {
  return failing(withState(turn, { outputs: {}, tries: 0 }), `The outputs of the job could not be collected: ${why}`);
}

// Only a success turns into a failure: a job's own failure says more.
function failing(turn: Turn, text: string): Turn {
  const { verdict } = turn.state;
  return verdict?.outcome === "succeeded" ? withState(turn, { verdict: { ...verdict, outcome: "failed", error: { code: "ACI_JOB_FAILED", text } } }) : turn;
}
