import type { GroupBody } from "../body/group-body.js";
import type { Handler } from "../server/call.js";
import { pageOf } from "./page.js";

const USAGES = [
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

const CACHED_IMAGES = ["microsoft/dotnet-framework:4.7.2-runtime-20181211-windowsservercore-ltsc2016", "mcr.microsoft.com/windows/nanoserver:1809"];

export const listUsages: Handler = ({ azure, parts }) => {
  const location = parts["location"] ?? "";
  const bodies = azure.groups.list(parts["subscription"] ?? "").filter((group) => region(group.body.location) === region(location) && !group.isStopped && !group.hasEnded);
  const used = { ContainerGroups: bodies.length, StandardCores: bodies.reduce((sum, group) => sum + cores(group.body), 0) };
  const value = USAGES.map(([name, localizedValue, limit]) => ({
    id: `/subscriptions/${parts["subscription"] ?? ""}/providers/Microsoft.ContainerInstance/locations/${location}/usages/${name.endsWith("Cores") ? name.replace(/^./, (letter) => letter.toLowerCase()) : name}`,
    unit: "Count",
    currentValue: name in used ? used[name as keyof typeof used] : 0,
    limit,
    name: { value: name, localizedValue },
  }));
  return { status: 200, body: { value } };
};

export const listCapabilities: Handler = (call) => {
  const location = call.parts["location"] ?? "";
  const capabilities = (maxMemoryInGB: number, maxCpu: number): object => ({ maxMemoryInGB, maxCpu, maxGpuCount: 0 });
  const rows = [
    { osType: "NotSpecified", location, ipAddressType: "Public" },
    { osType: "NotSpecified", location, ipAddressType: "Private" },
    { osType: "Linux", location: location.toUpperCase(), ipAddressType: "Public" },
    { osType: "Linux", location: location.toUpperCase(), ipAddressType: "Private" },
  ].map((row) => ({ resourceType: "containerGroups", ...row, gpu: "None", capabilities: capabilities(240, 31) }));
  return { status: 200, body: pageOf(call, rows, (row) => row) };
};

export const listCachedImages: Handler = (call) => ({ status: 200, body: pageOf(call, CACHED_IMAGES, (image) => ({ osType: "Windows", image })) });

function cores(body: GroupBody): number {
  return body.properties.containers.reduce((sum, container) => sum + (container.properties.resources?.requests?.cpu ?? 0), 0);
}

function region(location: string): string {
  return location.toLowerCase().replaceAll(" ", "");
}
