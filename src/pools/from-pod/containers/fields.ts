import type { JsonValue } from "../../../json.js";
import type { Known } from "../known.js";
import { isObject, objectsIn, own, type Part } from "../part.js";
import { readQuantity } from "./quantity.js";

// Functions, because a list of all labels or annotations may be long.
const FACTS: Readonly<Record<string, (known: Known) => string | undefined>> = {
  "metadata.name": ({ pod }) => pod.name,
  "metadata.namespace": ({ namespace }) => namespace,
  "metadata.labels": ({ pod }) => listOf(pod.labels),
  "metadata.annotations": ({ pod }) => listOf(pod.annotations),
  "spec.serviceAccountName": ({ pod }) => pod.spec.text("serviceAccountName") ?? "default",
};

// What a pod says of itself, as far as it is known before it runs; undefined after a problem was told.
export function fieldOf(reference: Part, known: Known): string | undefined {
  reference.skip("apiVersion");
  const path = reference.needed("fieldPath");
  const value = known.mayHave(0, reference) ? factOf(path, known) : "";
  if (value === undefined) reference.report.lost(reference.at("fieldPath"), `${path} is not known before the pod runs`);
  return value !== undefined && known.mayHave(value.length, reference) ? value : undefined;
}

function factOf(path: string, known: Known): string | undefined {
  const { labels, annotations } = known.pod;
  const [, of, key] = /^metadata\.(labels|annotations)\['([^']+)'\]$/u.exec(path) ?? [];
  if (of !== undefined && key !== undefined) return own(of === "labels" ? labels : annotations, key) ?? "";
  return own(FACTS, path)?.(known);
}

function listOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .sort()
    .join("\n");
}

// What a container asks for, in units of the divisor, rounded up; undefined after a problem was told.
export function resourceOf(reference: Part, known: Known, container?: Part): string | undefined {
  const name = reference.text("containerName");
  const fields = name === undefined ? container?.fields : objectsIn(known.pod.spec.fields["containers"]).find((one) => one["name"] === name);
  const [list = "", ...resource] = reference.needed("resource").split(".");
  const amount = readQuantity(fieldIn(fieldIn(fields?.["resources"], list), resource.join(".")));
  // None and 0 are 1, as in a cluster.
  const divisor = readQuantity(reference.value("divisor")) ?? 0;
  if (amount !== undefined) return String(Math.ceil(Number((amount / (divisor === 0 ? 1 : divisor)).toFixed(6))));
  reference.report.lost(reference.at("resource"), "the container has no such resource, and the node's are not known");
  return undefined;
}

function fieldIn(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) ? own(value, name) : undefined;
}
