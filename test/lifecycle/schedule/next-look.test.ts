import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EarlierRun } from "../../../src/index.js";
import { nextLook, REQUEST_IS_WORTH_IN_S, type LookQuestion, type Pace } from "../../../src/lifecycle/schedule/next-look.js";

const PACES = Object.keys(REQUEST_IS_WORTH_IN_S) as Pace[];
const asked = (more: Partial<LookQuestion> = {}): LookQuestion => ({ phase: "running", ageInMs: 0, earlierRuns: [], pace: "balanced", ...more });
const gap = (more: Partial<LookQuestion> = {}): number => nextLook(asked(more)).inMs;
// Runs of a minute, give or take a twentieth, whose containers started after 14 to 16 seconds.
const minutes = (count: number, more: Partial<EarlierRun> = {}): EarlierRun[] =>
  Array.from({ length: count }, (_unused, index) => ({ startedAfterInMs: 14_000 + (index % 3) * 1000, ranForInMs: 57_000 + (index % 3) * 3000, hasSucceeded: true, ...more }));
// Times of looks at a phase that never ends, with a round trip between them.
function looksUntil(untilInMs: number, more: Partial<LookQuestion> = {}): number[] {
  const looks: number[] = [];
  for (let at = gap({ ...more, ageInMs: 0 }); at <= untilInMs; at += 100 + gap({ ...more, ageInMs: at + 100 })) looks.push(at);
  return looks;
}

const anyNumber = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, 1e-300, 1e300), fc.double({ min: 0, max: 1e8, noNaN: true }));
const anyRun: fc.Arbitrary<EarlierRun> = fc.record({ startedAfterInMs: fc.option(anyNumber, { nil: undefined }), ranForInMs: anyNumber, hasSucceeded: fc.boolean() });
const anyQuestion: fc.Arbitrary<LookQuestion> = fc.record({
  phase: fc.constantFrom("starting" as const, "running" as const),
  ageInMs: anyNumber,
  earlierRuns: fc.array(anyRun, { maxLength: 40 }),
  expectedDurationInMs: fc.option(anyNumber, { nil: undefined }),
  pace: fc.constantFrom(...PACES),
});

describe("the schedule of looks", () => {
  it("answers a time within its bounds, whatever it is asked", () => {
    fc.assert(
      fc.property(anyQuestion, (question) => {
        const { inMs, unseen } = nextLook(question);
        expect(inMs).toBeGreaterThanOrEqual(200);
        expect(inMs).toBeLessThanOrEqual(30_000);
        expect(unseen(inMs)).toBeGreaterThanOrEqual(0);
        expect(unseen(inMs)).toBeLessThanOrEqual(30_000);
        expect(unseen(2 * inMs)).toBeGreaterThanOrEqual(unseen(inMs));
      }),
      { numRuns: 2000 },
    );
  });

  it("never looks more often at a slower pace", () => {
    fc.assert(
      fc.property(anyQuestion, (question) => {
        const [fast = NaN, balanced = NaN, frugal = NaN] = PACES.map((pace) => nextLook({ ...question, pace }).inMs);
        expect(fast).toBeLessThanOrEqual(balanced);
        expect(balanced).toBeLessThanOrEqual(frugal);
      }),
      { numRuns: 500 },
    );
  });

  it("never lets more than a quarter of the median, or of the age beyond it, go by once it knows runs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2000, max: 3_600_000 }), fc.integer({ min: 0, max: 7_200_000 }), fc.constantFrom(...PACES), (ranForInMs, ageInMs, pace) => {
        expect(gap({ ageInMs, pace, earlierRuns: minutes(5, { ranForInMs }) })).toBeLessThanOrEqual(Math.max(300, Math.max(ranForInMs, ageInMs) / 4));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a job of which nothing is known", () => {
  it("is looked at less often the older it is", () => {
    const gaps = [0, 1, 5, 20, 60, 300, 1200, 3600].map((seconds) => gap({ ageInMs: seconds * 1000 }));
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(gaps[0]).toBeLessThan(2500);
    expect(gaps[4]).toBeGreaterThan(4000);
    expect(gaps[7]).toBeGreaterThan(15_000);
  });

  it("is looked for early, and then when ACI has mostly started a container", () => {
    const looks = looksUntil(60_000, { phase: "starting" });
    expect(looks.slice(0, 3).map((at) => Math.round(at / 100) / 10)).toEqual([1.4, 4.4, expect.closeTo(15.5, 0)]);
    expect(looks.length).toBeLessThan(9);
  });

  it.each([100, 1000, 1500, 2500, 4000])("is seen within 3.1 seconds if its container starts after %i ms", (startsAfterInMs) => {
    const seen = looksUntil(60_000, { phase: "starting" }).find((at) => at >= startsAfterInMs) ?? NaN;
    expect(seen - startsAfterInMs).toBeLessThan(3100);
  });

  it("is looked at four times a minute at least while it does not start", () => {
    const looks = looksUntil(600_000, { phase: "starting", pace: "frugal" });
    expect(Math.max(...looks.slice(1).map((at, index) => at - (looks[index] ?? 0)))).toBeLessThanOrEqual(15_000);
  });
});

describe("a job whose runs are known", () => {
  it("is looked at seldom before its end is due and often when it is", () => {
    const earlierRuns = minutes(10);
    const looks = looksUntil(66_000, { earlierRuns, pace: "fast" });
    expect(looks.filter((at) => at > 12_000 && at < 45_000).length).toBeLessThanOrEqual(4);
    expect(looks.filter((at) => at > 55_000).length).toBeGreaterThan(10);
    expect(gap({ earlierRuns, pace: "fast", ageInMs: 61_000 })).toBeLessThan(500);
  });

  it("is looked for when it may have ended, not when it may have started", () => {
    const [first = NaN] = looksUntil(60_000, { phase: "starting", earlierRuns: minutes(10) });
    expect(first).toBeGreaterThan(15_000);
    const [short = NaN] = looksUntil(60_000, { phase: "starting", earlierRuns: minutes(10, { startedAfterInMs: 300, ranForInMs: 500 }) });
    expect(short).toBeLessThan(1200);
  });

  it("takes a failure that came early for a crash, and looks for the next", () => {
    const crash: EarlierRun = { ranForInMs: 3000, hasSucceeded: false };
    const crashing = [...minutes(7), crash, crash, crash];
    expect(gap({ earlierRuns: crashing, ageInMs: 2000 })).toBeLessThan(gap({ earlierRuns: minutes(10), ageInMs: 2000 }) * 0.8);
    // What is usual is still known.
    expect(gap({ earlierRuns: crashing, ageInMs: 60_000 })).toBeLessThan(1500);
    // A failure at the usual time is as long as a run.
    const failing = minutes(10, { hasSucceeded: false });
    expect(gap({ earlierRuns: failing, ageInMs: 2000 })).toBe(gap({ earlierRuns: minutes(10), ageInMs: 2000 }));
  });

  it("goes on as if nothing were known once it has outlived them", () => {
    const known = gap({ earlierRuns: minutes(10), ageInMs: 240_000 });
    const unknown = gap({ ageInMs: 240_000 });
    expect(known / unknown).toBeGreaterThan(0.8);
    expect(known / unknown).toBeLessThan(1.25);
  });

  it("takes a hint for one run, and no longer once three were seen", () => {
    const hinted = gap({ expectedDurationInMs: 60_000, ageInMs: 58_000 });
    expect(hinted).toBeLessThan(gap({ ageInMs: 58_000 }));
    expect(hinted).toBe(gap({ earlierRuns: [{ ranForInMs: 60_000, hasSucceeded: true }], ageInMs: 58_000 }));
    const runs = minutes(3);
    expect(gap({ earlierRuns: runs, expectedDurationInMs: 600_000, ageInMs: 58_000 })).toBe(gap({ earlierRuns: runs, ageInMs: 58_000 }));
    expect(gap({ earlierRuns: minutes(2), expectedDurationInMs: 600_000, ageInMs: 58_000 })).not.toBe(gap({ earlierRuns: minutes(2), ageInMs: 58_000 }));
  });

  it("leaves out what cannot be a run", () => {
    const nonsense = [NaN, -1, Infinity, 0].map((ranForInMs) => ({ ranForInMs, startedAfterInMs: ranForInMs, hasSucceeded: true }));
    expect(gap({ earlierRuns: nonsense, ageInMs: 5000 })).toBe(gap({ ageInMs: 5000 }));
    expect(gap({ phase: "starting", earlierRuns: nonsense })).toBe(gap({ phase: "starting" }));
  });
});
