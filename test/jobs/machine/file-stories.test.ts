import { describe, expect, it } from "vitest";
import type { JobOutputs } from "../../../src/job-result.js";
import type { Plan } from "../../../src/jobs/machine/plan.js";
import { BUSY, GONE, logs, MINUTE, PLAN, RESET, running, snapshot, Story, TAGS, terminated } from "./story.js";

const WITH_FILES: Plan = { ...PLAN, outputs: { video: "out.mp4", frames: "frames/*.png" } };
const COLLECTED: JobOutputs = { video: [{ path: "aci-0123456789abcdef-1.x/out.mp4", sizeInBytes: 7 }], frames: [] };
const RETRY = { maxAttempts: 3, on: ["lost"], exitCodes: [], firstDelayInMs: 5000, longestDelayInMs: 5000, locations: [] } as const;
const REFUSED = { statusCode: 403, serviceCode: "AuthorizationFailure", serviceText: "no" };

const collecting = (plan: Plan = WITH_FILES, exitCode = 0): Story => {
  const story = new Story(plan);
  story.see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).see({ kind: "inputsSent" }).see(GONE).see({ kind: "created" });
  return story.wait().see(snapshot(running())).wait().see(snapshot(terminated(exitCode))).see(logs("done\n"));
};

describe("a job with files", () => {
  it("sends its inputs before the last look and the create, collects outputs before the save, and removes its folder when the group is gone", () => {
    const story = new Story(WITH_FILES).see({ kind: "saved" }).see({ kind: "listed", groups: [] });
    expect(story.see(GONE).next).toBe("sendInputs");
    expect(story.see({ kind: "inputsSent" }).next).toBe("look");
    expect(story.see(GONE).next).toBe("create");
    story.see({ kind: "created" }).wait().see(snapshot(running())).wait().see(snapshot(terminated(0)));
    expect(story.see(logs("done\n")).last.next).toEqual({ kind: "collectOutputs", folder: expect.stringMatching(/^aci-0123456789abcdef-1\.[0-9a-z]+$/u) as string });
    expect(story.see({ kind: "outputs", outputs: COLLECTED }).next).toBe("save");
    expect(story.result).toMatchObject({ outcome: "succeeded", outputs: COLLECTED });
    expect(story.see({ kind: "saved" }).see({ kind: "deleted", answer: "deleted" }).see(GONE).next).toBe("removeFiles");
    expect(story.see({ kind: "filesRemoved" }).next).toBe("finish");
    expect(story.result).toMatchObject({ outcome: "succeeded", cleanup: "done", outputs: COLLECTED });
  });

  it("does not look again after its inputs are sent when nobody else can know its key", () => {
    const story = new Story({ ...WITH_FILES, isKeyNew: true });
    expect(story.see({ kind: "saved" }).next).toBe("sendInputs");
    expect(story.see({ kind: "inputsSent" }).next).toBe("create");
  });

  it("is carried on by another process from where its transfer was broken off", () => {
    const story = new Story(WITH_FILES).see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE);
    expect(new Story(WITH_FILES, story.state).see({ kind: "none" }).next).toBe("sendInputs");
    const ended = collecting();
    expect(new Story(WITH_FILES, ended.state).see({ kind: "none" }).next).toBe("collectOutputs");
  });

  it("never starts if its inputs cannot be sent, and removes what there is of them", () => {
    const story = new Story({ ...WITH_FILES, isKeyNew: true }).see({ kind: "saved" });
    expect(story.fault(RESET).wait().next).toBe("sendInputs");
    expect(story.fault(REFUSED).next).toBe("save");
    expect(story.result).toMatchObject({ outcome: "notRun", outputs: {} });
    expect(story.see({ kind: "saved" }).next).toBe("removeFiles");
    expect(story.see({ kind: "filesRemoved" }).result.cleanup).toBe("done");
  });

  it("says so where another process may have begun it and its inputs cannot be sent", () => {
    const story = new Story({ ...WITH_FILES, isTakenUp: true }).see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE);
    story.now += 11 * MINUTE;
    expect(story.fault(REFUSED).result).toMatchObject({ outcome: "lost", reason: "its inputs could not be sent, and what was begun of it before is not known: no" });
  });

  it("leaves its folder to whoever else may have its key, if it gives up before it has seen a group", () => {
    const sent = (): Story => new Story(WITH_FILES).see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).see({ kind: "inputsSent" });
    expect(sent().fault(REFUSED).see({ kind: "saved" }).next).toBe("finish");
    const refused = sent().see(GONE).fault({ statusCode: 400, serviceCode: "InvalidRequest" });
    expect(refused.see({ kind: "saved" }).next).toBe("finish");
    const canceled = (): Story => sent().see({ kind: "cancel", reason: "enough" }).see({ kind: "saved" });
    expect(canceled().see(GONE).wait().see(GONE).see({ kind: "listed", groups: [] }).next).toBe("finish");
    // Where the group was there after all, nobody can make it again.
    expect(canceled().see(snapshot(running())).see({ kind: "deleted", answer: "deleted" }).see(GONE).next).toBe("removeFiles");
  });

  it("has no inputs in the folder of another attempt that a list shows", () => {
    const second = { kind: "listed", groups: [{ groupName: "aci-0123456789abcdef-2", location: "westeurope", tags: { ...TAGS, "aci-lifecycle-attempt": "2" } }] } as const;
    const sent = new Story({ ...WITH_FILES, limits: { ...PLAN.limits, retry: RETRY } }).see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).see({ kind: "inputsSent" });
    const creating = sent.see(GONE).fault({ statusCode: 429 }).wait().see(GONE).see(second);
    expect(creating.state).toMatchObject({ attempt: 2, phase: "intended" });
    expect(creating.state.files).toBeUndefined();
    // That one is gone before it is seen: the third needs its inputs.
    creating.see(GONE).wait().see(GONE).wait().see(GONE).wait().see(GONE);
    expect(creating.see({ kind: "listed", groups: [] }).next).toBe("save");
    expect(creating.see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).next).toBe("sendInputs");
    expect(creating.state.groupName).toBe("aci-0123456789abcdef-3");
  });

  it("is canceled while its inputs are sent", () => {
    const story = new Story({ ...WITH_FILES, isKeyNew: true }).see({ kind: "saved" });
    expect(story.see({ kind: "cancel", reason: "enough" }).result.outcome).toBe("canceled");
    expect(story.see({ kind: "saved" }).next).toBe("removeFiles");
  });

  it("fails without a file whose path was given, and not without one that a pattern may match", () => {
    const story = collecting().see({ kind: "outputs", outputs: { frames: [] } });
    expect(story.result).toMatchObject({ outcome: "failed", exitCode: 0, error: { code: "ACI_JOB_FAILED", text: expect.stringContaining('"out.mp4"') as string } });
  });

  it("fails if its outputs cannot be collected, after some tries where that may help", () => {
    const story = collecting();
    for (let tries = 0; tries < 5; tries++) expect(story.fault(BUSY).wait().next).toBe("collectOutputs");
    expect(story.fault(BUSY).result).toMatchObject({ outcome: "failed", exitCode: 0, outputs: {}, error: { text: expect.stringContaining("could not be collected") as string } });
    expect(collecting().fault(REFUSED).result.outcome).toBe("failed");
  });

  it("says of its own failure, not of its outputs', and hands out those that it left", () => {
    expect(collecting(WITH_FILES, 3).fault(REFUSED).result).toMatchObject({ outcome: "failed", exitCode: 3, error: { text: "Job ended with exit code 3" } });
    expect(collecting(WITH_FILES, 3).see({ kind: "outputs", outputs: COLLECTED }).result).toMatchObject({ exitCode: 3, outputs: COLLECTED });
  });

  describe("that is tried again, and whose group cannot be deleted", () => {
    const stuck = (): Story => {
      const retry = { maxAttempts: 2, on: [], exitCodes: "nonZero", firstDelayInMs: 1, longestDelayInMs: 1, locations: [] } as const;
      const story = collecting({ ...WITH_FILES, limits: { ...PLAN.limits, retry } }, 3);
      expect(story.next).toBe("save");
      return story.see({ kind: "saved" }).fault(REFUSED);
    };

    it("hands out the outputs of what is its last attempt then", () => {
      const story = stuck();
      expect(story.last.next).toMatchObject({ kind: "collectOutputs" });
      expect(new Story(story.plan, story.state).see({ kind: "none" }).next).toBe("collectOutputs");
      expect(story.see({ kind: "outputs", outputs: COLLECTED }).result).toMatchObject({ outcome: "failed", exitCode: 3, cleanup: "pending", outputs: COLLECTED });
    });

    it("and ends without them where they cannot be had", () => {
      const story = stuck();
      for (let tries = 0; tries < 5; tries++) expect(story.fault(BUSY).wait().next).toBe("collectOutputs");
      expect(story.fault(BUSY).result).toMatchObject({ outcome: "failed", exitCode: 3, cleanup: "pending", outputs: {} });
    });
  });

  it("collects nothing where it has no outputs", () => {
    expect(collecting({ ...PLAN, outputs: {} }).next).toBe("save");
  });

  it("ends even if its folder cannot be removed", () => {
    const story = collecting().see({ kind: "outputs", outputs: COLLECTED }).see({ kind: "saved" }).see({ kind: "deleted", answer: "deleted" }).see(GONE);
    for (let tries = 0; tries < 3; tries++) expect(story.fault(BUSY).wait().next).toBe("removeFiles");
    expect(story.fault(BUSY).result).toMatchObject({ outcome: "succeeded", cleanup: "done" });
    expect(story.events.at(-1)).toBe("jobDone");
    const refused = collecting().see({ kind: "outputs", outputs: COLLECTED }).see({ kind: "saved" }).see({ kind: "deleted", answer: "deleted" }).see(GONE);
    expect(refused.fault(REFUSED).result.cleanup).toBe("done");
  });

  it("keeps its folder with its group", () => {
    const plan = { ...WITH_FILES, limits: { ...PLAN.limits, keep: "always" as const } };
    expect(collecting(plan).see({ kind: "outputs", outputs: COLLECTED }).see({ kind: "saved" }).result.cleanup).toBe("kept");
  });

  it("removes the folder of a group that it has adopted", () => {
    const story = new Story(WITH_FILES).see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(snapshot(terminated(0))).see(logs("x\n"));
    expect(story.see({ kind: "outputs", outputs: COLLECTED }).see({ kind: "saved" }).see({ kind: "deleted", answer: "deleted" }).see(GONE).next).toBe("removeFiles");
  });

  it("names the place of its outputs by the end of its container, or by its own beginning where that is not known", () => {
    const story = new Story(WITH_FILES).see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(snapshot(running())).see({ kind: "cancel", reason: "r" }).see(logs("x\n"));
    expect(story.last.next).toMatchObject({ kind: "collectOutputs", folder: `aci-0123456789abcdef-1.${story.state.marks.intendedAt.toString(36)}` });
  });
});
