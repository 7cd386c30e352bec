import type { ContainerGroupSpec } from "../container-group.js";
import type { SecretSource } from "../container-spec.js";
import { AciError } from "../errors.js";

// A copy of a group or spec whose `{ secret: name }` values have become `{ secureValue: value }`. Each name is asked once.
export async function resolveSecrets<T extends object>(group: T & Pick<ContainerGroupSpec, "arm" | "tags">, source: SecretSource | undefined): Promise<T> {
  const values = new Map<string, string>();
  for (const name of secretNames(group)) {
    values.set(name, await resolve(name, source));
  }
  const { arm, tags, ...rest } = group;
  return { ...(replace(rest, values) as T), arm, tags };
}

async function resolve(name: string, source: SecretSource | undefined): Promise<string> {
  if (source === undefined) throw missing(`No \`secrets\` were given to resolve secret "${name}"`);
  let value: unknown;
  try {
    value = await source(name);
  } catch (cause) {
    throw missing(`The secret "${name}" could not be resolved`, cause);
  }
  // Whatever else it is might be a secret, too: its type is all that is told.
  if (typeof value !== "string") throw missing(`The secret "${name}" could not be resolved: \`secrets\` gave ${value === null ? "null" : typeof value}`);
  return value;
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

function missing(text: string, cause?: unknown): AciError {
  return new AciError(text, { code: "ACI_JOB_NEEDS_SECRETS", cause });
}
