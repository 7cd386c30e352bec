import { createHash } from "node:crypto";
import type { JobShape, JobView } from "../../completion-strategy.js";
import { containersOf } from "../spec/check-job.js";
import type { ContainerJobSpec } from "../spec/job-spec.js";

// What a strategy may know of a job.
export function jobView({ handle, spec }: { readonly handle: { readonly key: string; readonly state: { readonly attempt: number; readonly groupName: string } }; readonly spec: ContainerJobSpec<string> | undefined }): JobView {
  const { attempt, groupName } = handle.state;
  return { key: handle.key, attempt, groupName, ...shapeOf(spec) };
}

// The part of it that is known from the spec alone.
export function shapeOf(spec: ContainerJobSpec<string> | undefined): JobShape {
  if (spec === undefined) return { kind: "unknown", osType: "Linux" };
  const [{ image, command, cpu, memoryInGB }] = containersOf(spec);
  const kind = createHash("sha256").update(JSON.stringify([image, command, cpu, memoryInGB])).digest("hex").slice(0, 16);
  return { kind, image, ...(command && { command }), osType: spec.osType ?? "Linux" };
}
