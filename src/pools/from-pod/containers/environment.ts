import type { Environment } from "../../../container-spec.js";
import { TOO_MUCH, type Known } from "../known.js";
import { own, type Part } from "../part.js";
import { expand, type Value } from "./expand.js";
import { fieldOf, resourceOf } from "./fields.js";

// The variables of a container in the order in which Kubernetes sets them: later ones win, and may refer to earlier ones.
export function variablesOf(container: Part, known: Known): ReadonlyMap<string, Value> {
  const variables = new Map<string, Value>(container.parts("envFrom").flatMap((source) => allOf(source, known)));
  for (const variable of container.parts("env")) {
    const name = variable.needed("name");
    if (!/^[^=\0\s]+$/u.test(name)) variable.report.wrong(variable.at("name"), "has characters that no variable's name may have");
    const value = valueOf(variable, variables, container, known);
    if (value !== undefined) variables.set(name, value);
  }
  return variables;
}

export function environmentOf(variables: ReadonlyMap<string, Value>): Environment | undefined {
  return variables.size === 0 ? undefined : Object.fromEntries(variables);
}

// The command, with variables in it. ACI replaces an image's entry point and arguments together.
export function commandOf(container: Part, variables: ReadonlyMap<string, Value>, known: Known): readonly string[] | undefined {
  const [command = [], args = []] = [container.words("command"), container.words("args")];
  if (command.length + args.length === 0) return undefined;
  const entrypoint = own(known.sources.entrypoints, container.text("name") ?? "");
  if (command.length === 0 && entrypoint === undefined) {
    container.report.wrong(container.at("args"), "needs a `command`, because ACI cannot keep an image's entry point and replace its arguments; or give the entry point in `entrypoints`");
  }
  const start = command.length > 0 ? expandAll(container, "command", command, variables, known) : (entrypoint ?? []);
  return [...start, ...expandAll(container, "args", args, variables, known)];
}

function expandAll(container: Part, field: string, words: readonly string[], variables: ReadonlyMap<string, Value>, known: Known): readonly string[] {
  return words.map((word, index) => {
    const { whole, found } = expand(word, variables, known);
    if (found.size > 0) container.report.wrong(`${container.at(field)}[${index}]`, found.has("tooMuch") ? TOO_MUCH : "has a secret in it, which anyone could read who may see the group: let the program take it from its environment");
    return whole;
  });
}

// All variables of a config map or a secret.
function allOf(source: Part, known: Known): readonly (readonly [string, Value])[] {
  const prefix = source.text("prefix") ?? "";
  return (["configMap", "secret"] as const).flatMap((kind) => {
    const reference = source.part(`${kind}Ref`);
    if (reference === undefined) return [];
    const where = { part: reference, isOptional: reference.flag("optional") };
    const name = reference.needed("name");
    const keys = known.keys(kind, name, where, "env");
    return keys.flatMap((key) => {
      const value = kind === "secret" ? known.secret(name, key, where) : known.text(kind, name, key, where);
      return value === undefined ? [] : [[`${prefix}${key}`, value] as const];
    });
  });
}

function literalOf(variable: Part, text: string, variables: ReadonlyMap<string, Value>, known: Known): Value | undefined {
  const { whole, found } = expand(text, variables, known);
  const problem = found.has("tooMuch") ? TOO_MUCH : found.has("unknown") ? "refers to a secret that is known only by its name" : undefined;
  if (problem === undefined) return found.has("secret") ? { secureValue: whole } : whole;
  variable.report.wrong(variable.at("value"), problem);
  return undefined;
}

function valueOf(variable: Part, variables: ReadonlyMap<string, Value>, container: Part, known: Known): Value | undefined {
  const [text, from] = [variable.text("value"), variable.part("valueFrom")];
  if (from === undefined) return literalOf(variable, text ?? "", variables, known);
  if (text !== undefined && text !== "") variable.report.wrong(variable.path, "has both `value` and `valueFrom`");
  const [configMap, secret, field, resource] = [from.part("configMapKeyRef"), from.part("secretKeyRef"), from.part("fieldRef"), from.part("resourceFieldRef")];
  if (configMap !== undefined) return known.text("configMap", configMap.needed("name"), configMap.needed("key"), { part: configMap, isOptional: configMap.flag("optional") });
  if (secret !== undefined) return known.secret(secret.needed("name"), secret.needed("key"), { part: secret, isOptional: secret.flag("optional") });
  if (field !== undefined) return fieldOf(field, known);
  if (resource !== undefined) return resourceOf(resource, known, container);
  variable.report.wrong(from.path, "says nothing that is known");
  return undefined;
}
