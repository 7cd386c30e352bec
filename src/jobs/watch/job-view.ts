import type { JobShape, JobView } from "../../completion-strategy.js";
import { shortHash } from "../../lifecycle/identity.js";
import type { ActiveJob } from "../drive/active-job.js";
import type { WholeHandle } from "../drive/job-handle.js";
import { containersOf } from "../spec/check-job.js";
import type { ContainerJobSpec } from "../spec/job-spec.js";

// What a strategy may know of a job.
export function jobView({ handle, shape }: Pick<ActiveJob, "handle" | "shape">): JobView {
  const { attempt, groupName } = handle.state;
  return { key: handle.key, attempt, groupName, ...shape };
}

// The part of it that is known from the spec alone, and never changes.
export function shapeOf(spec: ContainerJobSpec<string> | undefined, { main, limits: { doneWhen } }: Pick<WholeHandle, "main" | "limits">): JobShape {
  if (spec === undefined) return { kind: "unknown", osType: "Linux" };
  const containers = containersOf(spec);
  const { image, command, cpu, memoryInGB } = containers.find(({ name }) => name === main) ?? containers[0];
  // How long it takes until all have ended says nothing of how long one runs.
  const kind = shortHash(JSON.stringify([image, command, cpu, memoryInGB, ...(doneWhen === undefined ? [] : [doneWhen])]));
  return { kind, image, ...(command && { command }), osType: spec.osType ?? "Linux" };
}
