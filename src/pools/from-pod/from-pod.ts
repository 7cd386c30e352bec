import type { JsonObject } from "../../json.js";
import type { RunContainerJobOptions } from "../../jobs/options/run-options.js";
import type { ContainerJobSpec } from "../../jobs/spec/job-spec.js";
import { containersOf } from "../../jobs/spec/check-job.js";
import { checkGroup } from "../../lifecycle/check-group.js";
import type { ServerSpec } from "../server-spec.js";
import type { Known } from "./known.js";
import { PodManifestError } from "./manifest-error.js";
import { podSpecOf } from "./pod/pod.js";
import { knownOf, type Use } from "./pod/workload.js";
import type { Part } from "./part.js";
import { checkSources, type PodSources } from "./pod-sources.js";
import { readManifest, type Manifest } from "./read-manifest.js";
import { Report } from "./report.js";

const POLICIES = ["Always", "OnFailure", "Never"] as const;
// As many as a retry policy may have.
const MOST_TRIES = 20;

/**
 * The spec of a job for a Kubernetes Pod, a Job or the job of a CronJob.
 *
 * @remarks
 * Translated as Virtual Kubelet's provider for ACI does it, and further. What ACI has no equal for is an error, never left
 * out, but for what means nothing outside of a cluster: `status`, labels and annotations but Virtual Kubelet's, node names,
 * tolerations, priorities and other matters of a scheduler, the token of the cluster's API, service links, and
 * grace periods up to 30 seconds. `docs/from-pod.md` has the whole list.
 *
 * The main container is the first, or the one of the annotation `kubectl.kubernetes.io/default-container`. How long and how
 * often a job is tried is not part of a spec: see {@link jobOptionsFromPod}. No key is set: add one to `spec` if you want it.
 *
 * @param manifest - YAML or JSON, or what it says as an object. A text may have config maps and secrets beside it.
 * @param sources - What the manifest refers to and does not say. See {@link PodSources}.
 * @returns A spec for `runContainerJob`. Ports of containers are opened to the world, as Virtual Kubelet does: leave out
 * `address` if nobody is to reach them.
 *
 * @throws {@link PodManifestError} with every reason, if the manifest cannot be carried over.
 *
 * @example
 * ```ts
 * const spec = jobSpecFromPod(manifest, { secrets: { database: { password } } });
 * await runContainerJob(client, spec, jobOptionsFromPod(manifest));
 * ```
 * @public
 */
export function jobSpecFromPod(manifest: string | JsonObject, sources: PodSources = {}): ContainerJobSpec {
  return translate(manifest, sources, "job", ({ pod: { spec } }) => {
    // A pod that does not say is as good as a job's: whoever calls this means it to end.
    if (spec.oneOf("restartPolicy", POLICIES) === "Always") spec.report.lost(spec.at("restartPolicy"), "a job is not started again when it has ended");
    spec.skip("activeDeadlineSeconds");
    return {};
  });
}

/**
 * The spec of a server for a Kubernetes Pod, or for one pod of a Deployment, ReplicaSet or StatefulSet.
 *
 * @remarks
 * Translated like {@link jobSpecFromPod}. How many there are (`replicas`), and how they are replaced, is for whoever runs the
 * servers to say, and not part of the spec.
 *
 * @param manifest - YAML or JSON, or what it says as an object. A text may have config maps and secrets beside it.
 * @param sources - What the manifest refers to and does not say. See {@link PodSources}.
 * @returns The spec of one server. Ports of containers are opened to the world, as Virtual Kubelet does, unless you add a
 * `subnetId`.
 *
 * @throws {@link PodManifestError} with every reason, if the manifest cannot be carried over.
 * @public
 */
export function serverSpecFromPod(manifest: string | JsonObject, sources: PodSources = {}): ServerSpec {
  return translate(manifest, sources, "server", ({ pod: { spec } }) => {
    const policy = spec.oneOf("restartPolicy", POLICIES) ?? "Always";
    if (policy !== "Never") return { restartPolicy: policy };
    spec.report.lost(spec.at("restartPolicy"), "a server is started again when it has ended");
    return {};
  });
}

/**
 * What a Job, the job of a CronJob or a Pod says of how long and how often it is tried, as options of `runContainerJob`.
 *
 * @remarks
 * `activeDeadlineSeconds` is `runTimeoutInMs`; `backoffLimit`, 6 where a Job does not say, is the number of further attempts
 * after any exit code but 0, and 19 at the most. A Pod is tried again only where its `restartPolicy` is `OnFailure`,
 * and has 20 attempts then.
 *
 * @param manifest - As for {@link jobSpecFromPod}.
 * @throws {@link PodManifestError} if the manifest cannot be read. What ACI has no equal for is told by {@link jobSpecFromPod}.
 * @public
 */
export function jobOptionsFromPod(manifest: string | JsonObject): Pick<RunContainerJobOptions, "runTimeoutInMs" | "retry"> {
  // What ACI has no equal for is told with the spec, where it can be let go.
  const report = new Report("all");
  const read = readManifest(manifest, report);
  const known = read && knownOf(read, {}, "job");
  if (read === undefined || known === undefined) return failed(report);
  const job = jobOf(read);
  const deadlines = [job, known.pod.spec].flatMap((part) => part?.number("activeDeadlineSeconds") ?? []);
  const isRestarted = known.pod.spec.text("restartPolicy") === "OnFailure";
  const again = Math.min(MOST_TRIES - 1, job === undefined ? (isRestarted ? MOST_TRIES : 0) : (job.number("backoffLimit") ?? 6));
  report.check();
  return {
    ...(deadlines.length > 0 && { runTimeoutInMs: Math.min(...deadlines) * 1000 }),
    ...(again > 0 && { retry: { maxAttempts: again + 1, exitCodes: "nonZero", firstDelayInMs: 10_000, longestDelayInMs: 360_000 } }),
  };
}

function jobOf({ workload, kind }: Manifest): Part | undefined {
  if (kind === "Job") return workload.part("spec");
  return kind === "CronJob" ? workload.part("spec")?.part("jobTemplate")?.part("spec") : undefined;
}

function translate<T extends object>(manifest: string | JsonObject, sources: PodSources, use: Use, more: (known: Known) => T): ReturnType<typeof podSpecOf> & T {
  checkSources(sources);
  const report = new Report(sources.ignore);
  const read = readManifest(manifest, report);
  const known = read && knownOf(read, sources, use);
  if (known === undefined) return failed(report);
  const spec = { ...podSpecOf(known.pod.spec, known), ...more(known) };
  report.finish();
  checkSpec(spec);
  return spec;
}

// What the library asks of every group, a share's name for instance.
function checkSpec(spec: ServerSpec): void {
  try {
    checkGroup(containersOf(spec), spec);
  } catch (error) {
    throw new PodManifestError([{ path: "", text: (error as Error).message }]);
  }
}

// Something was told before.
function failed(report: Report): never {
  report.check();
  throw new TypeError("A manifest was given up without a reason.");
}
