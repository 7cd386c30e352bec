import { createHash } from "node:crypto";
import { withhold } from "./withhold.js";
import type { ContainerJobSpec } from "./job-spec.js";

// Tells two specs of one key apart. Secret values count by name only, so that nothing can be guessed back from the tag.
export function specHash(spec: ContainerJobSpec<string>): string {
  return hash(canonical({ ...withhold(spec), key: undefined }));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

// JSON with sorted keys and without what is undefined.
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, child]) => child !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`).join(",")}}`;
}
