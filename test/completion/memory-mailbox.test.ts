import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/internal/clock.js";
import { memoryMailbox, type Signal } from "../../src/index.js";

const signal = (id: string, groupName = "g"): Signal => ({ id, groupName, kind: "ended", source: "s", at: "2026-01-01T00:00:00Z" });

describe("a mailbox in memory", () => {
  it("keeps a signal until it is acknowledged, and one of an id once", async () => {
    const box = memoryMailbox({ clock: new VirtualClock() });
    await box.put(signal("1"));
    await box.put(signal("1"));
    await box.put(signal("2", "other"));
    expect(await box.receive("g", { waitInMs: 0 })).toEqual([signal("1")]);
    expect(await box.receive("g", { waitInMs: 0 })).toEqual([signal("1")]);
    await box.acknowledge("g", ["1", "unknown"]);
    expect(await box.receive("g", { waitInMs: 0 })).toEqual([]);
    expect(await box.receive("other", { waitInMs: 0 })).toHaveLength(1);
  });

  it("wakes everybody who waits, and leaves nothing behind", async () => {
    const clock = new VirtualClock();
    const box = memoryMailbox({ clock });
    const waits = [1, 2].map(() => box.receive("g", { waitInMs: 60_000 }));
    await clock.advance(10_000);
    await box.put(signal("1"));
    expect(await Promise.all(waits)).toEqual([[signal("1")], [signal("1")]]);
    expect(clock.nextWakeAt).toBeUndefined();
  });

  it("gives up when time is over, and rejects when it is told to let go", async () => {
    const clock = new VirtualClock();
    const box = memoryMailbox({ clock });
    const late = box.receive("g", { waitInMs: 1000 });
    await clock.advance(1000);
    expect(await late).toEqual([]);
    const controller = new AbortController();
    const aborted = box.receive("g", { waitInMs: 1000, abortSignal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    await expect(box.receive("g", { waitInMs: 1000, abortSignal: controller.signal })).rejects.toThrow("enough");
    expect(clock.nextWakeAt).toBeUndefined();
  });

  it("holds no more than it can, and nothing for ever", async () => {
    const clock = new VirtualClock();
    const box = memoryMailbox({ clock });
    for (let index = 0; index < 200; index++) await box.put(signal(String(index)));
    // Those that came last: the end of a job comes after its signs of life.
    expect((await box.receive("g", { waitInMs: 0 })).map(({ id }) => Number(id))).toEqual(Array.from({ length: 100 }, (_, index) => 100 + index));
    await clock.advance(86_400_001);
    await box.put(signal("1", "later"));
    expect(await box.receive("g", { waitInMs: 0 })).toEqual([]);
    for (let index = 0; index < 10_001; index++) await box.put(signal("1", `g${index}`));
    expect(await box.receive("later", { waitInMs: 0 })).toEqual([]);
    expect(await box.receive("g10000", { waitInMs: 0 })).toHaveLength(1);
  });
});
