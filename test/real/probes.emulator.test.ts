import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "aci-lifecycle/emulator";
import { arm, groupBody, type ContainerBody } from "../emulator/arm.js";
import { ENGINES, IMAGE } from "./engines.js";

type View = NonNullable<ContainerBody["properties"]["instanceView"]>;

const start = (engine: "docker" | "process"): Promise<Emulator> => startEmulator({ engine, stopGraceInMs: 500, pace: { restartBackOffInMs: 100 } });
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

// Looks until the container's view is as wanted.
async function until(emulator: Emulator, isRight: (view: View) => boolean): Promise<View> {
  for (;;) {
    const view = (await arm(emulator, "GET", "containerGroups/g")).body.properties.containers[0].properties.instanceView;
    // There are no events before there is one.
    if (view !== undefined && isRight({ ...view, events: (view as Partial<View>).events ?? [] })) return view;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const names = (view: View): string[] => view.events.map(({ name }) => name);

describe.each(ENGINES)("probes on the %s engine", (engine) => {
  it("end a container whose command fails, and have it started again", async () => {
    await using emulator = await start(engine);
    const command = ["/bin/sh", "-c", 'touch "$STATE"; sleep 2; rm -f "$STATE"; exec sleep 600'];
    const livenessProbe = { exec: { command: ["ls", "/data/healthy"] }, periodSeconds: 1, failureThreshold: 2 };
    const container = { command, livenessProbe, environmentVariables: [{ name: "STATE", value: "/data/healthy" }], volumeMounts: [{ name: "data", mountPath: "/data" }] };
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody(IMAGE, { restartPolicy: "Always", volumes: [{ name: "data", emptyDir: {} }] }, container) });
    const ended = await until(emulator, ({ restartCount }) => restartCount === 1);
    expect(names(ended)).toEqual(expect.arrayContaining(["Unhealthy", "Killing"]));
    const failure = ended.events.find(({ name }) => name === "Unhealthy");
    expect(failure?.message).toMatch(/^Liveness probe failed: ls: .*No such file or directory$/);
    expect(failure?.count).toBeGreaterThanOrEqual(2);
  });

  it("get pages: a status tells, and so does nobody listening", async () => {
    await using emulator = await start(engine);
    const port = await freePort();
    // With nc, because the process engine has no other server at hand: a page that is there, once, and then is not.
    const answer = (status: string): string => `printf 'HTTP/1.0 ${status}\\r\\nContent-Length: 0\\r\\n\\r\\n' | busybox nc -l -p ${port} >/dev/null`;
    const command = ["/bin/sh", "-c", `sleep 2; ${answer("200 OK")}; ${answer("503 Busy")}; exec sleep 600`];
    const readinessProbe = { httpGet: { path: "/ready", port }, periodSeconds: 1 };
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody(IMAGE, {}, { command, readinessProbe }) });
    const view = await until(emulator, ({ events }) => events.some(({ message }) => message === "Readiness probe failed: HTTP probe failed with statuscode: 503"));
    const refused = view.events.find(({ message }) => message.endsWith("connect: connection refused"));
    expect(refused?.message).toMatch(new RegExp(`^Readiness probe failed: Get "http://[\\d.]+:${port}/ready": dial tcp [\\d.]+:${port}: connect: connection refused$`));
    expect(view).toMatchObject({ restartCount: 0, currentState: { state: "Running" } });
  });

  it("count a command that takes too long as failed, and do not outlive the emulator", async () => {
    const before = timers();
    const emulator = await start(engine);
    const probe = { exec: { command: ["sleep", "600"] }, timeoutSeconds: 1 };
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody(IMAGE, {}, { command: ["sleep", "600"], livenessProbe: { ...probe, failureThreshold: 1 }, readinessProbe: { ...probe, timeoutSeconds: 3600 } }) });
    const view = await until(emulator, ({ currentState }) => currentState.state === "Terminated");
    expect(view.events.find(({ name }) => name === "Unhealthy")?.message).toBe('Liveness probe failed: command timed out: "sleep 600" timed out after 1s');
    await emulator.close();
    expect(timers()).toBeLessThanOrEqual(before);
  });
});
