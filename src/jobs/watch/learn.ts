import type { EarlierRun } from "../../completion-strategy.js";
import type { ContainerSnapshot } from "../../container-group.js";
import { within } from "../../completion/harmless.js";
import type { Plan } from "../machine/plan.js";
import type { ActiveJob } from "../drive/active-job.js";
import { jobView } from "./job-view.js";
import { tellTrouble } from "./listening.js";

const LEARNS_WITHIN_IN_MS = 1000;

// Keeps how long a run took, as far as it is known: the answer that shows the end of a container has its times too.
export async function learn(job: ActiveJob): Promise<void> {
  const run = runOf(job);
  if (run === undefined || job.spec === undefined) return;
  const view = jobView(job);
  try {
    await within(job.parts.clock, LEARNS_WITHIN_IN_MS, async () => {
      await job.parts.history.add(view.kind, run);
      await job.strategy.learn?.(view, run);
    });
  } catch (error) {
    tellTrouble(job, "learn", error);
  }
}

function endOf(container: ContainerSnapshot | undefined): number {
  return Date.parse(String(container?.currentState?.finishedAt));
}

// From the start of the main container to its end, or to that of the last one where all are waited for.
function ranFor(containers: readonly ContainerSnapshot[], { main, limits: { doneWhen } }: Plan): number {
  const first = containers.find(({ containerName }) => containerName === main);
  const last = doneWhen === "all" ? containers : [first];
  return Math.max(...last.map(endOf)) - Date.parse(String(first?.currentState?.startedAt));
}

function runOf({ plan, handle: { state } }: ActiveJob): EarlierRun | undefined {
  const { snapshot, marks, verdict } = state;
  const ranForInMs = ranFor(snapshot?.containers ?? [], plan);
  // Where one of them is not known the difference is no number.
  const startedAfterInMs = Number(marks.startedAt) - Number(marks.acceptedAt);
  return ranForInMs >= 0 ? { startedAfterInMs: startedAfterInMs >= 0 ? startedAfterInMs : undefined, ranForInMs, hasSucceeded: verdict?.outcome === "succeeded" } : undefined;
}
