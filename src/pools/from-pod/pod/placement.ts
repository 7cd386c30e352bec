import type { JsonObject } from "../../../json.js";
import type { Known } from "../known.js";
import { own, type Part } from "../part.js";

// Where a pod wants to run, as far as ACI lets one say it.
export interface Placement {
  readonly osType: "Linux" | "Windows" | undefined;
  readonly location: string | undefined;
  readonly zones: readonly string[];
}

type Wants = Map<string, readonly string[]>;
type Say = (reason: string) => void;

// The labels of nodes by their old names.
const OLD_NAMES: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/os": "kubernetes.io/os",
  "beta.kubernetes.io/arch": "kubernetes.io/arch",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
};
const REGION = "topology.kubernetes.io/region";
const ZONE = "topology.kubernetes.io/zone";
const OS = "kubernetes.io/os";
const ARCH = "kubernetes.io/arch";
// By which pods are led to Virtual Kubelet's node, or away from it.
const VIRTUAL = ["type", "kubernetes.io/role", "kubernetes.azure.com/cluster", "kubernetes.azure.com/mode", "virtual-kubelet.io/provider"];
const SKU = "virtual-kubelet.io/container-sku";
const POLICY = "virtual-kubelet.io/confidential-compute-cce-policy";
const SKUS = ["Standard", "Dedicated", "Confidential"];
const SYSTEMS = { linux: "Linux", windows: "Windows" } as const;

export function placementOf(spec: Part): Placement {
  const wants: Wants = new Map();
  for (const [name, value] of Object.entries(spec.texts("nodeSelector"))) {
    want(wants, name, [value], (reason) => spec.report.lost(`${spec.at("nodeSelector")}.${name}`, reason));
  }
  readAffinity(spec, wants);
  const os = spec.part("os")?.oneOf("name", ["linux", "windows"]) ?? wants.get(OS)?.[0];
  return {
    osType: os === "linux" || os === "windows" ? SYSTEMS[os] : undefined,
    location: wants.get(REGION)?.[0],
    // Zones of Azure are `westeurope-1` in a cluster and `1` in ACI.
    zones: wants.get(ZONE)?.map((zone) => zone.replace(/^.*-(?=\d+$)/u, "")) ?? [],
  };
}

// Every group has a machine of its own: it is apart from all others, beside none, and a preference may go unheard.
function readAffinity(spec: Part, wants: Wants): void {
  const affinity = spec.part("affinity");
  affinity?.skip("podAntiAffinity");
  affinity?.part("podAffinity")?.skip("preferredDuringSchedulingIgnoredDuringExecution");
  const node = affinity?.part("nodeAffinity");
  node?.skip("preferredDuringSchedulingIgnoredDuringExecution");
  const terms = termsOf(node?.part("requiredDuringSchedulingIgnoredDuringExecution"));
  if (terms[1] !== undefined) terms[1].report.lost(terms[1].path, "ACI has no choice of places");
  for (const expression of terms.flatMap((term) => term.parts("matchExpressions"))) readExpression(expression, wants);
}

function termsOf(selector: Part | undefined): readonly Part[] {
  return selector?.parts("nodeSelectorTerms") ?? [];
}

function readExpression(expression: Part, wants: Wants): void {
  const [key, operator, values] = [expression.needed("key"), expression.needed("operator"), expression.words("values") ?? []];
  const say: Say = (reason) => {
    expression.report.lost(expression.path, reason);
  };
  if (operator === "In") want(wants, key, values, say);
  else if (!VIRTUAL.includes(key)) say(noSuchNodes(key));
}

function want(wants: Wants, label: string, values: readonly string[], say: Say): void {
  const key = own(OLD_NAMES, label) ?? label;
  const [first = ""] = values;
  if (key === ARCH && !values.includes("amd64")) say("ACI runs amd64 only");
  else if (key === REGION && values.length > 1) say("ACI has no choice of places; give `locations` to whoever runs it");
  else if (![...VIRTUAL, REGION, ZONE, ARCH].includes(key) && !(key === OS && Object.hasOwn(SYSTEMS, first))) say(noSuchNodes(label));
  else wants.set(key, values);
}

function noSuchNodes(label: string): string {
  return `ACI has no nodes to choose by their "${label}"`;
}

// What Virtual Kubelet's annotations say of the group, zones and name servers.
export function groupArmOf(zones: readonly string[], { annotations, metadata }: Known["pod"], dnsConfig: JsonObject | undefined): JsonObject | undefined {
  const ccePolicy = annotations[POLICY];
  const sku = skuOf(annotations[SKU], ccePolicy !== undefined, (reason) => metadata?.report.lost(`${metadata.at("annotations")}.${SKU}`, reason));
  const properties = { ...(sku !== undefined && { sku }), ...(ccePolicy !== undefined && { confidentialComputeProperties: { ccePolicy } }), ...(dnsConfig && { dnsConfig }) };
  const arm = { ...(zones.length > 0 && { zones }), ...(Object.keys(properties).length > 0 && { properties }) };
  return Object.keys(arm).length === 0 ? undefined : arm;
}

function skuOf(wanted: string | undefined, hasPolicy: boolean, say: Say): string | undefined {
  const sku = SKUS.find((one) => one.toLowerCase() === wanted?.toLowerCase());
  if (wanted !== undefined && sku === undefined) say(`is not one of ${SKUS.join(", ")}`);
  if (!hasPolicy) return sku;
  if (sku !== undefined && sku !== "Confidential") say("is not Confidential, which the policy of confidential computing needs");
  return "Confidential";
}
