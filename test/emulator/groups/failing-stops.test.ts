import { scripted, startEmulator, VirtualClock, type Emulator, type Engine, type EngineRun, type ScriptedContainer } from "aci-lifecycle/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arm, groupBody } from "../arm.js";

// Is not well, and runs on until it ends by itself.
const images = {
  unwell: async (c: ScriptedContainer) => {
    c.answerProbes(() => false);
    await c.sleep(100_000);
    return 5;
  },
};

describe("an engine that fails to stop a container", () => {
  let clock: VirtualClock;
  let emulator: Emulator;
  let isDown: boolean;
  let closed: string[];
  beforeEach(async () => {
    clock = new VirtualClock();
    isDown = false;
    closed = [];
    emulator = await startEmulator({ engine: failing(scripted(images, { clock })), faults: [{ happens: "maintenance", afterInMs: 60_000 }] });
  });
  afterEach(() => emulator.close());

  function failing(engine: Engine): Engine {
    const openGroup: Engine["openGroup"] = async (spec, abortSignal) => {
      const group = await engine.openGroup(spec, abortSignal);
      const close = async (): Promise<void> => {
        closed.push(spec.name);
        await group.close();
      };
      return { ...group, close, start: async (container) => unstoppable(await group.start(container)) };
    };
    return { ...engine, openGroup };
  }

  function unstoppable(run: EngineRun): EngineRun {
    const stop = async (graceInMs: number): Promise<void> => {
      if (isDown) throw new Error("socket hang up");
      await run.stop(graceInMs);
    };
    const { id, startedAt, ended } = run;
    return { id, startedAt, ended, stop, logs: (options) => run.logs(options), exec: (options) => run.exec(options), attach: () => run.attach(), check: (check, limits) => run.check(check, limits), remove: () => run.remove() };
  }

  const put = async (container: object = {}): Promise<void> => {
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("unwell", {}, container) });
    await clock.advance(1_000);
  };
  const view = async (): Promise<unknown> => (await arm(emulator, "GET", "containerGroups/g")).body.properties.containers[0].properties.instanceView;
  const told = { name: "Failed", type: "Warning", message: "Error: Failed to stop container main, Error response: socket hang up" };

  it("is told among the container's events where its liveness probe had it ended", async () => {
    isDown = true;
    await put({ livenessProbe: { exec: { command: ["look"] }, periodSeconds: 5 } });
    await clock.advance(20_000);
    expect(await view()).toMatchObject({ currentState: { state: "Running" }, events: expect.arrayContaining([expect.objectContaining(told)]) as unknown });
    isDown = false;
  });

  it("has the whole group removed all the same", async () => {
    await put();
    isDown = true;
    await arm(emulator, "DELETE", "containerGroups/g");
    await clock.advance(1_000);
    expect(new Set(closed)).toEqual(new Set(["g"]));
    await put();
    expect(await view()).toMatchObject({ currentState: { state: "Running" } });
    isDown = false;
  });

  it("is told where the platform wanted it ended, and the end that comes later is its own", async () => {
    isDown = true;
    await put();
    await clock.advance(70_000);
    expect(await view()).toMatchObject({ currentState: { state: "Running" }, events: expect.arrayContaining([expect.objectContaining(told)]) as unknown });
    await clock.advance(40_000);
    expect(await view()).toMatchObject({ currentState: { state: "Terminated", exitCode: 5 } });
  });
});
