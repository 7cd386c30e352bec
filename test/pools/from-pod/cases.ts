import { readdirSync, readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { toArm } from "../../../src/azure/to-arm.js";
import type { ContainerGroupSpec } from "../../../src/container-group.js";
import type { JsonObject } from "../../../src/json.js";
import { containersOf } from "../../../src/jobs/spec/check-job.js";
import { jobSpecFromPod, serverSpecFromPod } from "../../../src/pools/from-pod/from-pod.js";
import type { PodSources } from "../../../src/pools/from-pod/pod-sources.js";
import type { ServerSpec } from "../../../src/pools/server-spec.js";

/** A manifest, and the group or the problems that come of it. */
export interface Case {
  readonly about: string;
  readonly use: "job" | "server";
  readonly sources?: PodSources;
  readonly manifest: string;
  readonly body?: JsonObject;
  readonly problems?: readonly string[];
}

const FOLDER = new URL("manifests/", import.meta.url);

export const cases: readonly Case[] = readdirSync(FOLDER).flatMap((file) =>
  parseAllDocuments(readFileSync(new URL(file, FOLDER), "utf8")).map((document) => document.toJS() as Case),
);

export function specOf({ use, manifest, sources }: Pick<Case, "use" | "sources"> & { readonly manifest: string | JsonObject }): ServerSpec {
  return use === "job" ? jobSpecFromPod(manifest, sources) : serverSpecFromPod(manifest, sources);
}

/** The group as a job or a server has it. */
export function groupOf(spec: ServerSpec, use: "job" | "server"): ContainerGroupSpec {
  const { volumes, initContainers, address, registries, identity, osType, location = "westeurope", arm } = spec;
  return { name: "g", location, containers: containersOf(spec), restartPolicy: use === "job" ? "Never" : spec.restartPolicy, volumes, initContainers, address, registries, identity, osType, arm };
}

/** The body of the PUT, references to secrets resolved to their own names. */
export function bodyOf(spec: ServerSpec, use: "job" | "server"): JsonObject {
  const resolved = JSON.parse(JSON.stringify(groupOf(spec, use)).replaceAll(/\{"secret":("(?:[^"\\]|\\.)+")\}/gu, '{"secureValue":$1}')) as ContainerGroupSpec;
  return toArm(resolved);
}
