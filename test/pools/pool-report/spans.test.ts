import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReportedAttempt } from "../../../src/pools/pool-report/reported-job.js";
import { spansOf } from "../../../src/pools/pool-report/spans.js";

const attempt = (facts: Partial<ReportedAttempt>): ReportedAttempt => ({ attempt: 1, groupName: "g", fromAt: 0, ...facts });
const WHOLE = { acceptedAt: 10, endedAt: 100, overAt: 110, timings: { pulledInMs: 20, ranInMs: 40, noticedInMs: 5 } };

describe("the phases of a group", () => {
  it("are laid end to end, back from when its end was known", () => {
    expect(spansOf(attempt(WHOLE), 999)).toEqual({ fromAt: 0, inMs: { waited: 10, provisioned: 25, pulled: 20, ran: 40, noticed: 5, cleanedUp: 10 } });
  });

  it("leave out what did not happen or could not be seen", () => {
    expect(spansOf(attempt({ endedAt: 50, overAt: 50 }), 999).inMs).toEqual({ waited: 50, cleanedUp: 0 });
    expect(spansOf(attempt({ acceptedAt: 10, endedAt: 50, overAt: 60 }), 999).inMs).toEqual({ waited: 10, provisioned: 40, cleanedUp: 10 });
    expect(spansOf(attempt({ ...WHOLE, timings: { ranInMs: 40 } }), 999).inMs).toEqual({ waited: 10, provisioned: 50, ran: 40, noticed: 0, cleanedUp: 10 });
    // It was lost, say: it was seen to start, and Azure tells no end.
    expect(spansOf(attempt({ acceptedAt: 10, startedAt: 30, endedAt: 50, overAt: 60, timings: {} }), 999).inMs).toEqual({ waited: 10, provisioned: 20, ran: 20, cleanedUp: 10 });
  });

  it("go on up to now where it is not over", () => {
    expect(spansOf(attempt({}), 70)).toEqual({ fromAt: 0, inMs: { waited: 70 }, now: "waited" });
    expect(spansOf(attempt({ acceptedAt: 10, startedAt: 30 }), 70)).toEqual({ fromAt: 0, inMs: { waited: 10, provisioned: 20, ran: 40 }, now: "ran" });
    expect(spansOf(attempt({ acceptedAt: 10, startedAt: 30, endedAt: 60 }), 70)).toMatchObject({ inMs: { ran: 30, cleanedUp: 10 }, now: "cleanedUp" });
  });

  it("do not begin before the group was accepted, whatever Azure's clock says", () => {
    expect(spansOf(attempt({ ...WHOLE, timings: { pulledInMs: 60, ranInMs: 80, noticedInMs: 0 } }), 999)).toEqual({ fromAt: 0, inMs: { waited: 10, provisioned: 0, pulled: 10, ran: 80, noticed: 0, cleanedUp: 10 } });
  });

  it("begin before it was taken up, where its group was found", () => {
    const found = { ...WHOLE, isFound: true, timings: { ranInMs: 500, noticedInMs: 0 } } as const;
    expect(spansOf(attempt(found), 999)).toEqual({ fromAt: -400, inMs: { waited: 0, provisioned: 0, ran: 500, noticed: 0, cleanedUp: 10 } });
    expect(spansOf(attempt({ ...found, acceptedAt: undefined }), 999)).toEqual({ fromAt: -400, inMs: { waited: 0, ran: 500, noticed: 0, cleanedUp: 10 } });
  });

  it("fill all of the time, and none is negative, whatever was heard", () => {
    const ms = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined });
    const facts = fc.record({ acceptedAt: ms, startedAt: ms, endedAt: ms, overAt: fc.option(fc.integer({ min: 1000, max: 2000 }), { nil: undefined }), isFound: fc.constantFrom(true, undefined), timings: fc.record({ pulledInMs: ms, ranInMs: ms, noticedInMs: ms }) });
    fc.assert(
      fc.property(facts, (given) => {
        const { fromAt, inMs } = spansOf(attempt(given), 2000);
        const all = Object.values(inMs);
        expect(all.every((one) => one >= 0)).toBe(true);
        expect(fromAt + all.reduce((sum, one) => sum + one, 0)).toBe(given.overAt ?? 2000);
        expect(fromAt).toBeLessThanOrEqual(0);
      }),
    );
  });
});
