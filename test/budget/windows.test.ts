import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Windows } from "../../src/budget/windows.js";

const FIVE_MINUTES = 300_000;
const HOUR = 3_600_000;
const usual = (): Windows => new Windows([{ lengthInMs: FIVE_MINUTES, most: 100 }, { lengthInMs: HOUR, most: 300 }]);
const mostIn = (turns: readonly number[], length: number): number => Math.max(...turns.map((turn) => turns.filter((other) => other > turn - length && other <= turn).length));

describe("turns to create", () => {
  it("never are more than may be in any window, and not fewer than can be", () => {
    const windows = usual();
    const turns = Array.from({ length: 1000 }, (_unused, index) => windows.take(0, `g-${index}`));
    expect(mostIn(turns, FIVE_MINUTES)).toBe(100);
    expect(mostIn(turns, HOUR)).toBe(300);
    expect(turns[299]).toBeLessThan(2 * FIVE_MINUTES + 3000);
    expect(turns[999]).toBeLessThan(3 * HOUR + 4000);
  });

  it("keep within the windows whenever they are asked for", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 150, maxLength: 400 }), (pauses) => {
        const windows = usual();
        let now = 0;
        const turns = pauses.map((pause, index) => windows.take((now += pause), `g-${index}`));
        expect(mostIn(turns, FIVE_MINUTES)).toBeLessThanOrEqual(100);
        expect(mostIn(turns, HOUR)).toBeLessThanOrEqual(300);
        expect(turns).toEqual([...turns].sort((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });

  it("are the same for who asks again, until it is used or not come for", () => {
    const windows = new Windows([{ lengthInMs: 10_000, most: 1 }]);
    expect(windows.take(0, "a")).toBe(0);
    const turn = windows.take(0, "b");
    expect(turn).toBe(11_000);
    expect(windows.take(5000, "b")).toBe(turn);
    windows.use("b");
    expect(windows.take(11_000, "b")).toBe(22_000);
    expect(windows.take(22_000 + 300_001, "b")).toBe(322_001);
  });

  it("go by what Azure says is left, of which others may have had a part", () => {
    const windows = usual();
    windows.take(0, "first");
    windows.answered(0);
    windows.learn(0, FIVE_MINUTES, 899);
    windows.learn(0, HOUR, 1798);
    const turns = [0, ...Array.from({ length: 1798 }, (_unused, index) => windows.take(1, `g-${index}`))];
    expect(turns.filter((turn) => turn <= 1)).toHaveLength(900);
    windows.learn(2, FIVE_MINUTES, 0);
    expect(windows.next(2)).toBeGreaterThan(FIVE_MINUTES);
  });

  it("begin again when Azure lets them", () => {
    const windows = usual();
    windows.throttle(0, 30_000);
    expect(windows.take(0, "a")).toBe(30_000);
    // Where others have used all of it there is one turn to try.
    windows.learn(31_000, HOUR, 0);
    expect(windows.next(HOUR + 40_000)).toBe(HOUR + 40_000);
  });
});
