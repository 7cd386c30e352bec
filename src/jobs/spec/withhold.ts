import type { ContainerJobSpec } from "./job-spec.js";

// What stands in a handle where a secret value stood.
const WITHHELD = { withheld: true } as const;

// A copy of a spec whose inline secret values are left out. References to secrets stay.
export function withhold(spec: ContainerJobSpec<string>): ContainerJobSpec<string> {
  const { arm, containerArm, tags, ...rest } = spec;
  return { ...(strip(rest) as ContainerJobSpec<string>), ...(arm && { arm }), ...(containerArm && { containerArm }), ...(tags && { tags }) };
}

// True if a spec from a handle lacks secret values that only the process that began the job has.
export function isWithheld(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isMark(value) || Object.values(value).some(isWithheld);
}

function strip(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(strip);
  if (isMark(value) || ("secureValue" in value && Object.keys(value).length === 1)) return WITHHELD;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, strip(child)]));
}

function isMark(value: object): boolean {
  return "withheld" in value && value.withheld === true;
}
