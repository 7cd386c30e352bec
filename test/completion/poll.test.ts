import { describe, expect, it } from "vitest";
import { poll, RunHistory, type EarlierRun, type LookView, type PollOptions } from "../../src/index.js";
import { JOB, looking } from "./calls.js";

const minute: EarlierRun = { startedAfterInMs: 15_000, ranForInMs: 60_000, hasSucceeded: true };
const running = (ageInMs: number, more: Partial<LookView> = {}): LookView => looking({ phase: "running", acceptedForInMs: 15_000 + ageInMs, runningForInMs: ageInMs, unseenForInMs: 0, ...more });
const earliest = (options: PollOptions, view: LookView): number => poll(options).nextCheck?.(view).earliestInMs ?? NaN;

describe("polling as a strategy", () => {
  it("is the same strategy when it is made again from its parameters", () => {
    const strategy = poll({ pace: "frugal", expectedDurationInMs: 90_000, history: new RunHistory() });
    expect(strategy.parameters).toEqual({ pace: "frugal", expectedDurationInMs: 90_000 });
    const again = poll(JSON.parse(JSON.stringify(strategy.parameters)) as PollOptions);
    expect(again.nextCheck?.(running(80_000)).earliestInMs).toBe(strategy.nextCheck?.(running(80_000)).earliestInMs);
    expect(poll().parameters).toEqual({});
    expect(Object.isFrozen(strategy)).toBe(true);
  });

  it.each<[PollOptions, typeof TypeError | typeof RangeError, string]>([
    [null as never, TypeError, "options"],
    [{ paces: "fast" } as never, TypeError, "paces"],
    [{ pace: "slow" as never }, RangeError, "pace"],
    [{ pace: 1 as never }, TypeError, "pace"],
    [{ pace: "toString" as never }, RangeError, "pace"],
    [{ expectedDurationInMs: 0 }, RangeError, "expectedDurationInMs"],
    [{ expectedDurationInMs: NaN }, RangeError, "expectedDurationInMs"],
    [{ expectedDurationInMs: "60" as never }, TypeError, "expectedDurationInMs"],
    [5 as never, TypeError, "Expected `options` to be an object, got `5` (number)."],
    [{ history: {} as never }, TypeError, "Expected `history` to be a RunHistory, got `{}` (object)."],
    [{ history: "runs" as never }, TypeError, "Expected `history` to be a RunHistory, got `\"runs\"` (string)."],
    [{ history: null as never }, TypeError, "history"],
  ])("refuses %j at once", (options, type, field) => {
    expect(() => poll(options)).toThrow(type);
    expect(() => poll(options)).toThrow(field);
  });

  it("has three paces", () => {
    const [fast = NaN, balanced = NaN, frugal = NaN] = (["fast", "balanced", "frugal"] as const).map((pace) => earliest({ pace }, running(60_000)));
    expect(fast).toBeLessThan(balanced * 0.7);
    expect(frugal).toBeGreaterThan(balanced * 1.5);
    expect(earliest({}, running(60_000))).toBe(balanced);
  });

  it("counts the pause from the last look, so that a sign of life changes nothing", () => {
    const pause = earliest({}, running(60_000));
    expect(earliest({}, running(61_000, { unseenForInMs: 1000, signals: { alive: { agoInMs: 0, looksSince: 0 }, started: { agoInMs: 0, looksSince: 0 } } }))).toBe(pause - 1000);
    expect(earliest({}, running(160_000, { unseenForInMs: 100_000 }))).toBe(0);
  });

  it.each(["ended", "changed"] as const)("looks soon after a signal that it has %s, and ever later while it is not to be seen", (kind) => {
    const usual = earliest({ pace: "frugal" }, running(3_600_000));
    const pauses: number[] = [];
    let agoInMs = 0;
    for (let looksSince = 0; looksSince < 12; agoInMs += pauses[looksSince] ?? 0, looksSince++) pauses.push(earliest({ pace: "frugal" }, running(3_600_000, { signals: { [kind]: { agoInMs, looksSince } } })));
    expect(pauses[0]).toBeLessThanOrEqual(250);
    expect(pauses.slice(0, 10)).toEqual([...pauses.slice(0, 10)].sort((a, b) => a - b));
    expect(pauses.slice(0, 10).every((pause) => pause < usual)).toBe(true);
    expect(pauses.slice(10)).toEqual([usual, usual]);
  });

  it("does not make up for looks that it could not make after a signal", () => {
    const told = (unseenForInMs: number): number => earliest({ pace: "frugal" }, running(3_600_000, { unseenForInMs, signals: { ended: { agoInMs: 10_000, looksSince: 1 } } }));
    expect(told(9700)).toBe(0);
    expect(told(0)).toBe(1000);
  });

  it("looks ten times after a signal by a clock that is ahead", () => {
    const pauses = Array.from({ length: 12 }, (_unused, looksSince) => earliest({ pace: "frugal" }, running(3_600_000, { signals: { ended: { agoInMs: 0, looksSince } } })));
    const usual = earliest({ pace: "frugal" }, running(3_600_000));
    expect(pauses.map((pause) => pause < usual)).toEqual([...Array<boolean>(10).fill(true), false, false]);
  });

  it("does not wait for a signal's time where the schedule is sooner", () => {
    const due = earliest({ pace: "fast" }, running(0));
    expect(earliest({ pace: "fast" }, running(0, { signals: { ended: { agoInMs: 11_500, looksSince: 8 } } }))).toBe(due);
  });

  it("is the more urgent the likelier the end", () => {
    const urgency = (view: LookView): number => poll().nextCheck?.(view).urgency?.(1000) ?? NaN;
    const earlierRuns = Array.from({ length: 10 }, () => minute);
    expect(urgency(running(60_000, { earlierRuns }))).toBeGreaterThan(0);
    expect(urgency(running(60_000, { signals: { ended: { agoInMs: 0, looksSince: 0 } } }))).toBeGreaterThan(urgency(running(60_000, { earlierRuns })));
  });

  it("uses the history, or what the client has seen if that is more", async () => {
    const history = new RunHistory();
    const strategy = poll({ history });
    const blind = earliest({}, running(59_000));
    for (let runs = 0; runs < 5; runs++) await strategy.learn?.(JOB, minute);
    expect(history.of(JOB.kind)).toHaveLength(5);
    const taught = strategy.nextCheck?.(running(59_000)).earliestInMs ?? NaN;
    expect(taught).toBeLessThan(blind * 0.7);
    expect(earliest({}, running(59_000, { earlierRuns: history.of(JOB.kind) }))).toBe(taught);
    const others = Array.from({ length: 6 }, () => ({ ...minute, ranForInMs: 600_000 }));
    expect(strategy.nextCheck?.(running(59_000, { earlierRuns: others })).earliestInMs).toBe(earliest({}, running(59_000, { earlierRuns: others })));
    expect("learn" in poll()).toBe(false);
  });
});
