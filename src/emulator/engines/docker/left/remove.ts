import { setTimeout } from "node:timers/promises";
import type { EngineSession } from "../../../engine.js";
import { isClaimed } from "../../../state/claim.js";
import { isGone } from "../../owner.js";
import { DockerError, type DockerClient } from "../api/docker-client.js";
import { labeled, LABELS } from "../labels.js";

type Labels = Readonly<Record<string, string>>;

interface Listed {
  readonly Id: string;
  readonly Labels: Labels;
}

// What another emulator is removing just now, and what a killed one still had asked for, is looked for so often again.
const PASSES = 20;
const PAUSE_IN_MS = 250;

// Removes every container, volume and network that has all these labels. What is gone already is gone. A network that stays in
// use, by a container of somebody else, is left to the next emulator.
export async function removeAll(client: DockerClient, labels: Labels): Promise<void> {
  await untilGone(() => removeOnce(client, labels));
}

async function untilGone(removeOnce: () => Promise<boolean>): Promise<void> {
  for (let pass = 1; !(await removeOnce()) && pass < PASSES; pass++) await setTimeout(PAUSE_IN_MS);
}

// Says whether that was all.
async function removeOnce(client: DockerClient, labels: Labels): Promise<boolean> {
  const query = labeled(labels);
  const areContainersGone = await removeContainers(client, await client.call<Listed[]>("GET", "/containers/json", { query }));
  const { Volumes } = await client.call<{ Volumes: { Name: string }[] | null }>("GET", "/volumes", { query: { filters: query.filters } });
  const networks = await client.call<{ Id: string }[]>("GET", "/networks", { query: { filters: query.filters } });
  const volumesGone = await Promise.all((Volumes ?? []).map(({ Name }) => remove(client, `/volumes/${Name}`, { force: 1 })));
  const networksGone = await Promise.all(networks.map(({ Id }) => remove(client, `/networks/${Id}`)));
  return areContainersGone && [...volumesGone, ...networksGone].every(Boolean);
}

// Removes what emulators of this machine have left that were killed.
export async function removeOrphans(client: DockerClient): Promise<void> {
  const query = { all: 1, filters: { label: [LABELS.owner] } };
  const containers = await client.call<{ Labels: Labels }[]>("GET", "/containers/json", { query });
  const { Volumes } = await client.call<{ Volumes: { Labels: Labels | null }[] | null }>("GET", "/volumes", { query: { filters: query.filters } });
  const networks = await client.call<{ Labels: Labels }[]>("GET", "/networks", { query: { filters: query.filters } });
  const left = [...containers, ...(Volumes ?? []), ...networks].map(({ Labels }) => Labels ?? {});
  const live = new Set(left.filter((labels) => !isGone(ownerOf(labels))).map(sessionOf));
  const orphans = left.filter((labels) => !live.has(sessionOf(labels)) && !isKept(labels));
  const marks = new Map(orphans.map((labels) => [`${ownerOf(labels)} ${sessionOf(labels)}`, { [LABELS.owner]: ownerOf(labels), [LABELS.session]: sessionOf(labels) }]));
  for (const mark of marks.values()) await removeAll(client, mark);
}

// Removes what there is of a session but for the groups that its state folder knows.
export async function removeUnknown(client: DockerClient, { id, state }: EngineSession): Promise<void> {
  const query = labeled({ [LABELS.session]: id });
  const isUnknown = ({ Labels }: { readonly Labels: Labels | null }): boolean => state?.groups.includes(Labels?.[LABELS.group] ?? "") !== true;
  await untilGone(async () => {
    const areContainersGone = await removeContainers(client, (await client.call<Listed[]>("GET", "/containers/json", { query })).filter(isUnknown));
    const { Volumes } = await client.call<{ Volumes: { Name: string; Labels: Labels | null }[] | null }>("GET", "/volumes", { query: { filters: query.filters } });
    const volumesGone = await Promise.all((Volumes ?? []).filter(isUnknown).map(({ Name }) => remove(client, `/volumes/${Name}`, { force: 1 })));
    return areContainersGone && volumesGone.every(Boolean);
  });
}

// Whether a state folder keeps it for the next emulator.
function isKept(labels: Labels): boolean {
  const folder = labels[LABELS.state];
  return folder !== undefined && isClaimed(folder, sessionOf(labels));
}

function ownerOf(labels: Labels): string {
  return labels[LABELS.owner] ?? "";
}

function sessionOf(labels: Labels): string {
  return labels[LABELS.session] ?? "";
}

// Podman removes none whose network another one has joined.
async function removeContainers(client: DockerClient, containers: readonly Listed[]): Promise<boolean> {
  const holdsNetwork = ({ Labels }: Listed): boolean => Labels[LABELS.role] === "infra";
  const removeEach = (some: readonly Listed[]): Promise<boolean[]> => Promise.all(some.map(({ Id }) => remove(client, `/containers/${Id}`, { force: 1, v: 1 })));
  const members = await removeEach(containers.filter((one) => !holdsNetwork(one)));
  const holders = await removeEach(containers.filter(holdsNetwork));
  return [...members, ...holders].every(Boolean);
}

// Says whether it is gone.
async function remove(client: DockerClient, path: string, query: Readonly<Record<string, unknown>> = {}): Promise<boolean> {
  try {
    await client.call("DELETE", path, { query });
  } catch (error) {
    // 500: somebody else has removed a volume at the same time.
    if (error instanceof DockerError && (error.status === 404 || /no such volume/iu.test(error.reason))) return true;
    // 409: somebody is removing it already, or a volume is in use. 403: a network is.
    if (error instanceof DockerError && [403, 409].includes(error.status)) return false;
    throw error;
  }
  return true;
}
