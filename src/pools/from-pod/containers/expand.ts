import type { SecretValue } from "../../../container-spec.js";
import type { Known } from "../known.js";

export type Value = string | SecretValue;

// A text, and what its references led to: secrets, those that are known only by their name, and more than there is room for.
export interface Expanded {
  readonly whole: string;
  readonly found: ReadonlySet<"secret" | "unknown" | "tooMuch">;
}

const REFERENCE = /\$\$|\$\(([^()]*)\)/gu;

// A text whose `$(NAME)` are replaced by variables, as the kubelet does: unknown ones stay, `$$` is one `$`.
export function expand(text: string, variables: ReadonlyMap<string, Value>, known: Known): Expanded {
  const found = new Set<"secret" | "unknown" | "tooMuch">();
  const whole = text.replaceAll(REFERENCE, (reference: string, name: string | undefined) => {
    if (name === undefined) return "$";
    const value = variables.get(name);
    if (value === undefined) return reference;
    if (typeof value !== "string") found.add("secureValue" in value ? "secret" : "unknown");
    const filling = typeof value === "string" ? value : "secureValue" in value ? value.secureValue : "";
    if (known.mayFillIn(filling.length)) return filling;
    found.add("tooMuch");
    return "";
  });
  return { whole, found };
}
