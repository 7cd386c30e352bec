import type { JsonObject } from "../../../json.js";
import type { Known } from "../known.js";
import type { Part } from "../part.js";
import { readQuantity, roundUp } from "./quantity.js";

export interface Resources {
  readonly cpu?: number | undefined;
  readonly memoryInGB?: number | undefined;
  // What ACI may give at the most, and graphics cards, as it writes them.
  readonly arm?: JsonObject | undefined;
}

const GPU = "nvidia.com/gpu";
const GPU_TYPE = "virtual-kubelet.io/gpu-type";
const GPU_TYPES = ["K80", "P100", "V100"];
// What ACI gives a container that asks for nothing: the defaults of a spec.
export const DEFAULTS = { cpu: 1, memoryInGB: 1.5 };

interface Amounts {
  readonly cpu: number | undefined;
  readonly memoryInGB: number | undefined;
}

export function resourcesOf(container: Part, known: Known): Resources {
  const resources = container.part("resources");
  const [requests, limits] = [resources?.part("requests"), resources?.part("limits")];
  const [asked, most] = [amountsIn(requests), amountsIn(limits)];
  // Without requests Kubernetes takes the limits, too.
  const wanted = known.sources.resources === "limits" ? over(asked, most) : over(most, asked);
  const gpu = gpuOf(requests, limits, known);
  const least = over(DEFAULTS, wanted);
  if (limits !== undefined) checkOrder(limits, most, least);
  if (most.cpu === undefined && most.memoryInGB === undefined && gpu === undefined) return wanted;
  // ACI wants both limits or none.
  return { ...wanted, arm: { resources: { ...(gpu && { requests: { gpu } }), limits: { ...over(least, most), ...(gpu && { gpu }) } } } };
}

// ACI counts processors in steps of 0.01 and memory in steps of 0.1 GB. Rounded up: a container never gets less than it asks for.
function amountsIn(list: Part | undefined): Amounts {
  const [cpu, bytes] = [amountOf(list, "cpu"), amountOf(list, "memory")];
  return { cpu: cpu === undefined ? undefined : roundUp(cpu, 100), memoryInGB: bytes === undefined ? undefined : roundUp(bytes / 1e9, 10) };
}

function over(base: Amounts, first: Amounts): Amounts {
  return { cpu: first.cpu ?? base.cpu, memoryInGB: first.memoryInGB ?? base.memoryInGB };
}

function amountOf(list: Part | undefined, name: string): number | undefined {
  const value = list?.value(name);
  if (list === undefined || value === undefined) return undefined;
  const amount = readQuantity(value);
  if (amount === undefined) list.report.wrong(list.at(name), "is not a quantity");
  return amount;
}

function checkOrder(limits: Part, most: Amounts, least: Amounts): void {
  for (const [name, field] of [["cpu", "cpu"], ["memory", "memoryInGB"]] as const) {
    const [limit, amount] = [most[field], least[field]];
    if (limit !== undefined && amount !== undefined && limit < amount) limits.report.wrong(limits.at(name), `is less than what is asked for, ${amount}`);
  }
}

// The API server would refuse it: cards are not shared.
function checkGpuRequest(requests: Part | undefined, limit: number): void {
  const asked = amountOf(requests, GPU) ?? 0;
  if (requests !== undefined && asked > 0 && asked !== limit) requests.report.wrong(requests.at(GPU), "must be the same as the limit");
}

// As Virtual Kubelet does: so many cards, of the kind that an annotation says.
function gpuOf(requests: Part | undefined, limits: Part | undefined, { pod }: Known): JsonObject | undefined {
  const count = amountOf(limits, GPU) ?? 0;
  checkGpuRequest(requests, count);
  if (limits === undefined || count === 0) return undefined;
  const sku = GPU_TYPES.find((one) => one === pod.annotations[GPU_TYPE]?.toUpperCase());
  if (!Number.isInteger(count)) limits.report.wrong(limits.at(GPU), "is not a whole number");
  if (sku === undefined) limits.report.wrong(limits.at(GPU), `needs the annotation ${GPU_TYPE}: ${GPU_TYPES.join(", ")}`);
  return { count, sku: sku ?? "" };
}
