import { describe, expect, it } from "vitest";
import { BUSY, container, GONE, PLAN, RESET, running, snapshot, Story, TAGS, terminated } from "./story.js";

const creating = (): Story => new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE);

describe("cancel", () => {
  it("looks once more whether what was not seen to start has a log", () => {
    const story = new Story().accepted().wait().see(snapshot(container({ state: "Waiting" })));
    expect(story.see({ kind: "cancel", reason: "stop" }).next).toBe("look");
    expect(story.see(snapshot(running())).last.next).toEqual({ kind: "readLogs", containerName: "main" });
    expect(story.collected("so far\n").next).toBe("delete");
    expect(story.result).toMatchObject({ outcome: "canceled", logs: "so far\n", isLogTruncated: false });
  });

  it("deletes at once what still waits, or is not found", () => {
    const canceled = (): Story => new Story().accepted().wait().see(snapshot(container({ state: "Waiting" }))).see({ kind: "cancel", reason: "stop" });
    expect(canceled().see(snapshot(container({ state: "Waiting" }))).see({ kind: "saved" }).next).toBe("delete");
    expect(canceled().see(GONE).see({ kind: "saved" }).next).toBe("delete");
    const stale = new Story().accepted().wait().see(snapshot(container({ state: "Waiting" }))).wait().see(snapshot(container(undefined))).see({ kind: "cancel", reason: "stop" });
    expect(stale.see({ kind: "saved" }).result.outcome).toBe("canceled");
  });

  it("does not know of a log where it cannot be looked for", () => {
    const story = new Story().accepted().wait().see(snapshot(container({ state: "Waiting" }))).see({ kind: "cancel", reason: "stop" });
    expect(story.fault(BUSY).see({ kind: "saved" }).next).toBe("delete");
    expect(story.result).toMatchObject({ outcome: "canceled", logs: "", isLogTruncated: "unknown" });
  });

  it("needs no request before anything was sent", () => {
    const story = new Story({ ...PLAN, isKeyNew: true }).see({ kind: "cancel", reason: "no more" });
    expect(story.see({ kind: "saved" }).result).toMatchObject({ outcome: "canceled", requests: 0, cleanup: "done", reason: "no more" });
  });

  it("looks for a group that others may have made", () => {
    const story = new Story().see({ kind: "cancel", reason: "x" }).see({ kind: "saved" });
    expect(story.next).toBe("look");
    expect(story.see(GONE).wait().next).toBe("look");
    expect(story.see(GONE).next).toBe("list");
    expect(story.see({ kind: "listed", groups: [{ groupName: "aci-0123456789abcdef-1", tags: {}, location: "" }] }).wait().next).toBe("look");
    expect(story.see(GONE).wait().see(GONE).see({ kind: "listed", groups: [] }).result.cleanup).toBe("done");
    const found = new Story().see({ kind: "cancel", reason: "x" }).see({ kind: "saved" });
    expect(found.see(snapshot(running())).next).toBe("delete");
  });

  it("of a create that never arrived ends with nothing to delete", () => {
    const story = creating().see({ kind: "cancel", reason: "x" }).see(GONE).wait().see(GONE).see({ kind: "listed", groups: [] });
    expect(story.see({ kind: "saved" }).result).toMatchObject({ outcome: "canceled", cleanup: "done" });
  });

  it("reads the logs of what runs and deletes it", () => {
    const story = new Story().running().see({ kind: "cancel", reason: "stop" });
    expect(story.next).toBe("readLogs");
    expect(story.collected("so far\n").next).toBe("delete");
    expect(story.result).toMatchObject({ outcome: "canceled", logs: "so far\n", error: { text: "Job was canceled: stop" } });
  });

  it("is heard from another process by a tag", () => {
    const story = new Story().running().wait().see(snapshot(running(), { tags: { ...TAGS, "aci-lifecycle-cancel": "enough" } }));
    expect(story.collected().result).toMatchObject({ outcome: "canceled", reason: "enough" });
  });

  it("counts also where the same look shows that the job is lost", () => {
    const again = running({ startedAt: "2026-01-01T00:05:00Z" });
    const story = new Story().running().wait().see(snapshot({ ...again, restartCount: 1 }, { tags: { ...TAGS, "aci-lifecycle-cancel": "enough" } }));
    expect(story.state.verdict).toMatchObject({ outcome: "canceled", reason: "enough" });
  });

  it("counts also if the group is gone before it was looked at", () => {
    const story = new Story().running().wait().see(snapshot(running())).wait();
    story.see(GONE).wait().see(GONE).wait().see(GONE).wait().see(GONE);
    story.state = { ...story.state, cancel: { reason: "r" } };
    expect(story.see({ kind: "listed", groups: [] }).result.outcome).toBe("canceled");
  });

  it("while a create is uncertain reads the log of what the look finds, and deletes it", () => {
    const story = creating().fault(RESET).see({ kind: "cancel", reason: "x" });
    expect(story.next).toBe("look");
    expect(story.see(snapshot(running())).next).toBe("readLogs");
    expect(story.collected().next).toBe("delete");
    expect(story.see({ kind: "deleted", answer: "deleted" }).see(GONE).result).toMatchObject({ outcome: "canceled", cleanup: "done" });
  });

  it("changes nothing once the end is known, and is taken once", () => {
    const story = new Story().running().wait().see(snapshot(terminated(0))).see({ kind: "cancel", reason: "late" });
    expect(story.next).toBe("readLogs");
    expect(story.collected().result.outcome).toBe("succeeded");
    const twice = new Story().accepted().see({ kind: "cancel", reason: "1" }).see({ kind: "cancel", reason: "2" }).see(GONE);
    expect(twice.result.reason).toBe("1");
    const waiting = new Story().running().wait().see(snapshot(terminated(0))).fault(BUSY).see({ kind: "cancel", reason: "late" });
    expect(waiting.next).toBe("wait");
  });
});
