import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { link, onAbort } from "../../src/internal/abort.js";
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

describe("who is to be told of one signal", () => {
  it("are told in the order in which they asked, and Node has one listener for all", () => {
    const stop = new AbortController();
    const heard: string[] = [];
    const releases = ["one", "two", "three"].map((name) => onAbort(stop.signal, () => heard.push(name)));
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(1);
    releases[1]?.();
    stop.abort();
    expect(heard).toEqual(["one", "three"]);
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  });

  it("are not told once they have let go, and leave no listener", () => {
    const stop = new AbortController();
    const heard: string[] = [];
    const releases = ["one", "two"].map((name) => onAbort(stop.signal, () => heard.push(name)));
    for (const release of releases) release();
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
    // Who asks after that is told all the same, and letting go twice takes nobody else with it.
    const release = onAbort(stop.signal, () => heard.push("three"));
    releases[0]?.();
    stop.abort();
    release();
    expect(heard).toEqual(["three"]);
  });
});
