import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AciClient, runContainerJob } from "aci-lifecycle";
import { startEmulator, type Emulator, type Engine } from "aci-lifecycle/emulator";
import { DockerClient } from "../../../../src/emulator/engines/docker/api/docker-client.js";
import { findDockerSocket } from "../../../../src/emulator/engines/docker/api/find-docker-socket.js";
import { dockerEngine } from "../../../../src/emulator/engines/docker/docker-engine.js";
import { IMAGE, isPodmanHere, sh } from "../../../real/engines.js";

let emulator: Emulator;
let client: AciClient;
let docker: DockerClient;
let session = "";
let isPodman = false;

beforeAll(async () => {
  const socketPath = (await findDockerSocket()) ?? "";
  const inner = dockerEngine({ socketPath });
  // Other tests run containers at the same time: what is left is told by the session.
  const engine: Engine = { ...inner, open: (opened) => ((session = opened.id), inner.open(opened)) };
  emulator = await startEmulator({ engine, stopGraceInMs: 1000 });
  client = new AciClient(emulator.clientOptions);
  docker = new DockerClient(socketPath);
  isPodman = await isPodmanHere();
});
afterAll(async () => {
  await emulator.close();
  expect(session).not.toBe("");
  const query = { all: 1, filters: { label: [`aci-lifecycle.session=${session}`] } };
  expect(await docker.call("GET", "/containers/json", { query })).toEqual([]);
  expect(await docker.call("GET", "/networks", { query: { filters: query.filters } })).toEqual([]);
  expect(await docker.call("GET", "/volumes", { query: { filters: query.filters } })).toMatchObject({ Volumes: [] });
});

describe("a job on Docker", () => {
  it("ends with 137 when it wants more memory than it asked for", async () => {
    const result = await runContainerJob(client, { ...sh("tail /dev/zero"), memoryInGB: 0.1 }, { reject: false });
    expect(result).toMatchObject({ outcome: "failed", exitCode: 137 });
  });

  it("never starts when its image does not exist, and says so", async () => {
    const error: unknown = await runContainerJob(client, { image: "127.0.0.1:1/no/such:image" }, { startTimeoutInMs: 3000 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ outcome: "neverStarted", cleanup: "done" });
    expect(["RegistryErrorResponse", "InaccessibleImage"]).toContain((error as { serviceCode?: string }).serviceCode);
  });

  it("ends with 126 when its command cannot be run", async () => {
    expect(await runContainerJob(client, { image: IMAGE, command: ["/etc/passwd"] }, { reject: false })).toMatchObject({ outcome: "failed", exitCode: 126 });
  });

  it("shares localhost and volumes between the containers of a group, and nothing of this machine", async () => {
    const result = await runContainerJob(client, {
      ...sh('until wget -qO- http://127.0.0.1:8080/page.html; do sleep 0.1; done; env | cut -d= -f1 | sort; ls /shared; stat -c "for anybody: %a" /shared'),
      volumes: [{ name: "shared", emptyDir: {} }],
      mounts: [{ volume: "shared", path: "/shared", isReadOnly: true }],
      sidecars: [{ name: "web", ...sh("echo from the sidecar > /shared/page.html; exec httpd -f -p 8080 -h /shared"), mounts: [{ volume: "shared", path: "/shared" }] }],
    });
    expect(result.logs.split("\n")).toEqual(expect.arrayContaining(["from the sidecar", "page.html", "for anybody: 777"]));
    expect(result.logs).not.toContain("ACI_EMULATOR");
  });

  it("shows its ports on an address of its own", async () => {
    const spec = { name: "web", containers: [{ name: "web", ...sh("mkdir /www; echo hi > /www/index.html; exec httpd -f -p 8080 -h /www"), ports: [{ port: 8080 }] }], address: {} };
    await client.create(spec);
    for await (const state of until(() => client.get("web"))) {
      if (state.ip === undefined || state.state !== "Running") continue;
      const answer = await fetch(`http://${state.ip}:8080/`).catch(() => undefined);
      if (answer === undefined) continue;
      expect(await answer.text()).toBe("hi\n");
      break;
    }
    await client.delete("web");
  });

  it("finds another group by the name that its label gives it", async () => {
    await client.create({ name: "named", containers: [{ name: "web", ...sh("mkdir /www; echo found > /www/index.html; exec httpd -f -p 8080 -h /www"), ports: [{ port: 8080 }] }], address: { dnsLabel: "find-me-here" } });
    const { logs } = await runContainerJob(client, sh("until wget -qO- http://find-me-here.westeurope.azurecontainer.io:8080/; do sleep 0.1; done"));
    expect(logs).toContain("found\n");
    await client.delete("named");
  });

  it("gets no more than the fixed template of what a container may do", async () => {
    await client.create({ name: "inspected", containers: [{ name: "one", ...sh("sleep 1000"), cpu: 0.5, memoryInGB: 0.5, arm: { securityContext: { privileged: true } } }] });
    type Listed = { Id: string };
    let found: Listed[] = [];
    for await (const list of until(() => docker.call<Listed[]>("GET", "/containers/json", { query: { filters: { label: ["aci-lifecycle.container=one", `aci-lifecycle.session=${session}`] } } }))) {
      found = list;
      if (found.length > 0) break;
    }
    const { HostConfig } = await docker.call<{ HostConfig: Record<string, unknown> }>("GET", `/containers/${found[0]?.Id ?? ""}/json`);
    expect(HostConfig).toMatchObject({ Privileged: false, SecurityOpt: ["no-new-privileges"], CpuQuota: 50_000, Memory: 512 * 1024 ** 2 });
    // Podman tells what is dropped of what it gives by default, and has other words for nothing.
    expect(HostConfig["CapDrop"]).toEqual(isPodman ? expect.arrayContaining(["AUDIT_WRITE", "MKNOD", "NET_RAW"]) : ["ALL"]);
    for (const mode of ["PidMode", "UTSMode"]) expect(HostConfig[mode]).toBe(isPodman ? "private" : "");
    expect(HostConfig["Binds"] ?? []).toEqual([]);
    expect(HostConfig["NetworkMode"]).toMatch(/^container:/u);
    await client.delete("inspected");
  });
});

// Asks again and again, for something that comes about by itself.
async function* until<T>(ask: () => Promise<T>): AsyncGenerator<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) yield await ask();
}
