import type { JobShape, JobView } from "../../completion-strategy.js";
import { shortHash } from "../../lifecycle/identity.js";
import type { ActiveJob } from "../drive/active-job.js";
import { containersOf } from "../spec/check-job.js";
import type { ContainerJobSpec } from "../spec/job-spec.js";

// What a strategy may know of a job.
export function jobView({ handle, shape }: Pick<ActiveJob, "handle" | "shape">): JobView {
  const { attempt, groupName } = handle.state;
  return { key: handle.key, attempt, groupName, ...shape };
}

// The part of it that is known from the spec alone, and never changes.
export function shapeOf(spec: ContainerJobSpec<string> | undefined): JobShape {
  if (spec === undefined) return { kind: "unknown", osType: "Linux" };
  const [{ image, command, cpu, memoryInGB }] = containersOf(spec);
  const kind = shortHash(JSON.stringify([image, command, cpu, memoryInGB]));
  return { kind, image, ...(command && { command }), osType: spec.osType ?? "Linux" };
}
