import type { EngineContainerSpec } from "../../engine.js";

export interface Mount {
  readonly Type: "volume" | "bind";
  readonly Source: string;
  readonly Target: string;
  readonly ReadOnly: boolean;
  readonly VolumeOptions?: { readonly NoCopy: true };
}

const GIB = 1024 ** 3;
const CPU_PERIOD = 100_000;
// What Docker gives by default, less what lets a container make devices, raw packets, or write to the audit log.
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "SETFCAP", "NET_BIND_SERVICE", "SYS_CHROOT"];
// Output is kept by Docker in this many bytes at the most. ACI shows 4 MB; `local` needs few bytes more than the lines.
const LOGS = { Type: "local", Config: { "max-size": "64m", "max-file": "2", compress: "false" } } as const;
// Podman has no `local`; what it calls so is a file of lines.
const PODMAN_LOGS = { Type: "json-file", Config: { "max-size": "64m" } } as const;

// How a container of a group may run. A fixed template: nothing of a request gets here but sizes and mounts.
export function hostConfig({ cpu, memoryInGB }: Pick<EngineContainerSpec, "cpu" | "memoryInGB">, network: string, mounts: readonly Mount[], isPodman = false): object {
  const memory = memoryInGB === undefined ? undefined : Math.max(8 * 1024 ** 2, Math.round(memoryInGB * GIB));
  return {
    NetworkMode: network,
    Mounts: mounts,
    CapDrop: ["ALL"],
    CapAdd: CAPABILITIES,
    SecurityOpt: ["no-new-privileges"],
    PidsLimit: 4096,
    LogConfig: isPodman ? PODMAN_LOGS : LOGS,
    RestartPolicy: { Name: "no" },
    ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
    // Unlike `NanoCpus` this may be more than the machine has, as a group of 4 CPUs on a laptop.
    ...(cpu === undefined ? {} : { CpuPeriod: CPU_PERIOD, CpuQuota: Math.max(1000, Math.round(cpu * CPU_PERIOD)) }),
  };
}
