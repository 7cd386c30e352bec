import { describe, expect, it } from "vitest";
import { Windows } from "../../src/budget/windows.js";

const FIVE_MINUTES = 300_000;
const HOUR = 3_600_000;
const usual = (): Windows => new Windows([{ lengthInMs: FIVE_MINUTES, most: 100 }, { lengthInMs: HOUR, most: 300 }]);

// As whoever creates does: so many, at once.
function create(windows: Windows, now: number, count: number): void {
  for (let index = 0; index < count; index++) {
    windows.use(now);
    windows.answered(now);
  }
}

describe("windows", () => {
  it("go by what Azure says is left, of which others may have had a part", () => {
    const windows = usual();
    create(windows, 0, 1);
    windows.learn(0, FIVE_MINUTES, 899);
    windows.learn(0, HOUR, 1798);
    expect(windows.free(1)).toBe(899);
    windows.learn(2, FIVE_MINUTES, 0);
    expect(windows.free(2)).toBe(0);
  });

  it("let one more be tried after five minutes where others had used what was there at best", () => {
    const windows = usual();
    create(windows, 0, 10);
    windows.learn(0, HOUR, 290);
    windows.learn(0, FIVE_MINUTES, 90);
    // Others create 285 groups.
    windows.learn(1000, HOUR, 5);
    create(windows, 1000, 5);
    expect(windows.next(2000)).toBe(301_000);
    expect(windows.free(301_000)).toBe(1);
    create(windows, 301_000, 1);
    // Nothing was given back yet: it was refused.
    expect(windows.next(301_001)).toBe(601_000);
    create(windows, 601_000, 1);
    windows.learn(601_000, HOUR, 200);
    // Two of the five minutes.
    expect(windows.free(601_001)).toBe(98);
  });

  it("do not try more than was there at best", () => {
    const windows = new Windows([{ lengthInMs: HOUR, most: 300 }]);
    create(windows, 0, 10);
    windows.learn(0, HOUR, 0);
    expect(windows.next(0)).toBe(HOUR + 1000);
  });

  it("begin again when Azure lets them", () => {
    const windows = usual();
    windows.throttle(0, 30_000);
    expect(windows.next(0)).toBe(30_000);
    expect(windows.free(29_999)).toBe(0);
    // Where others have used all of it there is one to try.
    windows.learn(31_000, HOUR, 0);
    expect(windows.free(31_000)).toBe(1);
  });
});
