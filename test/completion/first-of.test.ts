import { describe, expect, it } from "vitest";
import { firstOf, poll, type CompletionStrategy, type Signal } from "../../src/index.js";
import { JOB, looking } from "./calls.js";

const signal = (source: string): Signal => ({ id: `${source}-1`, groupName: JOB.groupName, kind: "ended", source, at: "2026-01-01T00:00:00Z" });
const { signal: abortSignal } = new AbortController();

describe("the first of several strategies", () => {
  it.each<[unknown[], RegExp]>([
    [[], /^Expected `strategies` to be at least one strategy/u],
    [[[poll()]], /^Expected `strategies\[0\]` to be a strategy, such as `poll\(\)` makes, got array\.$/u],
    [[poll(), undefined], /^Expected `strategies\[1\]` to be a strategy, such as `poll\(\)` makes, got undefined\.$/u],
    [[poll], /^Expected `strategies\[0\]` to be a strategy, such as `poll\(\)` makes, got function\.$/u],
    [[poll(), {}], /^Expected `strategies\[1\]\.name` to be a non-empty string/u],
    [[{ name: "a", receive: 5 }], /^Expected `strategies\[0\]\.receive` to be a function, got number\.$/u],
  ])("is not made of %o", (strategies, message) => {
    const make = firstOf as (...given: unknown[]) => unknown;
    expect(() => make(...strategies)).toThrow(TypeError);
    expect(() => make(...strategies)).toThrow(message);
  });

  it("prepares the container for all, one command around the other", async () => {
    const one: CompletionStrategy = { name: "one", prepare: ({ command = [] }) => ({ environment: { A: "1" }, command: ["one", ...command] }) };
    const two: CompletionStrategy = { name: "two", prepare: ({ command = [] }) => ({ environment: { B: "2" }, command: ["two", ...command], volumes: [{ name: "v", emptyDir: {} }] }) };
    expect(await firstOf(one, { name: "none" }, two).prepare?.(JOB)).toEqual({ environment: { A: "1", B: "2" }, command: ["two", "one", "work", "a b"], initContainers: [], mounts: [], volumes: [{ name: "v", emptyDir: {} }] });
  });

  it("looks when the first of them wants it", () => {
    const at = (name: string, earliestInMs: number, latestInMs?: number, urgent?: number): CompletionStrategy => ({ name, nextCheck: () => ({ earliestInMs, latestInMs, ...(urgent !== undefined && { urgency: () => urgent }) }) });
    expect(firstOf(at("a", 500), at("b", 200, 900, 3), at("c", 300, 700, 1)).nextCheck?.(looking())).toEqual({ earliestInMs: 200, latestInMs: 700, urgency: expect.any(Function) as unknown });
    expect(firstOf(at("a", 500), { name: "b" }).nextCheck?.(looking())).toEqual({ earliestInMs: 500 });
    expect("nextCheck" in firstOf({ name: "a" }, { name: "b" })).toBe(false);
  });

  it("answers the first signals, and lets go of the other waits", async () => {
    let wasLetGo = false;
    const slow: CompletionStrategy = { name: "slow", receive: (_job, options) => new Promise((resolve) => options.abortSignal.addEventListener("abort", () => { wasLetGo = true; resolve([]); })) };
    const quick: CompletionStrategy = { name: "quick", receive: () => Promise.resolve([signal("quick")]) };
    expect(await firstOf(slow, quick).receive?.(JOB, { waitInMs: 1000, abortSignal })).toEqual([signal("quick")]);
    expect(wasLetGo).toBe(true);
  });

  it("goes on with the others where one fails, and fails where none is left", async () => {
    const broken: CompletionStrategy = { name: "broken", receive: () => { throw new Error("broken"); } };
    const silent: CompletionStrategy = { name: "silent", receive: () => Promise.resolve([]) };
    const good: CompletionStrategy = { name: "good", receive: () => Promise.resolve([signal("good")]) };
    expect(await firstOf(broken, good).receive?.(JOB, { waitInMs: 0, abortSignal })).toHaveLength(1);
    await expect(firstOf(broken, silent).receive?.(JOB, { waitInMs: 0, abortSignal })).rejects.toThrow("broken");
    expect(await firstOf(silent, { name: "none" }).receive?.(JOB, { waitInMs: 0, abortSignal })).toEqual([]);
    expect("receive" in firstOf({ name: "a" }, { name: "b" })).toBe(false);
  });

  it("acknowledges to each what came by it, and lets all learn", async () => {
    const told: string[] = [];
    const of = (name: string): CompletionStrategy => ({
      name,
      acknowledge: (_job, signals) => { told.push(`${name}:${signals.map(({ id }) => id).join()}`); return Promise.resolve(); },
      learn: () => { told.push(`${name} learns`); },
    });
    const both = firstOf(of("a"), of("b"));
    await both.acknowledge?.(JOB, [signal("b")]);
    await both.learn?.(JOB, { ranForInMs: 1, hasSucceeded: true });
    expect(told).toEqual(["b:b-1", "a learns", "b learns"]);
  });

  it("checks the job by all, and its own input", () => {
    expect(() => firstOf({ name: "a", check: () => { throw new TypeError("no"); } }).check?.(JOB)).toThrow("no");
    expect(() => firstOf({ name: "a" }, { name: "a" })).toThrow(RangeError);
    expect(() => (firstOf as unknown as () => void)()).toThrow(TypeError);
  });
});
