import type { Handler } from "../server/call.js";
import { pageOf } from "./page.js";
import { QUOTAS, usageOf } from "./quota.js";

// The rows and their order are the recorded ones of 2021, with the sizes of today.
const CAPABILITIES = [
  ["NotSpecified", "Public", "None", 240, 31, 0],
  ["NotSpecified", "Private", "None", 240, 31, 0],
  ["Linux", "Public", "None", 240, 31, 0],
  ["Linux", "Private", "None", 240, 31, 0],
  ["Linux", "Public", "K80", 224, 24, 4],
  ["Linux", "Public", "P100", 448, 24, 4],
  ["Linux", "Public", "V100", 448, 24, 4],
  ["Windows", "Public", "None", 240, 31, 0],
] as const;

const CACHED_IMAGES = ["microsoft/dotnet-framework:4.7.2-runtime-20181211-windowsservercore-ltsc2016", "mcr.microsoft.com/windows/nanoserver:1809"];

export const listUsages: Handler = ({ azure, parts }) => {
  const { subscription = "", location = "" } = parts;
  const used = usageOf(azure, subscription, location);
  const value = QUOTAS.map(([name, localizedValue, limit]) => ({
    id: `/subscriptions/${subscription}/providers/Microsoft.ContainerInstance/locations/${location}/usages/${name.endsWith("Cores") ? name.replace(/^./, (letter) => letter.toLowerCase()) : name}`,
    unit: "Count",
    currentValue: used.get(name) ?? 0,
    limit,
    name: { value: name, localizedValue },
  }));
  return { status: 200, body: { value } };
};

export const listCapabilities: Handler = (call) => {
  const location = call.parts["location"] ?? "";
  const rows = CAPABILITIES.map(([osType, ipAddressType, gpu, maxMemoryInGB, maxCpu, maxGpuCount]) => ({
    resourceType: "containerGroups",
    osType,
    // The service writes it in capitals where the row is about one kind of machine.
    location: osType === "NotSpecified" ? location : location.toUpperCase(),
    ipAddressType,
    gpu,
    capabilities: { maxMemoryInGB, maxCpu, maxGpuCount },
  }));
  return { status: 200, body: pageOf(call, rows, (row) => row) };
};

export const listCachedImages: Handler = (call) => ({ status: 200, body: pageOf(call, CACHED_IMAGES, (image) => ({ osType: "Windows", image })) });
