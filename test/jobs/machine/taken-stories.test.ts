import { describe, expect, it } from "vitest";
import type { Plan } from "../../../src/jobs/machine/plan.js";
import type { Observation } from "../../../src/jobs/machine/state.js";
import { at, BUSY, container, GONE, logs, MINUTE, PLAN, snapshot, Story, TAGS, terminated } from "./story.js";

const DAY = 24 * 60 * MINUTE;
const OTHER_SPEC = snapshot(terminated(0), { tags: { ...TAGS, "aci-lifecycle-spec": "0ther" } });
// Another run of the same job, made by another caller who knew nothing of the one before.
const OTHER_RUN = snapshot(container({ state: "Running", startedAt: at(DAY) }));
const RESTARTED = snapshot(container({ state: "Running", startedAt: at(DAY) }, { restartCount: 1 }));
const YOUNG = { kind: "age", ageInMs: MINUTE } as const;
// A sweep has marked it when it first met it.
const KNOWN = { ...YOUNG, isAtLeast: true } as const;
const OLD = { kind: "age", ageInMs: 2 * DAY } as const;

// Whoever has the handle of a story takes it up later.
function takenUp(before: Story, plan: Plan = PLAN, after = DAY): Story {
  const story = new Story({ ...plan, isTakenUp: true }, before.state);
  story.now = before.now;
  return story.after(after);
}

describe("a job that is taken up long after its end was seen, before its log was read", () => {
  const ended = (): Story => new Story().running().wait().see(snapshot(terminated(0)));
  const late = (plan: Plan = PLAN): Story => takenUp(ended().fault(BUSY), plan);
  const unread = { outcome: "succeeded", logs: "", isLogTruncated: "unknown" };

  it("is looked at first", () => {
    expect(late().next).toBe("look");
    expect(late().see(snapshot(terminated(0))).see(logs("all\n")).result).toMatchObject({ outcome: "succeeded", logs: "all\n" });
    // So it is by who has been there all the time and could not read it for long, but not by who has just seen it.
    expect(ended().fault(BUSY).after(MINUTE).see(OTHER_RUN).see(YOUNG).result).toMatchObject(unread);
    expect([takenUp(ended().fault(BUSY), PLAN, 10_000).next, ended().fault(BUSY).after(10_000).next]).toEqual(["readLogs", "readLogs"]);
    // By a clock that is behind, the last look is to come.
    const { state } = ended().fault(BUSY);
    expect(new Story({ ...PLAN, isTakenUp: true }, { ...state, wakeAt: 0, marks: { ...state.marks, lookedAt: state.marks.intendedAt + DAY } }).after(0).next).toBe("look");
  });

  it("is read where that finds nothing, or an older state, or does not tell: caches lag", () => {
    expect(late().see(GONE).next).toBe("readLogs");
    expect(late().see(snapshot(container({ state: "Terminated" }))).next).toBe("readLogs");
    expect(late().see(snapshot(container({ state: "Running", startedAt: at(100) }))).next).toBe("readLogs");
    const unseen = late();
    expect(unseen.fault(BUSY).wait().next).toBe("look");
    expect(unseen.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" }).next).toBe("readLogs");
  });

  it("is read at once where the look would have to wait for longer than a log is waited for", () => {
    expect(late().fault({ statusCode: 429, retryAfterInMs: 2 * MINUTE }).next).toBe("readLogs");
    expect(late().fault({ statusCode: 429, retryAfterInMs: MINUTE }).wait().next).toBe("look");
  });

  it("has no log, outputs and group that are its own where another's has its name", () => {
    const plan: Plan = { ...PLAN, outputs: { video: "*.mp4" } };
    for (const story of [late(plan).see(OTHER_SPEC), late(plan).see(OTHER_RUN).see(YOUNG)]) {
      expect(story.result).toMatchObject({ ...unread, outcome: "failed", error: { text: expect.stringContaining("Another container group has its name") as string } });
      expect(story.events).not.toContain("jobDeleting");
      expect(story.see({ kind: "saved" }).last.next.kind).toBe("finish");
      expect(story.result.cleanup).toBe("done");
    }
    expect(late().see(OTHER_RUN).see(YOUNG).result).toMatchObject(unread);
  });

  it("goes on with its own group where that was begun anew, whose log is of another run", () => {
    for (const story of [late().see(OTHER_RUN).see(OLD), late().see(OTHER_RUN).see({ kind: "age" }), late().see(OTHER_RUN).see(KNOWN), late().see(RESTARTED), late().see(OTHER_RUN).fault({ statusCode: 403 })]) {
      expect(story.result).toMatchObject(unread);
      expect(story.see({ kind: "saved" }).next).not.toBe("finish");
      expect(story.events).toContain("jobDeleting");
    }
    // The logs of the others are what they were.
    const both = (main: ReturnType<typeof container>): Observation => snapshot(undefined, { containers: [main, terminated(0, "", { containerName: "side" })] });
    const beside = takenUp(new Story().running().wait().see(both(terminated(0))).fault(BUSY));
    expect(beside.see(both(container({ state: "Running", startedAt: at(DAY) }, { restartCount: 1 }))).last.next).toEqual({ kind: "readLogs", containerName: "side" });
    const goesOn: Plan = { ...PLAN, limits: { ...PLAN.limits, onRestart: "continue" } };
    expect(late(goesOn).see(RESTARTED).next).toBe("readLogs");
  });
});

describe("a group that is to be deleted", () => {
  const looking = (): Story => takenUp(new Story().running().wait().see(snapshot(terminated(0))).see(logs("x"))).see({ kind: "saved" });

  it("is not where another run has its name by then", () => {
    expect(looking().next).toBe("look");
    expect(looking().see(snapshot(terminated(0))).next).toBe("delete");
    expect(looking().see(OTHER_RUN).next).toBe("readAge");
    expect(looking().see(OTHER_RUN).see(YOUNG).result).toMatchObject({ outcome: "succeeded", cleanup: "done" });
    for (const age of [OLD, KNOWN]) expect(looking().see(OTHER_RUN).see(age).next).toBe("delete");
    expect(looking().see(RESTARTED).next).toBe("delete");
  });

  it("is not deleted again where another run has come after it", () => {
    const story = new Story().running().wait().see(snapshot(terminated(0))).see(logs("x")).see({ kind: "saved" }).see({ kind: "deleted", answer: "accepted" }).see(snapshot(terminated(0)));
    expect(story.wait().see(OTHER_RUN).next).toBe("readAge");
    expect(new Story(PLAN, story.state).see({ kind: "age", ageInMs: 0 }).next).toBe("wait");
    expect(story.see({ kind: "age", ageInMs: 0 }).result.cleanup).toBe("done");
  });
});
