import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CreateTurns } from "../../src/budget/create-turns.js";
import { Windows } from "../../src/budget/windows.js";
import { VirtualClock } from "../../src/internal/clock.js";

const FIVE_MINUTES = 300_000;
const HOUR = 3_600_000;
const usual = (): CreateTurns => new CreateTurns(new Windows([{ lengthInMs: FIVE_MINUTES, most: 100 }, { lengthInMs: HOUR, most: 300 }]));
const one = (): CreateTurns => new CreateTurns(new Windows([{ lengthInMs: 10_000, most: 1 }]));
const mostIn = (times: readonly number[], length: number): number => Math.max(...times.map((time) => times.filter((other) => other > time - length && other <= time).length));

/** Who wants to create: from when on, and how long it takes to send once it may. */
interface Wish {
  readonly at: number;
  readonly takesInMs: number;
}

// When groups were sent, in the order of the wishes.
async function send(turns: CreateTurns, wishes: readonly Wish[]): Promise<readonly number[]> {
  const clock = new VirtualClock(0);
  const sent = wishes.map(async ({ at, takesInMs }, index) => {
    await clock.sleep(at);
    for (let told = turns.take(clock.now(), `g-${index}`); told > clock.now(); told = turns.take(clock.now(), `g-${index}`)) await clock.sleep(told - clock.now());
    if (takesInMs > 0) await clock.sleep(takesInMs);
    turns.use(clock.now(), `g-${index}`);
    return clock.now();
  });
  await clock.advance(24 * HOUR);
  return Promise.all(sent);
}

describe("turns to create", () => {
  it("never are more than may be in any window, and not fewer than can be", async () => {
    const sent = await send(usual(), Array.from({ length: 1000 }, () => ({ at: 0, takesInMs: 0 })));
    expect(mostIn(sent, FIVE_MINUTES)).toBe(100);
    expect(mostIn(sent, HOUR)).toBe(300);
    expect(sent[299]).toBeLessThan(2 * FIVE_MINUTES + 3000);
    expect(sent[999]).toBeLessThan(3 * HOUR + 4000);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
  });

  it("keep within the windows however long it takes to send", async () => {
    const wish = fc.record({ at: fc.integer({ min: 0, max: HOUR }), takesInMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200_000 })) });
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 150, maxLength: 400 }), async (wishes) => {
        const sent = await send(usual(), wishes);
        expect(mostIn(sent, FIVE_MINUTES)).toBeLessThanOrEqual(100);
        expect(mostIn(sent, HOUR)).toBeLessThanOrEqual(300);
      }),
      { numRuns: 30 },
    );
  });

  it("are counted from when they are used", () => {
    const turns = one();
    expect(turns.take(0, "a")).toBe(0);
    expect(turns.take(0, "b")).toBe(11_000);
    turns.use(8000, "a");
    expect(turns.take(11_000, "b")).toBe(19_000);
  });

  it("are the same for who asks again, until it is used or not come for", () => {
    const turns = one();
    expect(turns.take(0, "a")).toBe(0);
    expect(turns.take(10, "a")).toBe(10);
    turns.use(10, "a");
    expect(turns.take(20, "b")).toBe(11_010);
    expect(turns.take(5000, "b")).toBe(11_010);
    expect(turns.take(6000, "c")).toBe(22_010);
    expect(turns.take(11_010 + 300_001, "c")).toBe(311_011);
  });

  it("go on to the next when nobody wants them any more", () => {
    const turns = one();
    turns.take(0, "a");
    turns.take(0, "b");
    turns.drop("a");
    expect(turns.take(11_000, "b")).toBe(11_000);
    turns.drop("b");
    expect(turns.take(11_001, "c")).toBe(11_001);
  });

  it("wait when Azure refuses one in between, also those that were given", () => {
    const windows = new Windows([{ lengthInMs: 10_000, most: 2 }]);
    const turns = new CreateTurns(windows);
    turns.take(0, "a");
    turns.take(0, "b");
    turns.use(1, "a");
    windows.throttle(2, 60_000);
    expect(turns.take(3, "b")).toBe(60_002);
    expect(turns.take(60_002, "b")).toBe(60_002);
  });
});
