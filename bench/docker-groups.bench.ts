import { request } from "node:http";
import { DockerClient, readAll } from "../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../src/emulator/engines/docker/api/find-docker-socket.js";
import { startEmulator } from "../src/emulator/index.js";

// What a container costs through the emulator, against the same container by Docker's API directly, side by side in turn.
const ROUNDS = 30;
const IMAGE = "aci-lifecycle-test/busybox:1";
const COMMAND = ["/bin/sh", "-c", "exit 0"];
const PORT = 8080;

const socketPath = await findDockerSocket();
if (socketPath === undefined) {
  console.log("docker groups: left out, because no Docker socket answers");
  process.exit(0);
}
const docker = new DockerClient(socketPath);
const network = `aci-lifecycle-bench-${process.pid}`;
await docker.call("POST", "/networks/create", { body: { Name: network, Driver: "bridge" } });
const emulator = await startEmulator({ engine: "docker" });
const [, , infra] = await Promise.all([one("warm", "Never"), byHand(0, false), infraImage()]);
const single = { emulator: [] as number[], hand: [] as number[] };
const withInfra = { emulator: [] as number[], hand: [] as number[] };
for (let round = 1; round <= ROUNDS; round++) {
  single.hand.push(await timed(() => byHand(round, false)));
  single.emulator.push(await timed(() => one(`single-${round}`, "Never")));
  withInfra.hand.push(await timed(() => byHand(round, true)));
  withInfra.emulator.push(await timed(() => one(`infra-${round}`, "OnFailure")));
}
await emulator.close();
await docker.call("DELETE", `/networks/${network}`);
report("one container", single, 1.3);
report("infra and member", withInfra, 1.5);

// Put, seen to have ended, and deleted.
async function one(name: string, restartPolicy: string): Promise<void> {
  const properties = {
    osType: "Linux",
    restartPolicy,
    ipAddress: { type: "Public", ports: [{ port: PORT }] },
    containers: [{ name: "main", properties: { image: IMAGE, command: COMMAND, ports: [{ port: PORT }], resources: { requests: { cpu: 1, memoryInGB: 1 } } } }],
  };
  await ask("PUT", name, { location: "westeurope", properties });
  while (emulator.groups().find((group) => group.name === name)?.state !== "Succeeded") await new Promise((resolve) => setTimeout(resolve, 1));
  await ask("GET", `${name}/containers/main/logs`);
  await ask("DELETE", name);
  while ((await count(name)) > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function count(name: string): Promise<number> {
  const containers = await docker.call<{ Labels: Record<string, string>; Names: string[] }[]>("GET", "/containers/json", { query: { all: 1, filters: { label: ["aci-lifecycle.session"] } } });
  return containers.length > 0 && name !== "" ? containers.length : 0;
}

// The same by Docker's API: create, wait, start, inspect, logs, remove; with one more that holds the network.
async function byHand(round: number, hasInfra: boolean): Promise<void> {
  const bindings = { PortBindings: { [`${PORT}/tcp`]: [{ HostIp: `127.9.${round}.1`, HostPort: String(PORT) }] } };
  const limits = { Memory: 1024 ** 3, MemorySwap: 1024 ** 3, CpuPeriod: 100_000, CpuQuota: 100_000, LogConfig: { Type: "local", Config: {} } };
  const exposed = { ExposedPorts: { [`${PORT}/tcp`]: {} } };
  const ids: string[] = [];
  const create = async (body: object): Promise<string> => {
    const { Id } = await docker.call<{ Id: string }>("POST", "/containers/create", { body });
    ids.push(Id);
    return Id;
  };
  if (hasInfra) {
    const id = await create({ Image: infra, ...exposed, HostConfig: { NetworkMode: network, ...bindings } });
    await docker.call("POST", `/containers/${id}/start`);
  }
  const joined = hasInfra ? { HostConfig: { NetworkMode: `container:${ids[0] ?? ""}`, ...limits } } : { ...exposed, HostConfig: { NetworkMode: network, ...bindings, ...limits } };
  const id = await create({ Image: IMAGE, Entrypoint: COMMAND, Cmd: [], ...joined });
  const ended = await docker.stream("POST", `/containers/${id}/wait`, { query: { condition: "next-exit" } });
  await docker.call("POST", `/containers/${id}/start`);
  await readAll(ended);
  await docker.call("GET", `/containers/${id}/json`);
  await docker.call("GET", `/containers/${id}/logs`, { query: { stdout: 1, stderr: 1, tail: "all" } });
  await Promise.all(ids.map((one) => docker.call("DELETE", `/containers/${one}`, { query: { force: 1, v: 1 } })));
}

async function infraImage(): Promise<string> {
  const images = await docker.call<{ RepoTags: string[] | null }[]>("GET", "/images/json");
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).find((tag) => tag.startsWith("localhost/aci-lifecycle/infra:")) ?? "";
}

function ask(method: string, path: string, body?: unknown): Promise<void> {
  const { subscriptionId, resourceGroup, endpoint } = emulator.clientOptions;
  const url = `${endpoint}/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${path}?api-version=2023-05-01`;
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${emulator.environment["ACI_EMULATOR_TOKEN"] ?? ""}`, "content-type": "application/json" };
    const outgoing = request(url, { method, headers }, (response) => {
      response.resume();
      response.once("end", () => ((response.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`${method} ${path}: ${response.statusCode}`))));
    });
    outgoing.once("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function report(what: string, { emulator: ours, hand }: { readonly emulator: number[]; readonly hand: number[] }, most: number): void {
  const median = (times: number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const ratio = median(ours) / median(hand);
  console.log(`docker groups, ${what}: ${ratio.toFixed(2)} of Docker alone (${Math.round(median(ours))} ms against ${Math.round(median(hand))} ms, ${ROUNDS} rounds); wanted at most ${most}`);
  if (ratio > most) process.exitCode = 1;
}
