import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../../../src/json.js";
import { PodManifestError } from "../../../src/pools/from-pod/manifest-error.js";
import { readYaml } from "../../../src/pools/from-pod/read-yaml.js";
import { problemsOf as problemsInBody } from "../../azure/spec/problems-of.js";
import { bodyOf, cases, specOf, type Case } from "./cases.js";

const RUNS = Number(process.env["ACI_TEST_MANIFESTS"] ?? 500);

type Path = readonly (string | number)[];

// What is documented to be left out, and what is free in its names.
const FREE = /^(?:metadata|status|spec\.(?:strategy|selector|updateStrategy|volumeClaimTemplates\b.*|template\.metadata|jobTemplate\.metadata))(?:$|[.[])|\.?(?:tolerations|topologySpreadConstraints|podAntiAffinity|preferredDuringSchedulingIgnoredDuringExecution)\b/u;

const good = cases.filter(({ body, sources }) => body !== undefined && sources?.ignore === undefined);
const isSource = ({ kind }: JsonObject): boolean => kind === "ConfigMap" || kind === "Secret";
const documents = new Map(good.map((one) => [one, JSON.parse(JSON.stringify(readYaml(one.manifest))) as readonly JsonObject[]]));
const workloadOf = (one: Case): JsonObject => documents.get(one)?.find((document) => !isSource(document)) ?? {};

// The paths of all objects in a value.
function objectsIn(value: JsonValue | undefined, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([name, child]) => objectsIn(child as JsonValue, [...path, Array.isArray(value) ? Number(name) : name]));
  return Array.isArray(value) ? inner : [path, ...inner];
}

function changed(value: JsonValue, path: Path, change: (value: JsonValue) => JsonValue): JsonValue {
  const [first, ...rest] = path;
  if (first === undefined) return change(value);
  if (Array.isArray(value)) return value.map((child: JsonValue, index) => (index === first ? changed(child, rest, change) : child));
  const object = value as JsonObject;
  return { ...object, [first]: changed(object[first] ?? null, rest, change) };
}

function textOf(path: Path): string {
  return path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`), "");
}

function problemsOf(one: Case, manifest: JsonValue): readonly string[] {
  try {
    const spec = specOf({ ...one, manifest: { kind: "List", items: [...(documents.get(one)?.filter(isSource) ?? []), manifest] } });
    // What is taken is right for Azure.
    expect(problemsInBody(bodyOf(spec, one.use), { $ref: "#/definitions/ContainerGroup" })).toEqual([]);
    return [];
  } catch (error) {
    if (!(error instanceof PodManifestError)) throw error;
    return error.problems.map(({ path }) => path);
  }
}

describe("a field that nobody knows", () => {
  it.each(good)("is told wherever it is: $about", (one) => {
    const manifest = workloadOf(one);
    const isToken = JSON.stringify(manifest).includes("/var/run/secrets/kubernetes.io/serviceaccount");
    let count = 0;
    for (const path of objectsIn(manifest)) {
      const where = textOf(path);
      if (FREE.test(where) || (isToken && /volume/u.test(where))) continue;
      // These hold names of the caller's own.
      const isMap = /\.(?:nodeSelector|matchLabels)$/u.test(where);
      const isReplaced = one.sources?.volumes !== undefined && /volumes\[/u.test(where);
      if (isMap || isReplaced) continue;
      count++;
      expect(problemsOf(one, changed(manifest, path, (object) => ({ ...(object as JsonObject), zzz: "x" }))), where).toContain(where === "" ? "zzz" : `${where}.zzz`);
    }
    expect(count).toBeGreaterThan(2);
  });
});

describe("a manifest with anything in it", () => {
  it("becomes a spec that is right, or is refused", () => {
    const anything = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.double(), fc.string(), fc.constantFrom("1Gi", "100m", [], {}, [null], [[]], { name: 1 }, { name: "c" }, ["a"]), fc.jsonValue());
    const place = fc.constantFrom(...good).chain((one) => {
      const manifest = workloadOf(one);
      const places = objectsIn(manifest).flatMap((path) => {
        let object: unknown = manifest;
        for (const part of path) object = (object as Record<string | number, unknown>)[part];
        return Object.keys(object as object).map((name) => [...path, name]);
      });
      return fc.record({ one: fc.constant(one), manifest: fc.constant(manifest), path: fc.constantFrom(...places), value: anything });
    });
    fc.assert(
      fc.property(place, ({ one, manifest, path, value }) => {
        problemsOf(one, changed(manifest, path, () => JSON.parse(JSON.stringify(value)) as JsonValue));
      }),
      { numRuns: RUNS },
    );
  });
});
