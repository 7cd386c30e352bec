import { describe, expect, it, vi } from "vitest";
import { systemClock, VirtualClock } from "../../src/internal/clock.js";

describe.each([
  ["systemClock", () => systemClock],
  ["VirtualClock", () => new VirtualClock()],
])("%s", (_name, make) => {
  it("rejects with the signal's reason and leaves no listener behind", async () => {
    const controller = new AbortController();
    const added = vi.spyOn(controller.signal, "addEventListener");
    const removed = vi.spyOn(controller.signal, "removeEventListener");
    const reason = new Error("enough");
    const sleeping = make().sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(make().sleep(1, controller.signal)).rejects.toBe(reason);
    expect(added.mock.calls.length).toBe(1);
    expect(removed.mock.calls.length).toBe(0); // `once` has removed it
  });
});

describe("VirtualClock", () => {
  it("wakes sleepers in the order of their times, each at its time", async () => {
    const clock = new VirtualClock(1000);
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.now()}`);
      if (name === "a") await clock.sleep(5).then(() => woken.push(`again@${clock.now()}`));
    };
    void sleeper("b", 20);
    void sleeper("a", 10);
    void sleeper("c", 20);
    expect(clock.nextWakeAt).toBe(1010);
    await clock.advance(20);
    expect(woken).toEqual(["a@1010", "again@1015", "b@1020", "c@1020"]);
    expect(clock.now()).toBe(1020);
    expect(clock.nextWakeAt).toBeUndefined();
  });
});
