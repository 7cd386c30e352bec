import { describe, expect, it } from "vitest";
import { GONE, logs, PLAN, RESET, running, snapshot, Story, T0, TAGS, terminated } from "./story.js";

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

describe("a group that is gone while another caller has gone on to a later attempt", () => {
  const attempt = (number: number, more: Readonly<Record<string, string>> = {}): { groupName: string; location: string; tags: Record<string, string> } => ({
    groupName: `aci-0123456789abcdef-${number}`,
    location: "northeurope",
    tags: { ...TAGS, "aci-lifecycle-attempt": String(number), ...more },
  });
  const missed = (story = new Story()): Story => {
    story.running();
    for (let looks = 0; looks < 4; looks++) story.wait().see(GONE);
    return story;
  };

  it("is followed by that one, whose end is that of the job", () => {
    const story = missed().see({ kind: "listed", groups: [attempt(2), attempt(3)] });
    expect(story.next).toBe("look");
    expect(story.events).toContain("jobAdopted");
    expect(story.state).toMatchObject({ phase: "provisioning", attempt: 3, groupName: "aci-0123456789abcdef-3", location: "northeurope", marks: { begunAt: T0 } });
    const { requests } = story.state;
    story.see(snapshot(terminated(0), { groupName: "aci-0123456789abcdef-3", tags: attempt(3).tags })).see(logs("done\n")).see({ kind: "saved" });
    expect(story.result).toMatchObject({ outcome: "succeeded", attempt: 3, groupName: "aci-0123456789abcdef-3", location: "northeurope" });
    expect(story.result.requests).toBeGreaterThan(requests);
  });

  it.each(["removed", "not to be removed"])("has its own folder removed, which nobody needs any more (%s), and in the end that of the later attempt", (how) => {
    const { state, now } = missed();
    const story = new Story({ ...PLAN, outputs: {} }, { ...state, files: "there" });
    story.now = now;
    story.see({ kind: "listed", groups: [attempt(2)] });
    expect([story.next, story.state.groupName]).toEqual(["removeFiles", "aci-0123456789abcdef-1"]);
    expect((how === "removed" ? story.see({ kind: "filesRemoved" }) : story.fault({ statusCode: 403 })).next).toBe("list");
    story.see({ kind: "listed", groups: [attempt(2)] }).see(snapshot(terminated(0), { groupName: "aci-0123456789abcdef-2", tags: attempt(2).tags }));
    story.see(logs("done\n")).see({ kind: "saved" }).see({ kind: "deleted", answer: "deleted" }).see(GONE);
    expect([story.next, story.state.groupName]).toEqual(["removeFiles", "aci-0123456789abcdef-2"]);
  });

  it("is tried again by its policy, which counts it, and comes to that one by itself", () => {
    const retry = { maxAttempts: 2, on: ["lost"], exitCodes: [], firstDelayInMs: 1000, longestDelayInMs: 1000, locations: [] } as const;
    const story = missed(new Story({ ...PLAN, limits: { ...PLAN.limits, retry } })).see({ kind: "listed", groups: [attempt(2)] }).see({ kind: "saved" });
    expect(story.wait().see({ kind: "saved" }).see({ kind: "listed", groups: [attempt(2)] }).next).toBe("look");
    story.see(snapshot(running(), { groupName: "aci-0123456789abcdef-2", tags: attempt(2).tags }));
    expect(story.state).toMatchObject({ phase: "running", attempt: 2, earlier: [{ attempt: 1, outcome: "lost" }] });
    for (let looks = 0; looks < 4; looks++) story.wait().see(GONE);
    // That was the last one that it may make; others may go on.
    expect(story.see({ kind: "listed", groups: [attempt(3)] }).state).toMatchObject({ phase: "provisioning", attempt: 3, earlier: [{ attempt: 1 }] });
  });

  it("begins nothing anew where that one is gone as well", () => {
    const story = missed().see({ kind: "listed", groups: [attempt(2)] }).see(GONE);
    while (story.next === "wait") story.wait().see(GONE);
    expect(story.see({ kind: "listed", groups: [] }).see({ kind: "saved" }).result).toMatchObject({ outcome: "lost", attempt: 2 });
  });

  it.each<[string, ReturnType<typeof attempt>]>([
    ["has another spec", attempt(2, { "aci-lifecycle-spec": "0ther" })],
    ["is of somebody else", attempt(2, { "aci-lifecycle-owner": "you" })],
    ["was before", attempt(0)],
  ])("is lost where the other one %s", (_what, other) => {
    expect(missed().see({ kind: "listed", groups: [other] }).state.verdict).toMatchObject({ outcome: "lost" });
  });

  it("is canceled where that was asked for", () => {
    const story = missed();
    story.state = { ...story.state, cancel: { reason: "enough" } };
    expect(story.see({ kind: "listed", groups: [attempt(2)] }).state.verdict).toMatchObject({ outcome: "canceled" });
  });
});
