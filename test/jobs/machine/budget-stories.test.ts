import { describe, expect, it } from "vitest";
import { BUSY, GONE, MINUTE, PLAN, running, snapshot, Story, T0 } from "./story.js";

describe("a create that the request budget holds back", () => {
  it("is looked for when its time has come, and has its whole time to start from then on", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE);
    expect(story.next).toBe("create");
    story.see({ kind: "heldBack", until: story.now + 30 * MINUTE });
    expect(story.waitInMs).toBe(30 * MINUTE);
    expect(story.events.at(-1)).toBe("jobHeldBack");
    expect(story.wait().next).toBe("look");
    expect(story.see(GONE).next).toBe("create");
    expect(story.events.at(-1)).toBe("jobCreating");
    expect(story.see({ kind: "created" }).state).toMatchObject({ phase: "provisioning", marks: { createAt: T0 + 30 * MINUTE, acceptedAt: T0 + 30 * MINUTE } });
  });

  it("is given up when the job is canceled, as nothing was sent", () => {
    const story = new Story({ ...PLAN, isKeyNew: true }).see({ kind: "saved" }).see({ kind: "heldBack", until: T0 + MINUTE });
    story.see({ kind: "cancel", reason: "enough" });
    expect(story.see({ kind: "saved" }).result).toMatchObject({ outcome: "canceled", cleanup: "done", requests: 0 });
  });

  it("goes to the group that another caller has created meanwhile", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).see({ kind: "heldBack", until: T0 + MINUTE });
    expect(story.wait().see(snapshot(running())).events).toContain("jobAdopted");
  });

  it("that was sent before has no more time for it, and ends with why", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).fault({ statusCode: 429, retryAfterInMs: 5000 });
    story.wait().see(GONE);
    expect(story.next).toBe("create");
    story.see({ kind: "heldBack", until: story.now + 60 * MINUTE });
    expect(story.now + story.waitInMs).toBe(T0 + 10 * MINUTE);
    expect(story.wait().see(GONE).result).toMatchObject({ outcome: "neverStarted", error: { text: "it failed" } });
  });
});

it("a job waits longer and longer, though lists are read where looks fail", () => {
  const story = new Story().see({ kind: "saved" });
  for (let tries = 0; tries < 8; tries++) story.see({ kind: "listed", groups: [] }).fault(BUSY).wait();
  expect(story.see({ kind: "listed", groups: [] }).fault(BUSY).waitInMs).toBeGreaterThan(5000);
});
