import { describe, expect, it } from "vitest";
import { turnOf } from "../../../src/jobs/machine/watch.js";
import { MINUTE, PLAN, Story, T0 } from "./story.js";

describe("the turn of a look that waits where requests are short", () => {
  it("is the more urgent the longer nobody has looked, where the strategy says nothing else", () => {
    const plan = { ...PLAN, nextCheck: () => ({ earliestInMs: 5000 }) };
    const story = new Story(plan).running();
    const { now } = story;
    const turn = turnOf(story.turn);
    expect([turn?.urgency(now), turn?.urgency(now + 7000)]).toEqual([0, 7000]);
    // An hour after its start it is timed out.
    expect(turn?.latest).toBe(T0 + 500 + 60 * MINUTE);
  });

  it("is as urgent and as late as the strategy says", () => {
    const plan = { ...PLAN, nextCheck: () => ({ earliestInMs: 5000, latestInMs: 9000, urgency: (unseenForInMs: number) => unseenForInMs ** 2 }) };
    const story = new Story(plan).running();
    const { now } = story;
    const turn = turnOf(story.turn);
    expect([turn?.urgency(now + 3000), (turn?.latest ?? 0) - now]).toEqual([9_000_000, 4000]);
  });

  it("does not wait where it looks for what may be gone, or is no look at a job that runs", () => {
    const running = new Story().running();
    const missing = running.wait().see({ kind: "absent" });
    expect(turnOf(missing.turn)).toBeUndefined();
    const intended = new Story().see({ kind: "saved" });
    expect(turnOf(intended.turn)).toBeUndefined();
  });
});
