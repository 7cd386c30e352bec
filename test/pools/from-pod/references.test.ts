import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/json.js";
import { jobSpecFromPod } from "../../../src/pools/from-pod/from-pod.js";
import { PodManifestError } from "../../../src/pools/from-pod/manifest-error.js";
import type { PodSources } from "../../../src/pools/from-pod/pod-sources.js";

const TOO_MUCH = "all references up to here stand for more than 4000000 characters";
const HALF_A_MILLION = "x".repeat(500_000);

const pod = (container: object, spec: object = {}, metadata: object = { name: "p" }): JsonObject => ({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "c", image: "i", ...container }], ...spec } }) as JsonObject;
const times = <T>(count: number, make: (index: number) => T): readonly T[] => Array.from({ length: count }, (_unused, index) => make(index));
const from = (valueFrom: object): object => ({ env: times(8, (index) => ({ name: `A${index}`, valueFrom })) });
const volumes = (content: object): object => ({ volumes: times(8, (index) => ({ name: `v${index}`, ...content })) });
const sources = { configMaps: { m: { k: HALF_A_MILLION } }, secrets: { s: { k: HALF_A_MILLION } } };

function problemsIn(manifest: JsonObject, given?: PodSources): readonly string[] {
  try {
    jobSpecFromPod(manifest, given);
  } catch (error) {
    if (error instanceof PodManifestError) return error.problems.map(({ path, text }) => `${path}: ${text}`);
    throw error;
  }
  return [];
}

describe("a manifest that refers to a large value again and again", () => {
  it.each<[string, JsonObject, string]>([
    ["the value of a config map", pod(from({ configMapKeyRef: { name: "m", key: "k" } })), "spec.containers[0].env[7].valueFrom.configMapKeyRef"],
    ["the value of a secret", pod(from({ secretKeyRef: { name: "s", key: "k" } })), "spec.containers[0].env[7].valueFrom.secretKeyRef"],
    ["its annotations", pod(from({ fieldRef: { fieldPath: "metadata.annotations" } }), {}, { annotations: { a: HALF_A_MILLION } }), "spec.containers[0].env[7].valueFrom.fieldRef"],
    ["one of them", pod(from({ fieldRef: { fieldPath: "metadata.annotations['a']" } }), {}, { annotations: { a: HALF_A_MILLION } }), "spec.containers[0].env[7].valueFrom.fieldRef"],
    ["its name", pod(from({ fieldRef: { fieldPath: "metadata.name" } }), {}, { name: HALF_A_MILLION }), "spec.containers[0].env[7].valueFrom.fieldRef"],
    ["a config map as variables", pod({ envFrom: times(8, (index) => ({ prefix: `P${index}`, configMapRef: { name: "m" } })) }), "spec.containers[0].envFrom[7].configMapRef"],
    ["a config map as files", pod({}, volumes({ configMap: { name: "m" } })), "spec.volumes[7].configMap"],
    ["a secret as files", pod({}, volumes({ secret: { secretName: "s" } })), "spec.volumes[7].secret"],
    ["its labels as files", pod({}, volumes({ downwardAPI: { items: [{ path: "l", fieldRef: { fieldPath: "metadata.labels" } }] } }), { labels: { a: HALF_A_MILLION } }), "spec.volumes[7].downwardAPI.items[0].fieldRef"],
  ])("is refused: %s", (_what, manifest, path) => {
    expect(problemsIn(manifest, sources)).toEqual([`${path}: ${TOO_MUCH}`]);
  });

  it("is refused where its own namespace is large, and secrets are known by their names", () => {
    expect(problemsIn(pod(from({ secretKeyRef: { name: "s", key: "k" } }), {}, { namespace: HALF_A_MILLION }), { secrets: "byName" })).toEqual([`spec.containers[0].env[7].valueFrom.secretKeyRef: ${TOO_MUCH}`]);
  });

  it("is refused where it has the log-ins of a large secret", () => {
    const config = JSON.stringify({ auths: { "r.io": { username: "u", password: HALF_A_MILLION } } });
    const manifest = pod({}, { imagePullSecrets: times(8, () => ({ name: "s" })) });
    expect(problemsIn(manifest, { secrets: { s: { ".dockerconfigjson": config } } })).toContain(`spec.imagePullSecrets[7]: ${TOO_MUCH}`);
  });

  it("is refused for many small values as well, at once", () => {
    const small = Object.fromEntries(times(3000, (index) => [`k${index}`, ""]));
    const manifest = pod({ envFrom: times(3000, (index) => ({ prefix: `P${index}_`, configMapRef: { name: "m" } })) });
    expect(problemsIn(manifest, { configMaps: { m: small } })[0]).toMatch(new RegExp(`^spec\\.containers\\[0\\]\\.envFrom\\[\\d\\d\\]\\.configMapRef: ${TOO_MUCH}$`, "u"));
  });

  it("may refer to as much as a request to Azure takes", () => {
    const manifest = pod({ envFrom: [{ configMapRef: { name: "m" } }] }, { volumes: [{ name: "v", configMap: { name: "large" } }] });
    const spec = jobSpecFromPod(manifest, { configMaps: { ...sources.configMaps, large: { a: "x".repeat(1024 ** 2), b: "x".repeat(1024 ** 2) } } });
    expect(spec.environment).toEqual({ k: HALF_A_MILLION });
    expect(JSON.stringify(spec.volumes).length).toBeGreaterThan(2 * 1024 ** 2);
  });
});

// Each of these took longer than a test may when it grew by the square.
describe("a large manifest is read in a moment", () => {
  it("with as many fields that nobody knows", () => {
    expect(problemsIn(pod({}, Object.fromEntries(times(50_000, (index) => [`f${index}`, 1]))))).toHaveLength(50_000);
  });

  it("with as many keys of a config map in its text", () => {
    const text = ["apiVersion: v1", "kind: ConfigMap", "metadata: { name: m }", "data:", ...times(40_000, (index) => `  k${index}: ""`), "---", JSON.stringify(pod({}))].join("\n");
    expect(jobSpecFromPod(text)).toEqual({ containerName: "c", image: "i" });
  }, 20_000);

  it("with as many ports", () => {
    expect(problemsIn(pod({ ports: times(60_000, (index) => ({ containerPort: index + 1 })) }))).toEqual(["spec.containers: there are 60000 ports, and ACI opens 5 at the most"]);
  });

  it("with as many references to a config map that has many keys", () => {
    const many = Object.fromEntries(times(50_000, (index) => [`k${index}`, ""]));
    const manifest = pod({ env: times(10_000, (index) => ({ name: `A${index}`, valueFrom: { configMapKeyRef: { name: "m", key: `k${index}` } } })) });
    expect(Object.keys(jobSpecFromPod(manifest, { configMaps: { m: many } }).environment ?? {})).toHaveLength(10_000);
  });
});
