import { scripted, startEmulator, VirtualClock } from "aci-lifecycle/emulator";
import { describe, expect, it } from "vitest";
import { backOffInMs, describeWait, kubernetesBackOff, nextStreak, shouldRestart } from "../../../src/emulator/groups/containers/restart-policy.js";
import { arm, groupBody } from "../arm.js";

describe("restart policy", () => {
  it("restarts as each policy says", () => {
    const answers = (["Always", "OnFailure", "Never"] as const).map((policy) => [shouldRestart(policy, 0), shouldRestart(policy, 1)]);
    expect(answers).toEqual([
      [true, true],
      [false, true],
      [false, false],
    ]);
  });

  it("doubles the wait up to five minutes, and begins anew after a long run", () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((streak) => backOffInMs(kubernetesBackOff, streak) / 1000)).toEqual([10, 20, 40, 80, 160, 300, 300]);
    expect([nextStreak(4, 599_999), nextStreak(4, 600_000)]).toEqual([5, 1]);
    expect([10_000, 80_000].map(describeWait)).toEqual(["10s", "1m20s"]);
  });

  it("shows back-off as Waiting in a running group, with the last end as the previous state", async () => {
    const clock = new VirtualClock();
    await using emulator = await startEmulator({ engine: scripted({ fail: (c) => (c.run < 2 ? 1 : 0) }, { clock }) });
    await arm(emulator, "PUT", "containerGroups/g", { body: groupBody("fail", { restartPolicy: "OnFailure" }) });
    await clock.advance(0);
    const view = async (): Promise<unknown> => {
      const { properties } = (await arm(emulator, "GET", "containerGroups/g")).body;
      const view = properties.containers[0].properties.instanceView;
      return [properties.instanceView.state, view?.currentState, view?.previousState?.exitCode, view?.restartCount];
    };
    expect(await view()).toEqual(["Running", { state: "Waiting", detailStatus: "CrashLoopBackOff: Back-off 10s restarting failed" }, 1, 0]);
    await clock.advance(10_000);
    expect(await view()).toEqual(["Running", { state: "Waiting", detailStatus: "CrashLoopBackOff: Back-off 20s restarting failed" }, 1, 1]);
    await clock.advance(20_000);
    expect(await view()).toMatchObject(["Succeeded", { state: "Terminated", exitCode: 0 }, 1, 2]);
  });
});
