import { shortHash } from "../../lifecycle/identity.js";
import { withhold } from "./withhold.js";
import type { ContainerJobSpec } from "./job-spec.js";

// Tells two specs of one key apart. Secret values count by name only, so that nothing can be guessed back from the tag.
export function specHash(spec: ContainerJobSpec<string>): string {
  return shortHash(canonical({ ...withhold(spec), key: undefined }));
}

// JSON with sorted keys and without what is undefined.
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, child]) => child !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`).join(",")}}`;
}
