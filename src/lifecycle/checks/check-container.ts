import type { ContainerSpec, InitContainerSpec } from "../../container-spec.js";
import { expectFields, expectForm, expectName, expectObject, expectPositive, expectText, expectWords } from "../expect.js";
import { checkPorts } from "./check-ports.js";
import { checkProbe } from "./check-probe.js";
import { checkSecret } from "./check-secret.js";
import type { FieldNames } from "./field-names.js";

export const INIT_FIELDS = ["name", "image", "command", "environment", "mounts", "arm"] as const;
export const CONTAINER_FIELDS = [...INIT_FIELDS, "cpu", "memoryInGB", "ports", "livenessProbe", "readinessProbe"] as const;

// Checks what a container has, apart from its mounts, which depend on the volumes of its group.
export function checkContainer(names: FieldNames, container: ContainerSpec | InitContainerSpec, fields: readonly string[]): void {
  expectFields(names(), container, fields);
  expectName(names("name"), container.name);
  expectText(names("image"), container.image);
  expectWords(names("command"), container.command);
  if (container.environment !== undefined) checkEnvironment(names("environment"), container.environment);
  if (container.arm !== undefined) expectObject(names("arm"), container.arm);
  checkOwn(names, container);
}

// Init containers have none of these.
function checkOwn(names: FieldNames, { cpu, memoryInGB, ports, livenessProbe, readinessProbe }: Partial<ContainerSpec>): void {
  expectPositive(names("cpu"), cpu);
  expectPositive(names("memoryInGB"), memoryInGB, 0.1);
  checkPorts(names("ports"), ports);
  checkProbe(names("livenessProbe"), livenessProbe);
  checkProbe(names("readinessProbe"), readinessProbe);
}

function checkEnvironment(field: string, environment: NonNullable<InitContainerSpec["environment"]>): void {
  expectObject(field, environment);
  for (const [name, value] of Object.entries(environment)) {
    expectForm(field, name, /^[^=\0\s]+$/u, "an object whose names have no `=`, space or NUL");
    if (typeof value !== "string") checkSecret(`${field}.${name}`, value);
  }
}
