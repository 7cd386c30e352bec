import type { EngineGroupSpec, FoundGroup, FoundRun } from "../../../engine.js";
import { DockerError, type DockerClient } from "../api/docker-client.js";
import { DockerGroup, type DockerSurroundings } from "../docker-group.js";
import { takeRun, type Inspected } from "../runs/docker-run.js";
import { labeled, LABELS } from "../labels.js";

interface Member {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly inspected: Inspected;
}

// What there is of a group that another emulator made.
export interface LeftGroup {
  /** The container that holds the network, running. */
  readonly infraId: string | undefined;
  readonly ip: string | undefined;
  /** The address by which the metadata service knows it. */
  readonly linkLocal: string | undefined;
  /** Whether any of its containers was made. */
  readonly hasRun: boolean;
}

// Finds a group by its labels: the containers are as they are, and what is missing besides them is made again.
export async function findGroup(around: DockerSurroundings, spec: EngineGroupSpec, abortSignal?: AbortSignal): Promise<FoundGroup | undefined> {
  const { client } = around;
  const members = await membersOf(client, spec.id);
  if (members.length === 0 && !(await hasVolumes(client, spec.id))) return undefined;
  const infra = await runningInfra(client, members);
  const mains = members.filter(({ labels }) => labels[LABELS.container] !== undefined);
  // The helpers that fill volumes have no role, and are not needed any more.
  await Promise.all(members.filter(({ labels }) => labels[LABELS.role] === undefined).map(({ id }) => discard(client, id)));
  const runs = await runsOf(client, mains, infra?.id);
  const holder = infra ?? (spec.isSingleRun ? mains[0] : undefined);
  const left = { infraId: infra?.id, hasRun: mains.length > 0, ...addressesOf(holder?.inspected, around.network) };
  return { group: await DockerGroup.reopen(around, spec, left, abortSignal), runs };
}

// The last run of each container; what was made but never started is not one.
async function runsOf(client: DockerClient, members: readonly Member[], holder: string | undefined): Promise<FoundRun[]> {
  const runs = new Map<string, FoundRun>();
  for (const { id, labels, inspected } of members) {
    const container = labels[LABELS.container] ?? "";
    const run = takeRun(client, id, inspected, holder);
    const number = Number(labels[LABELS.run]);
    if (run === undefined) await discard(client, id);
    else if (number >= (runs.get(container)?.number ?? 0)) runs.set(container, { container, number, run });
  }
  return [...runs.values()];
}

async function membersOf(client: DockerClient, group: string): Promise<Member[]> {
  const listed = await client.call<{ Id: string; Labels: Record<string, string> }[]>("GET", "/containers/json", { query: labeled({ [LABELS.group]: group }) });
  const members = listed.map(async ({ Id: id, Labels: labels }): Promise<Member[]> => {
    const inspected = await client.call<Inspected>("GET", `/containers/${id}/json`).catch(unlessMissing);
    // One that is being removed is as good as gone.
    return inspected === undefined || inspected.State.Status === "removing" ? [] : [{ id, labels, inspected }];
  });
  return (await Promise.all(members)).flat();
}

async function hasVolumes(client: DockerClient, group: string): Promise<boolean> {
  const { Volumes } = await client.call<{ Volumes: unknown[] | null }>("GET", "/volumes", { query: { filters: labeled({ [LABELS.group]: group }).filters } });
  return (Volumes ?? []).length > 0;
}

// A machine that was started anew has it still, but not running.
async function runningInfra(client: DockerClient, members: readonly Member[]): Promise<Member | undefined> {
  const infra = members.find(({ labels }) => labels[LABELS.role] === "infra");
  if (infra === undefined || infra.inspected.State.Status === "running") return infra;
  try {
    await client.call("POST", `/containers/${infra.id}/start`);
    return infra;
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    await discard(client, infra.id);
    return undefined;
  }
}

async function discard(client: DockerClient, id: string): Promise<void> {
  await client.call("DELETE", `/containers/${id}`, { query: { force: 1, v: 1 } }).catch(unlessMissing);
}

// Gone already, or on its way.
function unlessMissing(error: unknown): undefined {
  if (error instanceof DockerError && [404, 409].includes(error.status)) return undefined;
  throw error;
}

// Where the group's ports answer, and by which address the metadata service knows it.
function addressesOf(holder: Inspected | undefined, network: string): Pick<LeftGroup, "ip" | "linkLocal"> {
  if (holder === undefined) return { ip: undefined, linkLocal: undefined };
  const { HostConfig, NetworkSettings } = holder;
  return { ip: Object.values(HostConfig.PortBindings ?? {})[0]?.[0]?.HostIp, linkLocal: NetworkSettings.Networks[network]?.IPAMConfig?.LinkLocalIPs?.[0] };
}
