import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { DockerClient } from "../../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../../src/emulator/engines/docker/api/find-docker-socket.js";
import { startEmulator } from "aci-lifecycle/emulator";
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
});

// Containers and volumes of the emulator with a process number.
async function ofDocker(pid: number): Promise<number> {
  const client = new DockerClient((await findDockerSocket()) ?? "");
  const query = { all: 1, filters: { label: ["aci-lifecycle.owner"] } };
  const containers = await client.call<{ Labels: Record<string, string> }[]>("GET", "/containers/json", { query });
  const { Volumes } = await client.call<{ Volumes: { Labels: Record<string, string> }[] | null }>("GET", "/volumes", { query: { filters: query.filters } });
  return [...containers, ...(Volumes ?? [])].filter(({ Labels }) => Labels["aci-lifecycle.owner"]?.split("/")[3] === String(pid)).length;
}
