import { refusals } from "../arm-error.js";
import type { GroupBody } from "../body/group-body.js";
import type { EmulatedAzure } from "../emulated-azure.js";
import type { Group } from "../groups/group.js";

/** What a location counts, how the service calls it, and how much of it a subscription has. */
export const QUOTAS = [
  ["ContainerGroups", "Container Groups", 100],
  ["StandardCores", "Standard Cores", 100],
  ["StandardSpotCores", "Standard Spot Cores", 10],
  ["StandardK80Cores", "Standard K80 Cores", 0],
  ["StandardP100Cores", "Standard P100 Cores", 0],
  ["StandardV100Cores", "Standard V100 Cores", 0],
  ["DedicatedContainerGroups", "Dedicated Container Groups", 0],
  ["DedicatedCores", "Dedicated Cores", 0],
  ["ConfidentialContainerGroups", "Confidential Container Groups", 50],
  ["ConfidentialCores", "Confidential Cores", 50],
] as const;

type Quota = (typeof QUOTAS)[number][0];

/** How much of each quota is in use in a location. A group that stands still or has ended uses none. */
export function usageOf(azure: EmulatedAzure, subscriptionId: string, location: string): Map<string, number> {
  const live = azure.groups.list(subscriptionId).filter((group) => region(group.body.location) === region(location) && !group.isStopped && !group.hasEnded);
  const used = new Map<string, number>();
  for (const { body } of live) for (const [quota, amount] of needsOf(body)) used.set(quota, (used.get(quota) ?? 0) + amount);
  return used;
}

/** Refuses a group for which a quota is too small, where limits are enforced. */
export function expectQuota(azure: EmulatedAzure, subscriptionId: string, body: GroupBody, present: Group | undefined): void {
  const isCountedAlready = present !== undefined && !present.hasEnded && !present.isStopped;
  if (azure.settings.limits === "counted" || isCountedAlready) return;
  const used = usageOf(azure, subscriptionId, body.location);
  for (const [quota, amount] of needsOf(body)) {
    const limit = QUOTAS.find(([name]) => name === quota)?.[2] ?? 0;
    const usage = used.get(quota) ?? 0;
    if (usage + amount > limit) throw refusals.quotaReached(quota, region(body.location), limit, usage, amount);
  }
}

function needsOf({ properties: { sku, priority, containers } }: GroupBody): [Quota, number][] {
  const cores = containers.reduce((sum, container) => sum + (container.properties.resources?.requests?.cpu ?? 0), 0);
  if (sku === "Dedicated") return [["DedicatedContainerGroups", 1], ["DedicatedCores", cores]];
  if (sku === "Confidential") return [["ConfidentialContainerGroups", 1], ["ConfidentialCores", cores]];
  return [["ContainerGroups", 1], [priority === "Spot" ? "StandardSpotCores" : "StandardCores", cores]];
}

function region(location: string): string {
  return location.toLowerCase().replaceAll(" ", "");
}
