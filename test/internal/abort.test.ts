import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { link, Links, onAbort } from "../../src/internal/abort.js";
import { systemClock, VirtualClock } from "../../src/internal/clock.js";

const warnings: string[] = [];
const note = ({ name }: Error): void => void warnings.push(name);
const times = Array.from({ length: 100 });

beforeEach(() => void process.on("warning", note));
afterEach(() => {
  process.off("warning", note);
  warnings.length = 0;
});

describe("one signal for a hundred waits", () => {
  it("is linked a hundred times without a warning, and let go of as often", async () => {
    const stop = new AbortController();
    const links = times.map(() => link(stop.signal, undefined));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort("enough");
    expect(links.map(([{ aborted, reason }]) => [aborted, reason as unknown])).toEqual(times.map(() => [true, "enough"]));
    for (const [, release] of links) release();
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ["the system's clock", systemClock],
    ["a virtual clock", new VirtualClock()],
  ])("is slept on by %s without a warning", async (_name, clock) => {
    const stop = new AbortController();
    const sleeps = Promise.allSettled(times.map(() => clock.sleep(60_000, stop.signal)));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort("enough");
    expect(await sleeps).toEqual(times.map(() => ({ status: "rejected", reason: "enough" })));
    expect(warnings).toEqual([]);
  });

  it("may be a signal that is not Node's own", () => {
    const listeners = new Set<() => void>();
    const foreign = { addEventListener: (_name: string, listener: () => void) => listeners.add(listener), removeEventListener: (_name: string, listener: () => void) => listeners.delete(listener) };
    const release = onAbort(foreign as unknown as AbortSignal, () => undefined);
    expect(listeners.size).toBe(1);
    release();
    expect(listeners.size).toBe(0);
  });
});

describe("signals that are linked for as long as the same ones count", () => {
  it("are listened to once, and let go of when others count", () => {
    const [stop, leave] = [new AbortController(), new AbortController()];
    const links = new Links();
    const first = links.to(leave.signal, stop.signal);
    expect(links.to(leave.signal, stop.signal)).toBe(first);
    expect(getEventListeners(stop.signal, "abort").length).toBe(1);
    stop.abort("stop");
    expect([first.aborted, first.reason]).toEqual([true, "stop"]);
    const second = links.to(leave.signal, undefined);
    expect(second.aborted).toBe(false);
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
    leave.abort("leave");
    expect(second.reason).toBe("leave");
    links.release();
    expect(getEventListeners(leave.signal, "abort")).toEqual([]);
  });
});
