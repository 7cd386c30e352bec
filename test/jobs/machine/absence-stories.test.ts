import { describe, expect, it } from "vitest";
import { GONE, RESET, running, snapshot, Story, terminated } from "./story.js";

describe("a resource group that is not there", () => {
  const NO_GROUP = { statusCode: 404, serviceCode: "ResourceGroupNotFound" };

  it("takes the job's group with it, which is lost after as many looks and a list", () => {
    const story = new Story().running().wait().fault(NO_GROUP);
    expect(story.wait().fault(NO_GROUP).wait().fault(NO_GROUP).wait().fault(NO_GROUP).next).toBe("list");
    expect(story.fault(NO_GROUP).see({ kind: "saved" }).result).toMatchObject({ outcome: "lost", cleanup: "done", reason: "the container group disappeared" });
    const seen = new Story().running().wait().fault(NO_GROUP).wait().see(snapshot(running()));
    expect(seen.state).toMatchObject({ phase: "running", misses: 0 });
  });

  it("leaves nothing to be deleted", () => {
    const story = new Story().running().wait().see(snapshot(terminated(0))).fault(NO_GROUP).see({ kind: "saved" }).fault(NO_GROUP);
    expect(story.next).toBe("look");
    expect(story.fault(NO_GROUP).wait().fault(NO_GROUP).next).toBe("list");
    expect(story.fault(NO_GROUP).result).toMatchObject({ outcome: "succeeded", cleanup: "done" });
  });

  it("takes no create", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).fault(RESET).wait().fault(NO_GROUP);
    expect(story.wait().fault(NO_GROUP).next).toBe("list");
    expect(story.fault(NO_GROUP).next).toBe("create");
    expect(story.fault(NO_GROUP).result).toMatchObject({ outcome: "neverStarted", error: { serviceCode: "ResourceGroupNotFound" } });
    expect(new Story().see({ kind: "saved" }).fault(NO_GROUP).result).toMatchObject({ outcome: "notRun", error: { serviceCode: "ResourceGroupNotFound" } });
  });
});
