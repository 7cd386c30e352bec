import type { ContainerSpec, InitContainerSpec } from "../../../container-spec.js";
import type { ServerSpec } from "../../server-spec.js";
import { containerOf, initContainerOf } from "../containers/container.js";
import { DEFAULTS } from "../containers/resources.js";
import type { Known } from "../known.js";
import { compact, firstTwice, objectsIn, type Part } from "../part.js";
import { volumesOf } from "../volumes/volumes.js";
import { addressOf, dnsConfigOf } from "./network.js";
import { groupArmOf, placementOf } from "./placement.js";
import { registriesOf } from "./registries.js";

// What only a cluster's scheduler, its API or its services act upon.
const CLUSTER_ONLY = ["automountServiceAccountToken", "enableServiceLinks", "nodeName", "preemptionPolicy", "priority", "priorityClassName", "schedulerName", "schedulingGates", "serviceAccount", "tolerations", "topologySpreadConstraints"];
const MAIN_ANNOTATION = "kubectl.kubernetes.io/default-container";
const LONGEST_GRACE_IN_SECONDS = 30;

// The group for a pod, without what depends on whether it is a job or a server.
export function podSpecOf(spec: Part, known: Known): Omit<ServerSpec, "restartPolicy"> {
  spec.skip(...CLUSTER_ONLY);
  checkAccount(spec, known);
  const grace = spec.number("terminationGracePeriodSeconds");
  // It may be given less than it asks for, and up to the usual 30 seconds are taken for not asked for.
  if (grace !== undefined && grace > LONGEST_GRACE_IN_SECONDS) spec.report.lost(spec.at("terminationGracePeriodSeconds"), "ACI has no grace period of one's own");
  const security = spec.part("securityContext");
  const containers = spec.parts("containers").map((part) => containerOf(part, security, known));
  const initContainers = spec.parts("initContainers").map((part) => initContainerOf(part, security, known));
  if (containers.length === 0) spec.report.wrong(spec.at("containers"), "is missing");
  const { osType, location, zones } = placementOf(spec);
  const volumes = volumesOf(spec, known);
  const all = { containers, initContainers };
  checkMounts(spec, [...containers, ...initContainers], new Set(volumes.map(({ name }) => name)));
  checkLimits(spec, containers, known.sources.resources);
  if (osType === "Windows") checkWindows(spec, all, volumes.length);
  const group = {
    initContainers: initContainers.length === 0 ? undefined : initContainers,
    volumes: volumes.length === 0 ? undefined : volumes,
    address: addressOf(spec, containers, known),
    registries: orNone(registriesOf(spec, known)),
    identity: known.sources.identity,
    osType,
    location,
    arm: groupArmOf(zones, known.pod, dnsConfigOf(spec)),
  };
  return compact({ ...mainOf(containers, known), ...group });
}

// The main container is the one that `kubectl logs` shows, or else the first.
function mainOf(containers: readonly ContainerSpec[], { pod: { annotations, metadata } }: Known): Omit<ServerSpec, "restartPolicy"> {
  const wanted = annotations[MAIN_ANNOTATION];
  const index = wanted === undefined ? 0 : containers.findIndex(({ name }) => name === wanted);
  if (index < 0) metadata?.report.wrong(`${metadata.at("annotations")}.${MAIN_ANNOTATION}`, "is not the name of a container");
  const { name, arm, ...main } = containers[index] ?? { name: "", image: "" };
  const sidecars = containers.filter((_, i) => i !== index);
  return { ...main, containerName: name, ...(arm && { containerArm: arm }), ...(sidecars.length > 0 && { sidecars }) };
}

// A service account is who a pod is. Outside of the cluster that is a managed identity.
function checkAccount(spec: Part, { sources, pod: { labels, metadata } }: Known): void {
  if (sources.identity !== undefined) spec.skip("serviceAccountName");
  else spec.only("serviceAccountName", ["default", ""], "a service account means nothing outside of its cluster; give an `identity`");
  const asking = ["aadpodidbinding", ...(labels["azure.workload.identity/use"] === "true" ? ["azure.workload.identity/use"] : [])];
  for (const label of asking) {
    if (label in labels && sources.identity === undefined) metadata?.report.lost(`${metadata.at("labels")}.${label}`, "give an `identity`");
  }
}

function checkMounts(spec: Part, containers: readonly InitContainerSpec[], volumes: ReadonlySet<string>): void {
  // Why one of its own could not be had, was told before.
  const own = new Set(objectsIn(spec.fields["volumes"]).map((one) => one["name"]));
  for (const { name, mounts = [] } of containers) {
    for (const { volume } of mounts) {
      if (!volumes.has(volume) && !own.has(volume)) spec.report.wrong(spec.at("volumes"), `has no "${volume}", which the container "${name}" mounts`);
    }
    const twice = firstTwice(mounts.map(({ path }) => path.replace(/\/+$/u, "")));
    if (twice !== undefined) spec.report.wrong(spec.at("containers"), `the container "${name}" mounts two volumes on ${twice}`);
  }
}

// ACI refuses a limit above what the whole group asks for.
function checkLimits(spec: Part, containers: readonly ContainerSpec[], resources: "requests" | "limits" | undefined): void {
  for (const [field, resource] of [["cpu", "cpu"], ["memoryInGB", "memory"]] as const) {
    const total = containers.reduce((sum, one) => sum + (one[field] ?? DEFAULTS[field]), 0);
    for (const [index, { arm }] of containers.entries()) {
      const limits = (arm?.["resources"] as { readonly limits?: Readonly<Record<string, number>> } | undefined)?.limits;
      if ((limits?.[field] ?? 0) <= total + 1e-9) continue;
      const hint = resources === "limits" ? "" : ', or give `resources: "limits"` to ask for as much';
      spec.report.lost(`${spec.at("containers")}[${index}].resources.limits.${resource}`, `is more than the ${Number(total.toFixed(2))} that the whole group asks for, which ACI refuses: ask for more${hint}`);
    }
  }
}

function checkWindows(spec: Part, { containers, initContainers }: { readonly containers: readonly unknown[]; readonly initContainers: readonly unknown[] }, volumes: number): void {
  if (containers.length + initContainers.length > 1) spec.report.wrong(spec.at("containers"), "ACI runs one container in a group on Windows");
  if (volumes > 0) spec.report.lost(spec.at("volumes"), "ACI has no volumes on Windows");
}

function orNone<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
