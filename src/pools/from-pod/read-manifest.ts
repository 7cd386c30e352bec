import type { JsonObject, JsonValue } from "../../json.js";
import { expectObject } from "../../lifecycle/expect.js";
import { isObject, Part } from "./part.js";
import { readYaml } from "./read-yaml.js";
import type { Report } from "./report.js";

/** The values of a config map or a secret by key; undefined where one is not text. */
export type Contents = ReadonlyMap<string, string | undefined>;

// A manifest: what has pods, and what came with it, each as `namespace/name`, or `/name` where it does not say its namespace.
export interface Manifest {
  readonly workload: Part;
  readonly kind: string;
  readonly configMaps: ReadonlyMap<string, Contents>;
  readonly secrets: ReadonlyMap<string, Contents>;
}

const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  Pod: ["v1"],
  Job: ["batch/v1"],
  CronJob: ["batch/v1", "batch/v1beta1"],
  Deployment: ["apps/v1"],
  ReplicaSet: ["apps/v1"],
  StatefulSet: ["apps/v1"],
};

// Takes a text or an object apart. A text may have several documents: one thing with pods, config maps and secrets.
export function readManifest(manifest: string | JsonObject, report: Report): Manifest | undefined {
  if (typeof manifest !== "string") expectObject("manifest", manifest, "YAML or JSON, or what it says as an object");
  const all = (typeof manifest === "string" ? readYaml(manifest) : [manifest]).flatMap(plain).filter(isObject);
  const ofKind = (kind: string): readonly JsonObject[] => all.filter((one) => one["kind"] === kind);
  const contents = (kind: string): ReadonlyMap<string, Contents> => new Map(ofKind(kind).map((one) => contentsOf(new Part(one, `${kind}/${wordIn(one["metadata"], "name")}`, report))));
  const workloads = Object.keys(VERSIONS).flatMap(ofKind);
  for (const other of all) {
    const kind = wordIn(other, "kind");
    if (![...Object.keys(VERSIONS), "ConfigMap", "Secret"].includes(kind)) {
      report.lost(`${kind}/${wordIn(other["metadata"], "name")}`, `only ${Object.keys(VERSIONS).join(", ")}, ConfigMap and Secret can be carried over`);
    }
  }
  const [first] = workloads;
  if (first === undefined || workloads.length > 1) {
    report.wrong("", `has ${workloads.length} of ${Object.keys(VERSIONS).join(", ")}, and must have one`);
    return undefined;
  }
  const workload = new Part(first, "", report);
  const kind = workload.needed("kind");
  workload.oneOf("apiVersion", VERSIONS[kind] ?? []);
  workload.needed("apiVersion");
  return { workload, kind, configMaps: contents("ConfigMap"), secrets: contents("Secret") };
}

// Without what JSON does not have, dates for instance, and with the items of a list.
function plain(document: JsonValue): readonly JsonValue[] {
  if (document === null) return [];
  const value = JSON.parse(JSON.stringify(document, (_, child: unknown) => (typeof child === "number" && !Number.isFinite(child) ? String(child) : child))) as JsonValue;
  return isObject(value) && value["kind"] === "List" && Array.isArray(value["items"]) ? (value["items"] as readonly JsonValue[]) : [value];
}

function wordIn(value: JsonValue | undefined, name: string): string {
  const word = isObject(value) ? value[name] : undefined;
  return typeof word === "string" ? word : "?";
}

function fullNameOf(metadata: JsonValue | undefined): string {
  const isSaid = isObject(metadata) && (metadata["namespace"] ?? "") !== "";
  return `${isSaid ? wordIn(metadata, "namespace") : ""}/${wordIn(metadata, "name")}`;
}

function contentsOf(part: Part): readonly [string, Contents] {
  part.skip("apiVersion", "kind", "metadata", "immutable", "type");
  const isSecret = part.fields["kind"] === "Secret";
  const bytes = Object.entries(part.texts(isSecret ? "data" : "binaryData")).map(([key, value]) => [key, textOf(value)] as const);
  return [fullNameOf(part.fields["metadata"]), new Map([...bytes, ...Object.entries(part.texts(isSecret ? "stringData" : "data"))])];
}

function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, "base64"));
  } catch {
    return undefined;
  }
}
