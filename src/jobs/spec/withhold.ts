import { isArm, isArmSecret } from "../../internal/redact.js";
import type { ContainerJobSpec } from "./job-spec.js";

// What stands in a handle where a secret value stood.
const WITHHELD = { withheld: true } as const;

// A copy of a spec whose inline secret values are left out. References to secrets stay.
export function withhold(spec: ContainerJobSpec<string>): ContainerJobSpec<string> {
  const { tags, ...rest } = spec;
  return { ...(strip(rest, false) as ContainerJobSpec<string>), ...(tags && { tags }) };
}

// True if a spec from a handle lacks secret values that only the process that began the job has.
export function isWithheld(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isMark(value) || Object.values(value).some(isWithheld);
}

function strip(value: unknown, isInArm: boolean): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((child) => strip(child, isInArm));
  if (isMark(value) || ("secureValue" in value && Object.keys(value).length === 1)) return WITHHELD;
  return Object.fromEntries(Object.entries(value).map(([key, child]: [string, unknown]) => [key, isInArm && isArmSecret(key, child) ? WITHHELD : strip(child, isInArm || isArm(key))]));
}

function isMark(value: object): boolean {
  return "withheld" in value && value.withheld === true;
}
