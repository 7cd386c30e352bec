import type { ContainerGroupSpec } from "../container-group.js";
import type { SecretSource } from "../container-spec.js";
import { AciError } from "../errors.js";

// A copy of a group whose `{ secret: name }` values have become `{ secureValue: value }`. Each name is asked once.
export async function resolveSecrets(group: ContainerGroupSpec, source: SecretSource | undefined): Promise<ContainerGroupSpec> {
  const values = new Map<string, string>();
  for (const name of secretNames(group)) {
    if (source === undefined) throw missing(name);
    try {
      values.set(name, await source(name));
    } catch (cause) {
      throw missing(name, cause);
    }
  }
  const { arm, tags, ...rest } = group;
  return { ...(replace(rest, values) as ContainerGroupSpec), arm, tags };
}

// The names of all secrets that a spec refers to.
function secretNames(value: unknown): Set<string> {
  if (typeof value !== "object" || value === null) return new Set();
  if (isReference(value)) return new Set([value.secret]);
  return new Set(Object.entries(value).flatMap(([key, child]) => (key === "arm" || key === "tags" ? [] : [...secretNames(child)])));
}

function replace(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isReference(value)) return { secureValue: values.get(value.secret) ?? "" };
  if (Array.isArray(value)) return value.map((child: unknown) => replace(child, values));
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, key === "arm" ? (child as unknown) : replace(child, values)]));
}

function isReference(value: object): value is { secret: string } {
  return "secret" in value && typeof value.secret === "string" && Object.keys(value).length === 1;
}

function missing(name: string, cause?: unknown): AciError {
  const text = cause === undefined ? `No \`secrets\` were given to resolve secret "${name}"` : `The secret "${name}" could not be resolved`;
  return new AciError(text, { code: "ACI_JOB_NEEDS_SECRETS", cause });
}
