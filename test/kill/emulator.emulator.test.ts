import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { DockerClient } from "../../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../../src/emulator/engines/docker/api/find-docker-socket.js";
import { startEmulator } from "aci-lifecycle/emulator";
import { LABELS } from "../../src/emulator/engines/docker/labels.js";
import { isRunning, markOf } from "../../src/emulator/engines/owner.js";
import { ENGINES, IMAGE } from "../real/engines.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const CHILD = path("../../temp/kill/emulator-child.mjs");

beforeAll(async () => {
  const alias = { "aci-lifecycle": path("../../src/index.ts"), "aci-lifecycle/emulator": path("../../src/emulator/index.ts") };
  await build({ entryPoints: [path("emulator-child.ts")], outfile: CHILD, bundle: true, packages: "external", alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
});

describe.each(ENGINES)("an emulator on the %s engine that is killed", (engine) => {
  const children: ChildProcess[] = [];
  afterEach(() => children.splice(0).forEach((child) => child.kill("SIGKILL")));

  // An emulator in a process of its own, and what runs in it.
  async function running(): Promise<{ child: ChildProcess; left: () => Promise<number> }> {
    const child = spawn(process.execPath, [CHILD, JSON.stringify({ engine, image: IMAGE })], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    // Not by its number alone: what has ended may wait for a parent that never asks.
    const container = markOf((JSON.parse(line) as { pid: number }).pid);
    return { child, left: () => (engine === "docker" ? ofDocker(child.pid ?? 0) : Promise.resolve(Number(isRunning(container)))) };
  }

  it("leaves nothing behind once the next one has started, which leaves those of a live one alone", async () => {
    const [dead, live] = [await running(), await running()];
    const ended = once(dead.child, "exit");
    dead.child.kill("SIGKILL");
    await ended;
    expect(await dead.left()).toBeGreaterThan(0);
    const next = await startEmulator({ engine });
    expect(await dead.left()).toBe(0);
    expect(await live.left()).toBeGreaterThan(0);
    await next.close();
    expect(await live.left()).toBeGreaterThan(0);
    const over = once(live.child, "exit");
    live.child.kill("SIGKILL");
    await over;
    await (await startEmulator({ engine })).close();
    expect(await live.left()).toBe(0);
  });

  it("leaves nothing behind once several have started at once", async () => {
    const dead = await running();
    const ended = once(dead.child, "exit");
    dead.child.kill("SIGKILL");
    await ended;
    const next = await Promise.all([1, 2, 3, 4].map(() => startEmulator({ engine })));
    expect(await dead.left()).toBe(0);
    await Promise.all(next.map((emulator) => emulator.close()));
  });

  if (engine !== "docker") return;
  it("has no other start fail for a container of somebody else's in its network", async () => {
    const client = new DockerClient((await findDockerSocket()) ?? "");
    const dead = await running();
    const networks = await client.call<{ Id: string; Labels: Record<string, string> }[]>("GET", "/networks", { query: { filters: { label: [LABELS.owner] } } });
    const network = networks.find(({ Labels }) => ownerPid(Labels) === dead.child.pid);
    const { Id } = await client.call<{ Id: string }>("POST", "/containers/create", { body: { Image: IMAGE, Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: network?.Id } } });
    try {
      await client.call("POST", `/containers/${Id}/start`);
      const ended = once(dead.child, "exit");
      dead.child.kill("SIGKILL");
      await ended;
      await (await startEmulator({ engine })).close();
      expect(await dead.left()).toBe(0);
      expect(await client.call("GET", `/containers/${Id}/json`)).toMatchObject({ State: { Running: true } });
    } finally {
      await client.call("DELETE", `/containers/${Id}`, { query: { force: 1 } });
    }
    await (await startEmulator({ engine })).close();
    const left = await client.call<{ Id: string }[]>("GET", "/networks", { query: { filters: { label: [LABELS.owner] } } });
    expect(left.map((one) => one.Id)).not.toContain(network?.Id);
  });
});

// Containers and volumes of the emulator with a process number.
async function ofDocker(pid: number): Promise<number> {
  const client = new DockerClient((await findDockerSocket()) ?? "");
  const query = { all: 1, filters: { label: [LABELS.owner] } };
  const containers = await client.call<{ Labels: Record<string, string> }[]>("GET", "/containers/json", { query });
  const { Volumes } = await client.call<{ Volumes: { Labels: Record<string, string> }[] | null }>("GET", "/volumes", { query: { filters: query.filters } });
  return [...containers, ...(Volumes ?? [])].filter(({ Labels }) => ownerPid(Labels) === pid).length;
}

function ownerPid(labels: Readonly<Record<string, string>>): number {
  return Number(labels[LABELS.owner]?.split("/")[3]);
}
