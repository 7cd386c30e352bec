import { Readable } from "node:stream";
import { DockerClient, readAll } from "../../../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../../../src/emulator/engines/docker/api/find-docker-socket.js";
import { framesOf } from "../../../src/emulator/engines/docker/api/frames.js";

export const CURL = "aci-lifecycle-test/curl:1";
export const BUSYBOX = "aci-lifecycle-test/busybox:1";

export async function docker(): Promise<DockerClient> {
  return new DockerClient((await findDockerSocket()) ?? "");
}

/** An address of this machine that containers reach, whatever network of Docker's they are in. */
export async function hostAddress(): Promise<string> {
  const client = await docker();
  const networks = await client.call<{ Name: string }[]>("GET", "/networks", { query: { filters: { driver: ["bridge"] } } });
  const name = networks.find(({ Name }) => Name === "bridge" || Name === "podman")?.Name ?? "";
  const { IPAM } = await client.call<{ IPAM: { Config: { Gateway?: string; Subnet: string }[] } }>("GET", `/networks/${name}`);
  // A Docker that has made its bridge itself does not tell the gateway before it is started again: it has taken the first address.
  const [{ Gateway, Subnet } = { Subnet: "" }] = IPAM.Config;
  return Gateway ?? Subnet.replace(/\.0\/\d+$/u, ".1");
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly isOutOfMemory: boolean;
}

export interface RunOptions {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryInMB?: number;
  /** Stops it once it has said so. */
  readonly stopAt?: string;
}

/** Runs a container of Docker's, and removes it. */
export async function runInDocker({ image, command, environment, memoryInMB = 256, stopAt }: RunOptions): Promise<Ran> {
  const client = await docker();
  const memory = memoryInMB * 1024 ** 2;
  // Docker's usual log is JSON, and loses what is no text.
  const { Id } = await client.call<{ Id: string }>("POST", "/containers/create", {
    body: { Image: image, Entrypoint: command, Cmd: [], Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`), HostConfig: { Memory: memory, MemorySwap: memory, LogConfig: { Type: "local" } } },
  });
  try {
    await client.call("POST", `/containers/${Id}/start`);
    if (stopAt !== undefined) await stopOnceSaid(client, Id, stopAt);
    await client.call("POST", `/containers/${Id}/wait`);
    const { State } = await client.call<{ State: { ExitCode: number; OOMKilled: boolean } }>("GET", `/containers/${Id}/json`);
    const output = await readAll(await client.stream("GET", `/containers/${Id}/logs`, { query: { stdout: 1, stderr: 1 } }));
    const of = async (wanted: number): Promise<Buffer> => {
      const parts: Buffer[] = [];
      for await (const { stream, data } of framesOf(Readable.from([output]))) if (stream === wanted) parts.push(data);
      return Buffer.concat(parts);
    };
    return { exitCode: State.ExitCode, stdout: await of(1), stderr: (await of(2)).toString(), isOutOfMemory: State.OOMKilled };
  } finally {
    await client.call("DELETE", `/containers/${Id}`, { query: { force: 1, v: 1 } });
  }
}

async function stopOnceSaid(client: DockerClient, id: string, said: string): Promise<void> {
  const output = await client.stream("GET", `/containers/${id}/logs`, { query: { stdout: 1, follow: 1 } });
  for await (const { data } of framesOf(output)) if (data.toString().includes(said)) break;
  await client.call("POST", `/containers/${id}/stop`, { query: { t: 20 } });
}
