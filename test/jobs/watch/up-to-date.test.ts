import { describe, expect, it } from "vitest";
import type { EarlierRun } from "../../../src/completion-strategy.js";
import { upToDate } from "../../../src/jobs/watch/up-to-date.js";

const runs = (count: number): readonly EarlierRun[] => Array.from({ length: count }, () => ({ ranForInMs: 60_000, hasSucceeded: true }));

describe("the urgency of a look that waits", () => {
  it("goes by the runs that have become known meanwhile, and is worked out anew when there are twice as many", () => {
    let known = runs(0);
    const asked: number[] = [];
    const check = upToDate(() => known, ({ length }) => {
      asked.push(length);
      return { earliestInMs: 5000 + length, urgency: (unseenForInMs) => unseenForInMs * (length + 1) };
    });
    expect([check.earliestInMs, check.urgency?.(10)]).toEqual([5000, 10]);
    const urgencies: (number | undefined)[] = [];
    for (let count = 1; count <= 9; count++) {
      known = runs(count);
      urgencies.push(check.urgency?.(10), check.urgency?.(10));
    }
    expect(urgencies).toEqual([20, 20, 30, 30, 30, 30, 50, 50, 50, 50, 50, 50, 50, 50, 90, 90, 90, 90]);
    expect(asked).toEqual([0, 1, 2, 4, 8]);
  });

  it("is how long nothing was seen, where a strategy says none", () => {
    expect(upToDate(() => [], () => ({ earliestInMs: 1 })).urgency?.(7)).toBe(7);
  });
});
