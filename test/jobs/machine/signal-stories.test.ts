import { describe, expect, it } from "vitest";
import type { Plan, WatchView } from "../../../src/jobs/machine/plan.js";
import type { Observation } from "../../../src/jobs/machine/state.js";
import { container, GONE, PLAN, running, snapshot, Story, terminated } from "./story.js";

const GROUP = "aci-0123456789abcdef-1";
const signals = (kind: "started" | "alive" | "ended" | "changed", groupName = GROUP): Observation => ({ kind: "signals", signals: [{ kind, groupName }] });

const PACE = 10_000;

// Looks every ten seconds, and at once after a signal that has not been looked at.
function quiet(views: WatchView[] = []): Plan {
  return {
    ...PLAN,
    nextCheck: (view) => {
      views.push(view);
      return { earliestInMs: view.signals.ended?.looksSince === 0 ? 100 : PACE };
    },
  };
}

describe("a signal", () => {
  it("makes a job look when its strategy wants it", () => {
    const story = new Story(quiet()).running();
    expect(story.waitInMs).toBe(PACE);
    story.now += 5000;
    expect(story.see(signals("ended")).waitInMs).toBe(100);
    expect(story.wait().next).toBe("look");
    // It was not to be seen yet: the strategy's own pace goes on.
    expect(story.see(snapshot(running())).waitInMs).toBe(PACE);
    expect(story.wait().see(snapshot(terminated(0))).next).toBe("readLogs");
  });

  it("tells the strategy how long ago it came and what was looked at since", () => {
    const views: WatchView[] = [];
    const story = new Story(quiet(views)).accepted();
    expect(views.at(-1)).toMatchObject({ phase: "starting", looks: 0, unseenForInMs: 0, signals: {} });
    story.now += 5000;
    story.see(signals("started"));
    expect(views.at(-1)).toMatchObject({ acceptedForInMs: 5000, unseenForInMs: 5000, signals: { started: { agoInMs: 0, looksSince: 0 } } });
    story.wait().see(snapshot(running()));
    expect(views.at(-1)).toMatchObject({ phase: "running", looks: 0, unseenForInMs: 0, signals: { started: { looksSince: 1 } } });
    story.wait().see(snapshot(running()));
    expect(views.at(-1)).toMatchObject({ looks: 1, runningForInMs: story.now - (story.state.marks.startedAt ?? 0) });
  });

  it("that it has started makes a job look when its time to run would be over, and once", () => {
    const limited = { ...quiet(), limits: { ...PLAN.limits, runTimeoutInMs: 3000 } };
    const told = (): Story => new Story(limited).accepted().see(signals("started"));
    expect(told().waitInMs).toBe(3000);
    expect(told().wait().see(snapshot(container({ state: "Waiting" }))).waitInMs).toBe(PACE);
    const again = told();
    again.now += 1000;
    expect(again.see(signals("started")).waitInMs).toBe(2000);
    const late = told();
    const startedAt = new Date(late.now).toISOString();
    expect(late.wait().see(snapshot(container({ state: "Running", startedAt }))).state.verdict).toMatchObject({ outcome: "timedOut" });
  });

  it("that it has started is believed again where a look has shown that it had not", () => {
    const limited = { ...quiet(), nextCheck: () => ({ earliestInMs: 120_000 }), limits: { ...PLAN.limits, runTimeoutInMs: 30_000 } };
    const story = new Story(limited).accepted().see(signals("started")).wait().see(snapshot(container({ state: "Waiting" })));
    expect(story.waitInMs).toBe(120_000);
    story.now += 6000;
    expect(story.see(signals("started")).waitInMs).toBe(30_000);
    story.now += 1000;
    expect(story.see(signals("started")).waitInMs).toBe(29_000);
  });

  it("that it has started counts for the sign of life that must follow, and for output that somebody reads", () => {
    const beating = { ...quiet(), isHearing: () => true, limits: { ...PLAN.limits, heartbeatTimeoutInMs: 4000 } };
    const story = new Story(beating).accepted().see(signals("started"));
    expect(story.waitInMs).toBe(4000);
    story.now += 1000;
    expect(story.see(signals("alive")).waitInMs).toBe(4000);
    const seldom = (isStreaming: boolean): Plan => ({ ...PLAN, isStreaming, nextCheck: () => ({ earliestInMs: 120_000 }) });
    expect(new Story(seldom(true)).accepted().see(signals("started")).waitInMs).toBe(10_000);
    expect(new Story(seldom(false)).accepted().see(signals("started")).waitInMs).toBe(120_000);
  });

  it("about another group, or another attempt, is not heard", () => {
    const story = new Story(quiet()).running();
    expect(story.see(signals("ended", "aci-0123456789abcdef-2")).waitInMs).toBe(PACE);
    expect(story.state.heard).toBeUndefined();
  });

  it("that comes again and again makes one look in half a minute", () => {
    const story = new Story(quiet()).running();
    story.see(signals("ended")).wait().see(snapshot(running()));
    expect(story.see(signals("ended")).waitInMs).toBe(PACE);
    story.now += 30_000;
    expect(story.see(signals("ended")).waitInMs).toBe(100);
  });

  it("does not make a look early that the service has put off", () => {
    const story = new Story(quiet()).running().wait().fault({ statusCode: 429, retryAfterInMs: 40_000 });
    const { waitInMs } = story;
    expect(waitInMs).toBeGreaterThanOrEqual(40_000);
    expect(story.see(signals("ended")).waitInMs).toBe(waitInMs);
    expect(story.state.heard?.ended?.looks).toBe(0);
  });

  it("does not hurry the looks for a group that was missed", () => {
    const story = new Story(quiet()).running().wait().see(GONE);
    const { waitInMs } = story;
    expect(story.see(signals("ended")).waitInMs).toBe(waitInMs);
  });

  it("before the create was answered is remembered", () => {
    const story = new Story(quiet()).see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE);
    expect(story.next).toBe("create");
    // Nothing is asked for in between: whoever hears it goes on with what was asked.
    const heard = new Story(quiet(), story.state).see(signals("ended"));
    expect(heard.next).toBe("look");
    expect(heard.see(snapshot(running())).waitInMs).toBe(PACE);
    expect(heard.state.heard?.ended?.looks).toBe(1);
  });

  it("after the end changes nothing", () => {
    const story = new Story(quiet()).running().wait().see(snapshot(terminated(3)));
    expect(story.see(signals("ended")).next).toBe("readLogs");
    story.collected();
    expect(story.see(signals("changed")).next).toBe("delete");
    expect(story.result).toMatchObject({ outcome: "failed", exitCode: 3 });
  });
});

it("a group that looks have missed is lost, not late, where its list cannot be had until its time is over", () => {
  const story = new Story(quiet()).running().wait().see(GONE);
  story.now += 15_000;
  story.see(GONE);
  story.now += 15_000;
  expect(story.see(GONE).next).toBe("list");
  story.now += 60 * 60_000;
  for (let tries = 0; tries < 8 && story.state.verdict === undefined; tries++) {
    story.fault({ statusCode: 503 });
    if (story.next === "wait") story.wait();
  }
  expect(story.state.verdict).toMatchObject({ outcome: "lost" });
});

it("output that somebody reads while it grows is read every ten seconds at least", () => {
  const story = new Story({ ...quiet(), isStreaming: true, nextCheck: () => ({ earliestInMs: 120_000 }) }).accepted().wait().see(snapshot(running()));
  expect(story.next).toBe("readLogs");
  expect(story.see({ kind: "logs", containerName: "main", note: { tail: "", isTruncated: false }, isEmpty: true }).waitInMs).toBe(10_000);
});
