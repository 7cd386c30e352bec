import { Known } from "../known.js";
import type { Part } from "../part.js";
import type { PodSources } from "../pod-sources.js";
import type { Manifest } from "../read-manifest.js";

export type Use = "job" | "server";

const USES: Readonly<Record<string, readonly Use[]>> = { Pod: ["job", "server"], Job: ["job"], CronJob: ["job"], Deployment: ["server"], ReplicaSet: ["server"], StatefulSet: ["server"] };

// What a workload says of when it runs, and how many there are: not of one group.
const OF_MANY: Readonly<Record<string, readonly string[]>> = {
  CronJob: ["concurrencyPolicy", "failedJobsHistoryLimit", "schedule", "startingDeadlineSeconds", "successfulJobsHistoryLimit", "suspend", "timeZone"],
  Job: ["activeDeadlineSeconds", "backoffLimit", "manualSelector", "podReplacementPolicy", "selector", "ttlSecondsAfterFinished"],
  Deployment: ["minReadySeconds", "paused", "progressDeadlineSeconds", "replicas", "revisionHistoryLimit", "selector", "strategy"],
  ReplicaSet: ["minReadySeconds", "replicas", "selector"],
  StatefulSet: ["minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy", "podManagementPolicy", "replicas", "revisionHistoryLimit", "selector", "serviceName", "updateStrategy"],
};
// What Virtual Kubelet reads. Any other of its annotations asks for something that is not done here.
const ANNOTATIONS = ["confidential-compute-cce-policy", "container-sku", "gpu-type"].map((name) => `virtual-kubelet.io/${name}`);

// The pod of a workload, and what is known of it; undefined after a problem was told.
export function knownOf(manifest: Manifest, sources: PodSources, use: Use): Known | undefined {
  const { workload, kind } = manifest;
  workload.skip("status");
  if (USES[kind]?.includes(use) !== true) {
    workload.report.wrong("kind", `a ${kind} is no ${use}: use \`${use === "job" ? "serverSpecFromPod" : "jobSpecFromPod"}\``);
    return undefined;
  }
  const { name, namespace = "default" } = idOf(workload.part("metadata"));
  const template = templateOf(workload, kind, sources);
  const spec = template?.part("spec");
  if (template !== undefined && spec !== undefined) return new Known(sources, manifest, { ...factsOf(template), name: kind === "Pod" ? name : undefined, spec }, sources.namespace ?? namespace);
  workload.report.wrong("spec", "has no pod");
  return undefined;
}

function idOf(metadata: Part | undefined): { readonly name?: string | undefined; readonly namespace?: string | undefined } {
  metadata?.skip();
  return { name: metadata?.text("name"), namespace: metadata?.text("namespace") };
}

function factsOf(template: Part): Pick<Known["pod"], "labels" | "annotations" | "metadata"> {
  const metadata = template.part("metadata");
  metadata?.skip();
  return { labels: metadata?.texts("labels") ?? {}, annotations: annotationsOf(metadata), metadata };
}

function annotationsOf(metadata: Part | undefined): Readonly<Record<string, string>> {
  const annotations = metadata?.texts("annotations") ?? {};
  for (const name of Object.keys(annotations)) {
    if (name.startsWith("virtual-kubelet.io/") && !ANNOTATIONS.includes(name)) metadata?.report.lost(`${metadata.at("annotations")}.${name}`, "is not known");
  }
  return annotations;
}

function templateOf(part: Part, kind: string, sources: PodSources): Part | undefined {
  if (kind === "Pod") return part;
  const spec = part.part("spec");
  if (spec === undefined) return undefined;
  spec.skip(...(OF_MANY[kind] ?? []));
  if (kind === "CronJob") {
    const job = spec.part("jobTemplate");
    job?.skip("metadata");
    return job && templateOf(job, "Job", sources);
  }
  if (kind === "Job") checkJob(spec);
  if (kind === "StatefulSet") for (const claim of spec.parts("volumeClaimTemplates")) checkClaim(claim, sources);
  return spec.part("template");
}

// A job of ours is one container that runs once.
function checkJob(spec: Part): void {
  for (const name of ["parallelism", "completions"]) {
    if ((spec.number(name) ?? 1) > 1) spec.report.lost(spec.at(name), "a job has one pod: run the spec as often as you need");
  }
  spec.only("completionMode", ["NonIndexed"], "a job has one pod, and no index");
}

function checkClaim(claim: Part, { volumes = [] }: PodSources): void {
  const name = claim.part("metadata")?.text("name");
  claim.skip();
  if (!volumes.some((volume) => volume.name === name)) claim.report.lost(claim.path, `ACI has no claims; give the file share in \`volumes\`, with the name "${name ?? ""}"`);
}
