import type { SecretValue } from "../../../container-spec.js";

export type Value = string | SecretValue;

const REFERENCE = /\$\$|\$\(([^()]*)\)/gu;

// A text whose `$(NAME)` are replaced by variables, as the kubelet does: unknown ones stay, `$$` is one `$`. It is a secret if
// one of the variables is, and undefined if that one is known only by its name.
export function expand(text: string, variables: ReadonlyMap<string, Value>): Value | undefined {
  const kinds = new Set<"secret" | "unknown">();
  const whole = text.replaceAll(REFERENCE, (reference: string, name: string | undefined) => {
    if (name === undefined) return "$";
    const value = variables.get(name);
    if (value === undefined) return reference;
    if (typeof value === "string") return value;
    kinds.add("secureValue" in value ? "secret" : "unknown");
    return "secureValue" in value ? value.secureValue : "";
  });
  if (kinds.has("unknown")) return undefined;
  return kinds.has("secret") ? { secureValue: whole } : whole;
}
