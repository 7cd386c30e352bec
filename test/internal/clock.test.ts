import { describe, expect, it, vi } from "vitest";
import { oneTimer, systemClock, type Clock, VirtualClock } from "../../src/internal/clock.js";

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

describe("one timer for all", () => {
  it("wakes everybody at their time by one sleep at a time, and leaves none behind", async () => {
    const base = new VirtualClock(0);
    let [asleep, most] = [0, 0];
    const counting: Clock = {
      now: () => base.now(),
      sleep: async (ms, signal) => {
        most = Math.max(most, ++asleep);
        try {
          await base.sleep(ms, signal);
        } finally {
          asleep--;
        }
      },
    };
    const clock = oneTimer(counting);
    const woken: [number, number][] = [];
    const times = Array.from({ length: 500 }, (_unused, index) => (index * 7919) % 1000);
    const all = Promise.all(times.map((ms) => clock.sleep(ms).then(() => woken.push([ms, base.now()]))));
    const stop = new AbortController();
    const early = clock.sleep(0.5, stop.signal).catch((error: unknown) => error);
    stop.abort("stop");
    expect(await early).toBe("stop");
    await base.advance(1000);
    await all;
    expect(woken.map(([ms]) => ms)).toEqual([...times].sort((a, b) => a - b));
    expect(woken.every(([ms, at]) => at === ms)).toBe(true);
    // One that is to end later has been told so and is not over yet.
    expect(most).toBeLessThanOrEqual(2);
    const late = clock.sleep(60_000, stop.signal).catch((error: unknown) => error);
    const next = new AbortController();
    const only = clock.sleep(30_000, next.signal).catch((error: unknown) => error);
    next.abort("no more");
    expect([await late, await only]).toEqual(["stop", "no more"]);
    await base.advance(0);
    expect([asleep, base.nextWakeAt]).toEqual([0, undefined]);
  });
});
