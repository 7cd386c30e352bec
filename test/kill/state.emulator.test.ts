import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startEmulator, type Emulator, type StartEmulatorOptions } from "aci-lifecycle/emulator";
import { DockerClient } from "../../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../../src/emulator/engines/docker/api/find-docker-socket.js";
import { isRunning, markOf } from "../../src/emulator/engines/owner.js";
import { arm, groupBody, type ArmBody } from "../emulator/arm.js";
import { ENGINES, IMAGE, isPodmanHere } from "../real/engines.js";

type Reached = Pick<Emulator, "endpoint" | "clientOptions" | "environment" | "banner">;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const TOKEN_URL = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=x";
const CHILD = path("../../temp/kill/state-child.mjs");
const sh = (script: string): object => ({ command: ["/bin/sh", "-c", script], resources: { requests: { cpu: 0.1, memoryInGB: 0.1 } } });
const container = (name: string, script: string, mounts: object = {}): object => ({ name, properties: { image: IMAGE, ...sh(script), ...mounts } });

beforeAll(async () => {
  const alias = { "aci-lifecycle/emulator": path("../../src/emulator/index.ts") };
  await build({ entryPoints: [path("state-child.ts")], outfile: CHILD, bundle: true, packages: "external", alias, format: "esm", platform: "node", target: "node20", logLevel: "error" });
});

let folder = "";
let now: Reached & { readonly child: ChildProcess };
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "state-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function start(options: StartEmulatorOptions): Promise<void> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify({ pace: { restartBackOffInMs: 500 }, stopGraceInMs: 1000, stateFolder: folder, ...options })], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  now = { ...(JSON.parse(line) as Reached), child };
}

async function endAll(): Promise<void> {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await end(child, "SIGKILL");
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

const put = (name: string, properties: object, main: object = {}): ReturnType<typeof arm> => arm(now, "PUT", `containerGroups/${name}`, { body: groupBody(IMAGE, properties, main) });
const get = async (name: string): Promise<ArmBody> => (await arm(now, "GET", `containerGroups/${name}`)).body;
const logs = async (name: string, of = "main"): Promise<string> => ((await arm(now, "GET", `containerGroups/${name}/containers/${of}/logs`)).body as Partial<ArmBody>).content ?? "";
type View = NonNullable<ArmBody["properties"]["containers"][0]["properties"]["instanceView"]> & { currentState: { startTime?: string; finishTime?: string; detailStatus: string } };
const viewOf = async (name: string): Promise<View> => (await get(name)).properties.containers[0].properties.instanceView as View;

// Asks until it is so, for something that comes about by itself.
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (const late = Date.now() + 30_000; ; ) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (Date.now() > late) throw new Error(`It did not come about: ${JSON.stringify(answer)}`);
  }
}

const IS_PODMAN = ENGINES.includes("docker") && (await isPodmanHere());
const isUp = (view: View | undefined): boolean => view?.currentState.state === "Running";

describe.skipIf(!ENGINES.includes("docker"))("an emulator on Docker with a state folder", () => {
  interface Inspected {
    readonly Id: string;
    readonly State: { readonly Status: string; readonly ExitCode: number; readonly StartedAt: string; readonly FinishedAt: string };
    readonly Config: { readonly Labels: Record<string, string> };
  }
  let docker: DockerClient;
  beforeAll(async () => {
    docker = new DockerClient((await findDockerSocket()) ?? "");
  });
  afterEach(async () => {
    await endAll();
    // What a test has left, its folder's next emulator removes.
    const last = await startEmulator({ engine: "docker", stateFolder: folder });
    await last.reset();
    await last.close();
  });

  const session = async (): Promise<string> => (JSON.parse(await readFile(join(folder, "state.json"), "utf8")) as { session: string }).session;
  const mine = async (name?: string): Promise<{ readonly Id: string }[]> => {
    const label = [`aci-lifecycle.session=${await session()}`, ...(name === undefined ? [] : [`aci-lifecycle.container=${name}`])];
    return docker.call("GET", "/containers/json", { query: { all: 1, filters: { label } } });
  };
  // The others are not asked about: one that is restarted at this moment may be gone between the list and its turn.
  const inspect = async (name: string): Promise<Inspected> => {
    const found = await mine(name);
    expect(found).toHaveLength(1);
    return docker.call("GET", `/containers/${found[0]?.Id ?? ""}/json`);
  };
  const remove = async (id: string): Promise<unknown> => docker.call("DELETE", `/containers/${id}`, { query: { force: 1 } });
  const time = (text: string | undefined): number => Date.parse(text ?? "");

  it("finds all groups again after a kill, each as it truly is", async () => {
    await start({ engine: "docker" });
    const volume = { volumes: [{ name: "data", emptyDir: {} }] };
    const mounted = { volumeMounts: [{ name: "data", mountPath: "/data" }] };
    const group = (containers: object[], more: object = {}): object => ({ containers, ...more });
    await put("runs", group([container("runs", "echo begun; sleep 1000")]));
    await put("ends", group([container("ends", "echo first; sleep 2; echo last; exit 5")]));
    await put("fails", group([container("fails", "sleep 1; exit 3")], { restartPolicy: "OnFailure" }));
    await put("removed", group([container("removed", "sleep 1000")], { restartPolicy: "OnFailure" }));
    await put("stopped", group([container("stopped", "sleep 1000")]));
    await put("many", group([container("many", "cat /data/init; date +%s%N > /data/many; sleep 1000", mounted), container("side", "sleep 1; exit 0", mounted)], { ...volume, restartPolicy: "Always", initContainers: [container("init", "echo from init > /data/init", mounted)], ipAddress: { type: "Public", ports: [{ port: 80 }] } }));
    await put("deleted", group([container("deleted", "trap '' TERM; while :; do sleep 1; done")]));
    for (const name of ["runs", "ends", "removed", "stopped", "many", "deleted"]) await until(() => viewOf(name), isUp);
    await until(() => viewOf("fails"), (view) => view.restartCount >= 1);
    await arm(now, "POST", "containerGroups/stopped/stop");
    await arm(now, "DELETE", "containerGroups/deleted");
    const before = { token: now.environment["ACI_EMULATOR_TOKEN"], runs: await get("runs"), stopped: await get("stopped"), many: await get("many"), restarts: (await viewOf("fails")).restartCount };
    const [runs, ends, removed, many] = await Promise.all(["runs", "ends", "removed", "many"].map(inspect));
    await end(now.child, "SIGKILL");

    // Meanwhile: one ends, one is removed by hand, and an emulator that keeps nothing comes and goes.
    await remove(removed?.Id ?? "");
    await (await startEmulator({ engine: "docker" })).close();
    await until(() => inspect("ends"), ({ State }) => State.Status === "exited");
    expect((await inspect("runs")).Id).toBe(runs?.Id);

    await start({ engine: "docker" });
    expect(now.environment["ACI_EMULATOR_TOKEN"]).toBe(before.token);
    const ended = await viewOf("ends");
    const truth = await inspect("ends");
    expect(truth.Id).toBe(ends?.Id);
    expect(ended).toMatchObject({ restartCount: 0, currentState: { state: "Terminated", exitCode: 5, detailStatus: "Error" } });
    expect([time(ended.currentState.startTime), time(ended.currentState.finishTime)]).toEqual([time(truth.State.StartedAt), time(truth.State.FinishedAt)]);
    expect(await logs("ends", "ends")).toBe("first\nlast\n");
    expect(await get("runs")).toEqual(before.runs);
    expect(await logs("runs", "runs")).toBe("begun\n");
    expect(await get("stopped")).toEqual(before.stopped);
    expect((await viewOf("removed")).previousState ?? (await viewOf("removed")).currentState).toMatchObject({ state: "Terminated", exitCode: 137 });
    expect((await arm(now, "GET", "containerGroups/deleted")).status).toBe(404);
    expect((await inspect("many")).Id).toBe(many?.Id);
    expect((await get("many")).properties.ipAddress.ip).toBe(before.many.properties.ipAddress.ip);
    expect(await logs("many", "many")).toBe("from init\n");

    // And on it goes: restarts by policy, in the same network and with the same files; start, stop, delete.
    await until(() => viewOf("removed"), (view) => isUp(view) && view.restartCount === 1);
    await until(() => viewOf("fails"), (view) => view.restartCount >= before.restarts + 2);
    await until(async () => (await get("many")).properties.containers[1]?.properties.instanceView?.restartCount ?? 0, (count) => count >= 2);
    await arm(now, "POST", "containerGroups/stopped/start");
    await until(() => viewOf("stopped"), isUp);
    for (const name of ["runs", "ends", "fails", "removed", "stopped", "many"]) expect((await arm(now, "DELETE", `containerGroups/${name}`)).status).toBe(200);
    await until(mine, (left) => left.length === 0);
  });

  it("leaves containers running when it is told to end, and watches them again", async () => {
    await start({ engine: "docker" });
    expect(now.banner).toMatch(/state is kept in .*containers run on when it ends/);
    await put("g", { containers: [container("g", "echo $$; sleep 1000")] });
    await until(() => viewOf("g"), isUp);
    await end(now.child, "SIGTERM");
    const { Id, State } = await inspect("g");
    expect(State.Status).toBe("running");
    await start({ engine: "docker" });
    await docker.call("POST", `/containers/${Id}/kill`, { query: { signal: "KILL" } });
    await until(() => viewOf("g"), (view) => view.currentState.exitCode === 137);
  });

  it.skipIf(IS_PODMAN).each(["SIGKILL", "SIGTERM"] as const)("gives a container that runs on the tokens of its group's identity again after %s", async (signal) => {
    await start({ engine: "docker" });
    const ask = `while :; do timeout 2 wget -q -O- --header 'Metadata: true' '${TOKEN_URL}' && echo; sleep 0.2; done`;
    for (const name of ["one", "two"]) await arm(now, "PUT", `containerGroups/${name}`, { body: { ...groupBody(IMAGE, { containers: [container(name, ask)], restartPolicy: name === "one" ? "Never" : "Always" }), identity: { type: "SystemAssigned" } } });
    const clients = async (name: string): Promise<string[]> => Array.from((await logs(name, name)).matchAll(/"client_id":"([^"]+)"/g), ([, id]) => id ?? "");
    for (const name of ["one", "two"]) await until(() => clients(name), ({ length }) => length > 0);
    await end(now.child, signal);
    await start({ engine: "docker" });
    for (const name of ["one", "two"]) {
      const { length } = await clients(name);
      const told = await until(() => clients(name), (later) => later.length > length + 2);
      expect(new Set(told).size).toBe(1);
      expect((await viewOf(name)).restartCount).toBe(0);
    }
    expect((await clients("one"))[0]).not.toBe((await clients("two"))[0]);
    expect((await mine()).length).toBe(4);
  });

  it.runIf(IS_PODMAN)("says on Podman, before and after a kill, that a group with an identity gets no tokens", async () => {
    await start({ engine: "docker" });
    await arm(now, "PUT", "containerGroups/g", { body: { ...groupBody(IMAGE, { containers: [container("g", `sleep 1; timeout 2 wget -q -O- --header 'Metadata: true' '${TOKEN_URL}'; echo "code $?"; sleep 1000`)] }), identity: { type: "SystemAssigned" } } });
    const notServed = async (): Promise<number> => (await get("g")).properties.instanceView.events.filter(({ name }) => name === "IdentityNotServed").length;
    await until(notServed, (count) => count === 1);
    await until(() => viewOf("g"), isUp);
    await end(now.child, "SIGKILL");
    await start({ engine: "docker" });
    expect(await notServed()).toBe(1);
    expect(await until(() => logs("g", "g"), (text) => text.includes("code"))).not.toMatch(/^code 0$/m);
    expect(await logs("g", "g")).not.toContain("access_token");
  });

  it("ends well while it waits for a container that its liveness probe has ended", async () => {
    await start({ engine: "docker", stopGraceInMs: 20_000 });
    const livenessProbe = { exec: { command: ["false"] }, periodSeconds: 1, failureThreshold: 1 };
    await put("g", { containers: [container("g", "trap '' TERM; echo up; while :; do sleep 1; done", { livenessProbe })] });
    await until(() => viewOf("g"), isUp);
    await until(() => viewOf("g"), (view) => view.events.some(({ name }) => name === "Unhealthy"));
    const ended = once(now.child, "exit");
    now.child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });

  it("goes on with a container whose share is gone, and removes it", async () => {
    const volumes = [{ name: "v", azureFile: { shareName: "books", storageAccountName: "acc", storageAccountKey: "a2V5" } }];
    await start({ engine: "docker" });
    await mkdir(join(folder, "shares", "acc", "books"), { recursive: true });
    await put("g", { volumes, containers: [container("g", "sleep 1000", { volumeMounts: [{ name: "v", mountPath: "/v" }] })] });
    await until(() => viewOf("g"), isUp);
    await end(now.child, "SIGKILL");
    await rm(join(folder, "shares"), { recursive: true });
    await start({ engine: "docker" });
    expect(isUp(await viewOf("g"))).toBe(true);
    expect((await arm(now, "DELETE", "containerGroups/g")).status).toBe(200);
    await until(mine, (left) => left.length === 0);
  });

  it("makes what a kill left half made, once: containers, network and volumes", async () => {
    const volumes = ["one", "two", "three"].map((name) => ({ name, secret: { file: Buffer.from(name).toString("base64") } }));
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
    const script = "echo $(cat /one/file /two/file /three/file); sleep 1000";
    for (let wait = 0; wait <= 400; wait += 100) {
      await start({ engine: "docker" });
      const name = `g-${wait}`;
      await put(name, { volumes, containers: [container(name, script, { volumeMounts }), container(`${name}-side`, "sleep 1000")] });
      await new Promise((resolve) => setTimeout(resolve, wait));
      await end(now.child, "SIGKILL");
    }
    await start({ engine: "docker" });
    for (let wait = 0; wait <= 400; wait += 100) {
      const name = `g-${wait}`;
      await until(() => get(name), ({ properties }) => properties.provisioningState === "Succeeded");
      expect(await until(() => logs(name, name), (text) => text !== "")).toBe("onetwothree\n");
      expect((await viewOf(name)).restartCount).toBe(0);
    }
    // Two containers and the one that holds the network for each of the five.
    expect(await mine()).toHaveLength(15);
  });

  it("is cleaned up by any emulator once its folder is gone", async () => {
    await start({ engine: "docker" });
    await put("g", { containers: [container("g", "sleep 1000")] });
    await until(() => viewOf("g"), isUp);
    const id = await session();
    await end(now.child, "SIGKILL");
    const text = await readFile(join(folder, "state.json"), "utf8");
    await rm(join(folder, "state.json"));
    await (await startEmulator({ engine: "docker" })).close();
    expect(await docker.call("GET", "/containers/json", { query: { all: 1, filters: { label: [`aci-lifecycle.session=${id}`] } } })).toEqual([]);
    await writeFile(join(folder, "state.json"), text, { mode: 0o600 });
  });
});

describe("an emulator on the process engine with a state folder", () => {
  afterEach(endAll);

  it.each(["SIGKILL", "SIGTERM"] as const)("keeps groups, files and output over %s; what ran is told as killed, and goes on by policy", async (signal) => {
    await start({ engine: "process" });
    const volume = { volumes: [{ name: "data", emptyDir: {} }] };
    const mounted = { volumeMounts: [{ name: "data", mountPath: "/data" }], environmentVariables: [{ name: "DATA", value: "/data" }] };
    await put("ended", {}, sh("echo hello; exit 4"));
    await put("never", {}, sh("echo $$; sleep 1000"));
    await put("always", { ...volume, restartPolicy: "Always" }, { ...sh('echo run >> "$DATA/runs"; cat "$DATA/runs"; sleep 1000'), ...mounted });
    for (const name of ["never", "always"]) await until(() => logs(name), (text) => text !== "");
    await until(() => viewOf("ended"), (view) => view.currentState.state === "Terminated");
    const ended = await get("ended");
    const process = markOf(Number(await logs("never")));
    const printed = await logs("never");
    await end(now.child, signal);
    await start({ engine: "process" });
    expect(isRunning(process)).toBe(false);
    expect(await get("ended")).toEqual(ended);
    expect(await logs("ended")).toBe("hello\n");
    expect(await viewOf("never")).toMatchObject({ restartCount: 0, currentState: { state: "Terminated", exitCode: 137, detailStatus: "Error" } });
    expect(await logs("never")).toBe(printed);
    const again = await until(() => viewOf("always"), (view) => isUp(view) && view.restartCount === 1);
    expect(again.previousState).toMatchObject({ exitCode: 137 });
    expect(await until(() => logs("always"), (text) => text !== "")).toBe("run\nrun\n");
    await arm(now, "DELETE", "containerGroups/always");
  });
});
