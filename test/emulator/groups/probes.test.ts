import { scripted, startEmulator, VirtualClock, type Emulator, type Engine, type ScriptedContainer, type ScriptedProbe } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arm, groupBody, type ContainerBody } from "../arm.js";

const asked: { at: number; probe: ScriptedProbe }[] = [];
let clock: VirtualClock;
let emulator: Emulator;

const images = {
  // Well for its first 30 seconds, as in Microsoft's example.
  spoils: async (c: ScriptedContainer) => {
    const startedAt = clock.now();
    c.answerProbes((probe) => {
      asked.push({ at: clock.now() - startedAt, probe });
      return clock.now() - startedAt < 30_000;
    });
    await c.sleep(600_000);
    return 0;
  },
  hangs: async (c: ScriptedContainer) => {
    c.answerProbes(() => c.sleep(5_000).then(() => true));
    await c.sleep(600_000);
    return 0;
  },
  well: async (c: ScriptedContainer) => {
    c.answerProbes((probe) => asked.push({ at: 0, probe }) > 0);
    await c.sleep(600_000);
    return 0;
  },
};

beforeEach(async () => {
  asked.length = 0;
  clock = new VirtualClock();
  emulator = await startEmulator({ engine: scripted(images, { clock }) });
});
afterEach(() => emulator.close());

const put = async (image: string, restartPolicy: string, probes: object): Promise<number> => {
  const { status } = await arm(emulator, "PUT", "containerGroups/g", { body: groupBody(image, { restartPolicy }, probes) });
  await clock.advance(0);
  return status;
};
const view = async (): Promise<NonNullable<ContainerBody["properties"]["instanceView"]>> => {
  const found = (await arm(emulator, "GET", "containerGroups/g")).body.properties.containers[0].properties.instanceView;
  if (found === undefined) throw new Error("There is no instance view");
  return found;
};
const unhealthy = async (): Promise<unknown> => (await view()).events.filter(({ name }) => name === "Unhealthy").map(({ message, count }) => [message, count]);
const exec = { exec: { command: ["cat", "/tmp/healthy"] } };

describe("a liveness probe", () => {
  it("has the container ended and started again after three failures in a row", async () => {
    await put("spoils", "Always", { livenessProbe: { ...exec, periodSeconds: 5 } });
    await clock.advance(39_999);
    expect((await view()).currentState.state).toBe("Running");
    expect(asked.map(({ at }) => at / 1000)).toEqual([0, 5, 10, 15, 20, 25, 30, 35]);
    expect(asked[0]?.probe).toEqual({ kind: "exec", command: ["cat", "/tmp/healthy"] });
    await clock.advance(1);
    expect(await view()).toMatchObject({ currentState: { state: "Waiting", detailStatus: "CrashLoopBackOff: Back-off 10s restarting failed" }, previousState: { state: "Terminated", exitCode: 143 } });
    await clock.advance(10_000);
    const { currentState, restartCount, events } = await view();
    expect([currentState.state, restartCount]).toEqual(["Running", 1]);
    expect(events.map(({ name }) => name)).toEqual(["Pulling", "Pulled", "Started", "Unhealthy", "Killing", "BackOff"]);
    expect(events[3]).toMatchObject({ name: "Unhealthy", type: "Warning", count: 3, message: "Liveness probe failed: " });
    expect(events[4]?.message).toMatch(/^Killing container with id [0-9a-f]{64}\.$/);
  });

  it("ends the container for good where the restart policy is Never", async () => {
    await put("spoils", "Never", { livenessProbe: exec });
    await clock.advance(600_000);
    expect(await view()).toMatchObject({ restartCount: 0, currentState: { state: "Terminated", exitCode: 143 } });
    expect((await arm(emulator, "GET", "containerGroups/g")).body.properties.instanceView.state).toBe("Failed");
    expect(clock.nextWakeAt).toBeUndefined();
  });

  it("keeps to the delay, the threshold and the time that are given", async () => {
    await put("hangs", "Never", { livenessProbe: { httpGet: { port: 80, path: "health" }, initialDelaySeconds: 60, failureThreshold: 2, timeoutSeconds: 4, periodSeconds: 20 } });
    await clock.advance(63_999);
    expect(await unhealthy()).toEqual([]);
    await clock.advance(1);
    expect(await unhealthy()).toEqual([["Liveness probe failed: not answered within 4s", 1]]);
    await clock.advance(19_999);
    expect((await view()).currentState.state).toBe("Running");
    await clock.advance(1);
    expect((await view()).currentState.state).toBe("Terminated");
  });

  it("asks for pages, too, and does nothing while all is well", async () => {
    await put("well", "Always", { livenessProbe: { httpGet: { port: 8080, path: "/health?deep", scheme: "HTTP", httpHeaders: [{ name: "X-Probe", value: "1" }] }, periodSeconds: 100 } });
    await clock.advance(599_000);
    expect(asked).toHaveLength(6);
    expect(asked[0]?.probe).toMatchObject({ kind: "httpGet", port: 8080, path: "/health?deep" });
    expect((await view()).events.map(({ name }) => name)).toEqual(["Pulling", "Pulled", "Started"]);
  });
});

describe("a readiness probe", () => {
  it("tells of its failures and lets the container run", async () => {
    await put("spoils", "Always", { readinessProbe: { ...exec, periodSeconds: 10 } });
    await clock.advance(99_000);
    expect(await unhealthy()).toEqual([["Readiness probe failed: ", 7]]);
    expect(await view()).toMatchObject({ restartCount: 0, currentState: { state: "Running" } });
  });
});

describe("probes", () => {
  it("go on when the engine cannot ask, and count it as little as Kubernetes", async () => {
    const inner = scripted(images, { clock });
    const unable: Engine = {
      ...inner,
      async openGroup(spec) {
        const group = await inner.openGroup(spec);
        // As spawn throws for what no program can be called with.
        const check = (): never => {
          throw new Error("The argument contains null bytes");
        };
        return { ...group, start: async (container) => Object.assign(await group.start(container), { check }) };
      },
    };
    await using other = await startEmulator({ engine: unable });
    await arm(other, "PUT", "containerGroups/g", { body: groupBody("well", {}, { livenessProbe: { ...exec, failureThreshold: 1 } }) });
    await clock.advance(25_000);
    const told = (await arm(other, "GET", "containerGroups/g")).body.properties.containers[0].properties.instanceView;
    expect(told?.currentState.state).toBe("Running");
    expect(told?.events.filter(({ name }) => name === "Unhealthy")).toMatchObject([{ message: "Liveness probe errored: The argument contains null bytes", count: 3 }]);
  });

  it("leave no timer behind when their group is deleted or stopped", async () => {
    await put("spoils", "Always", { livenessProbe: exec, readinessProbe: { ...exec, initialDelaySeconds: 1000 } });
    await clock.advance(1_000);
    await arm(emulator, "POST", "containerGroups/g/stop");
    await clock.advance(0);
    expect(clock.nextWakeAt).toBeUndefined();
    await arm(emulator, "POST", "containerGroups/g/start");
    await clock.advance(0);
    await arm(emulator, "DELETE", "containerGroups/g");
    await clock.advance(0);
    expect(clock.nextWakeAt).toBeUndefined();
  });

  it.each([
    ["both kinds at once", { livenessProbe: { ...exec, httpGet: { port: 80 } } }],
    ["neither kind", { readinessProbe: { periodSeconds: 5 } }],
    ["an empty command", { livenessProbe: { exec: { command: [] } } }],
    ["a command without a program", { livenessProbe: { exec: { command: [""] } } }],
    ["no such port", { livenessProbe: { httpGet: { port: 65_536 } } }],
    ["a path that ends the request", { livenessProbe: { httpGet: { port: 80, path: "/ HTTP/1.1\r\nHost: x" } } }],
    ["a header that ends its line", { livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: "a", value: "b\r\nc: d" }] } } }],
    ["a negative period", { livenessProbe: { ...exec, periodSeconds: -1 } }],
    ["more than one success for liveness", { livenessProbe: { ...exec, successThreshold: 2 } }],
  ])("are refused with %s", async (_what, probes) => {
    const refused = await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("well", {}, probes) });
    expect([refused.status, refused.body.error.code]).toEqual([400, "InvalidProbe"]);
  });
});
