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

// Removes every container, volume and network that has all these labels. What is gone already is gone.
export async function removeAll(client: DockerClient, labels: Labels): Promise<void> {
  const query = labeled(labels);
  await removeContainers(client, await client.call<Listed[]>("GET", "/containers/json", { query }));
  const { Volumes } = await client.call<{ Volumes: { Name: string }[] | null }>("GET", "/volumes", { query: { filters: query.filters } });
  await Promise.all((Volumes ?? []).map(({ Name }) => remove(client, `/volumes/${Name}`)));
  const networks = await client.call<{ Id: string }[]>("GET", "/networks", { query: { filters: query.filters } });
  await Promise.all(networks.map(({ Id }) => remove(client, `/networks/${Id}`)));
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
  await removeContainers(client, (await client.call<Listed[]>("GET", "/containers/json", { query })).filter(isUnknown));
  const { Volumes } = await client.call<{ Volumes: { Name: string; Labels: Labels | null }[] | null }>("GET", "/volumes", { query: { filters: query.filters } });
  await Promise.all((Volumes ?? []).filter(isUnknown).map(({ Name }) => remove(client, `/volumes/${Name}`)));
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
async function removeContainers(client: DockerClient, containers: readonly Listed[]): Promise<void> {
  const holdsNetwork = ({ Labels }: Listed): boolean => Labels[LABELS.role] === "infra";
  await Promise.all(containers.filter((one) => !holdsNetwork(one)).map(({ Id }) => remove(client, `/containers/${Id}`)));
  await Promise.all(containers.filter(holdsNetwork).map(({ Id }) => remove(client, `/containers/${Id}`)));
}

async function remove(client: DockerClient, path: string): Promise<void> {
  try {
    await client.call("DELETE", path, { query: { force: 1, v: 1 } });
  } catch (error) {
    // 409: somebody is removing it already.
    if (!(error instanceof DockerError) || ![404, 409].includes(error.status)) throw error;
  }
}
