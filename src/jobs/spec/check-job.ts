import type { ContainerSpec } from "../../container-spec.js";
import { checkGroup, GROUP_FIELDS } from "../../lifecycle/check-group.js";
import { fieldsOf, type FieldNames } from "../../lifecycle/checks/field-names.js";
import { expectFields, expectList, expectText, expectWords } from "../../lifecycle/expect.js";
import { checkFiles } from "../files/check-files.js";
import type { ContainerJobSpec } from "./job-spec.js";

const MAIN_FIELDS = ["image", "command", "environment", "cpu", "memoryInGB", "ports", "mounts", "livenessProbe", "readinessProbe"] as const;
const FIELDS = ["key", "args", "containerName", "containerArm", "sidecars", "files", ...MAIN_FIELDS, ...GROUP_FIELDS] as const;

// Throws a TypeError or RangeError for a spec that cannot be right.
export function checkJob(spec: ContainerJobSpec<string>): void {
  expectFields("spec", spec, FIELDS);
  expectText("image", spec.image);
  if (spec.key !== undefined) expectText("key", spec.key);
  expectWords("command", spec.command);
  expectWords("args", spec.args);
  if (spec.args !== undefined && spec.command === undefined) {
    throw new TypeError("Expected `args` to be given together with `command`: ACI replaces an image's entry point and arguments together.");
  }
  expectList("sidecars", spec.sidecars);
  checkGroup(containersOf(spec), spec, (i) => (i === 0 ? mainField : fieldsOf(`sidecars[${i - 1}]`)));
  checkFiles(spec);
}

// The fields of the main container are the spec's own.
const mainField: FieldNames = (field = "spec") => (field === "name" ? "containerName" : field === "arm" ? "containerArm" : field);

// The main container and the sidecars, as a group has them.
export function containersOf(spec: ContainerJobSpec<string>): readonly [ContainerSpec, ...ContainerSpec[]] {
  const { image, environment, cpu, memoryInGB, ports, mounts, livenessProbe, readinessProbe, containerArm } = spec;
  const command = spec.command && [...spec.command, ...(spec.args ?? [])];
  const main = { name: mainName(spec), image, command, environment, cpu, memoryInGB, ports, mounts, livenessProbe, readinessProbe, arm: containerArm };
  return [main, ...(spec.sidecars ?? [])];
}

// The name of the container whose end is the end of the job.
export function mainName(spec: ContainerJobSpec<string>): string {
  return spec.containerName ?? "main";
}
