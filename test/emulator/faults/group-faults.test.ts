import { scripted, startEmulator, VirtualClock, type Emulator, type FaultRule } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import { arm, follow, groupBody } from "../arm.js";

const images = {
  work: async (c: { sleep(ms: number): Promise<void>; print(text: string): void; run: number }): Promise<number> => {
    c.print(`run ${c.run}\n`);
    await c.sleep(10_000);
    return 0;
  },
};

async function started(fault: FaultRule, restartPolicy = "Never"): Promise<{ emulator: Emulator; clock: VirtualClock; operation: string | undefined; look: () => ReturnType<typeof arm> }> {
  const clock = new VirtualClock();
  const emulator = await startEmulator({ engine: scripted(images, { clock }), faults: [fault] });
  const body = groupBody("work");
  const put = await arm(emulator, "PUT", "containerGroups/g", { body: { ...body, properties: { ...body.properties, restartPolicy } } });
  return { emulator, clock, operation: put.headers["azure-asyncoperation"], look: () => arm(emulator, "GET", "containerGroups/g") };
}

describe("what happens to a group", () => {
  it("is no capacity, told as an event of a failed operation", async () => {
    const { emulator, clock, operation, look } = await started({ happens: "capacity" });
    await clock.advance(1);
    const { body } = await follow(emulator, operation);
    expect(body.status).toBe("Failed");
    expect(body.properties.events[0]).toMatchObject({ name: "InsufficientCapacity.", message: expect.stringContaining("is not available in the location 'westeurope'") as string });
    expect((await look()).body.properties.provisioningState).toBe("Failed");
    await clock.advance(2_000_000);
    expect((await look()).body.properties.instanceView.events).toHaveLength(1);
    await emulator.close();
  });

  it("is a pull that fails until the provisioning time is over", async () => {
    const { emulator, clock, operation, look } = await started({ happens: "imagePull" });
    await clock.advance(60_000);
    const events = (await look()).body.properties.containers[0].properties.instanceView?.events ?? [];
    expect(events.map(({ name }) => name)).toEqual(["Pulling", "Failed", "BackOff"]);
    await clock.advance(1_800_000);
    expect((await follow(emulator, operation)).body.status).toBe("Failed");
    await emulator.close();
  });

  it("is a slow pull, as slow as it says", async () => {
    const { emulator, clock } = await started({ happens: "slowPull", forInMs: 900_000 });
    await clock.advance(899_000);
    expect(emulator.groups()[0]?.containers[0]?.state).toBe("Waiting");
    await clock.advance(1_001);
    expect(emulator.groups()[0]?.containers[0]?.state).toBe("Running");
    await emulator.close();
  });

  it("is a wait that only the provisioning time ends", async () => {
    const { emulator, clock, operation } = await started({ happens: "stuckWaiting" });
    await clock.advance(1_799_000);
    expect([emulator.groups()[0]?.containers[0]?.state, (await follow(emulator, operation)).body.status]).toEqual(["Waiting", "Pending"]);
    await clock.advance(2_000);
    const { body } = await follow(emulator, operation);
    expect([body.status, body.error.message]).toEqual(["Failed", expect.stringContaining("after '00:30:00'") as string]);
    await emulator.close();
  });

  it("is a loss that nobody asked for", async () => {
    const { emulator, clock, look } = await started({ happens: "lost", afterInMs: 5_000 });
    await clock.advance(4_000);
    expect((await look()).status).toBe(200);
    await clock.advance(2_000);
    expect((await look()).body.error.code).toBe("ResourceNotFound");
    await emulator.close();
  });

  it("is a restart by the platform, whatever the policy", async () => {
    const { emulator, clock, look } = await started({ happens: "platformRestart", afterInMs: 5_000 });
    await clock.advance(5_001);
    const view = (await look()).body.properties.containers[0].properties.instanceView;
    expect(view).toMatchObject({ restartCount: 1, currentState: { state: "Running" }, previousState: { state: "Terminated" } });
    expect((await arm(emulator, "GET", "containerGroups/g/containers/main/logs")).body.content).toBe("run 1\n");
    await clock.advance(10_000);
    expect((await look()).body.properties.instanceView.state).toBe("Succeeded");
    await emulator.close();
  });

  it.each([
    ["Never", "Terminated"],
    ["OnFailure", "Waiting"],
  ])("is maintenance with its exit code, and under %s the container is then %s", async (policy, state) => {
    const { emulator, clock, look } = await started({ happens: "maintenance", afterInMs: 5_000 }, policy);
    await clock.advance(5_001);
    const view = (await look()).body.properties.containers[0].properties.instanceView;
    expect(view?.currentState.state).toBe(state);
    expect((state === "Terminated" ? view?.currentState : view?.previousState)?.exitCode).toBe(7147);
    await emulator.close();
  });

  it("strikes deployments of the group that it names, and only as often as it says", async () => {
    const { emulator, clock, operation } = await started({ happens: "capacity", name: "other" });
    await clock.advance(20_000);
    expect((await follow(emulator, operation)).body.status).toBe("Succeeded");
    await emulator.close();
  });
});
