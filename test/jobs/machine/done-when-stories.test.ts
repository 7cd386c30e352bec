import { describe, expect, it } from "vitest";
import type { ContainerSnapshot } from "../../../src/container-group.js";
import type { DoneWhenPlan, Plan } from "../../../src/jobs/machine/plan.js";
import type { Observation } from "../../../src/jobs/machine/state.js";
import { BUSY, container, GONE, logs, MINUTE, PLAN, running, snapshot, Story, terminated } from "./story.js";

const planOf = (doneWhen: DoneWhenPlan, more: Partial<Plan["limits"]> = {}): Plan => ({ ...PLAN, limits: { ...PLAN.limits, doneWhen, ...more } });
const besides = (...sidecars: ContainerSnapshot[]): { containers: readonly ContainerSnapshot[] } => ({ containers: sidecars });
const side = (of: ContainerSnapshot, name = "side"): ContainerSnapshot => ({ ...of, containerName: name });
const both = (main: ContainerSnapshot, beside: ContainerSnapshot): Observation => snapshot(undefined, besides(side(beside), main));
const names = (story: Story): string[] => story.events.filter((type) => type === "jobStarted" || type === "jobEnded");

describe("a job that is done when all of its containers have ended", () => {
  const ALL = planOf("all");
  const begun = (plan = ALL): Story => new Story(plan).accepted().wait().see(both(running(), running()));

  it("goes on when its main one has, until the others have too", () => {
    const story = begun().wait().see(both(terminated(0), running()));
    expect([story.next, story.state.phase]).toEqual(["wait", "running"]);
    story.wait().see(both(terminated(0), terminated(0)));
    expect(story.state.unread).toEqual(["main", "side"]);
    expect(story.see(logs("m\n")).see(logs("s\n", "side")).result).toMatchObject({ outcome: "succeeded", exitCode: 0, logs: "m\n" });
    expect(names(story)).toEqual(["jobStarted", "jobEnded"]);
  });

  it("is not ended by a sidecar, and does not take one without a state for one that has ended", () => {
    const story = begun().wait().see(both(running(), terminated(1)));
    expect(story.wait().see(both(terminated(0), container(undefined))).next).toBe("wait");
    expect(story.wait().see(snapshot(undefined, { containers: [] })).next).toBe("wait");
    expect(story.wait().see(snapshot(undefined, besides(side(terminated(0))))).next).toBe("wait");
  });

  it.each<[string, ContainerSnapshot, ContainerSnapshot, object]>([
    ["the main one failed", terminated(3, "Error"), terminated(0), { outcome: "failed", exitCode: 3, reason: "Error", error: { text: "Job ended with exit code 3" } }],
    ["another failed", terminated(0), terminated(4, "Error"), { outcome: "failed", exitCode: 0, error: { code: "ACI_JOB_FAILED", text: 'Container "side" ended with exit code 4' } }],
    ["both failed", terminated(3, "Error"), terminated(4, "Error"), { outcome: "failed", exitCode: 3 }],
    ["another has no exit code", terminated(0), terminated(undefined, ""), { outcome: "lost", exitCode: 0, error: { code: "ACI_JOB_LOST", text: 'Container "side" was lost: the container ended without an exit code' } }],
    ["the platform began another anew", terminated(0), running(), { outcome: "lost", exitCode: 0, error: { text: 'Container "side" was lost: the platform restarted the container' } }],
  ])("has failed where any has: %s", (what, main, beside, expected) => {
    const other = what.startsWith("the platform") ? { ...beside, restartCount: 1 } : beside;
    const story = begun().wait().see(both(main, other)).see(logs("m\n")).see(logs("s\n", "side"));
    expect(story.result).toMatchObject(expected);
  });

  it("is tried again for what the platform did to any of them", () => {
    const retry = { maxAttempts: 2, on: ["platform"] as const, exitCodes: "nonZero" as const, firstDelayInMs: 1000, longestDelayInMs: 1000, locations: [] };
    const maintained = begun(planOf("all", { retry })).wait().see(both(terminated(0), terminated(7147))).see(logs("m\n")).see(logs("s\n", "side"));
    expect(maintained.state.retry).toBeDefined();
    // Exit codes are the main container's.
    const failed = begun(planOf("all", { retry })).wait().see(both(terminated(0), terminated(1))).see(logs("m\n")).see(logs("s\n", "side"));
    expect(failed.result.outcome).toBe("failed");
  });

  it("has an empty log of its main container read again where that has ended, however the job ends", () => {
    const story = begun().wait().see(both(terminated(0), running()));
    story.now += 61 * MINUTE;
    story.see(both(terminated(0), running())).see(logs("")).wait().see(logs("")).wait().see(logs("m\n")).see(logs("s\n", "side"));
    expect(story.result).toMatchObject({ outcome: "timedOut", exitCode: 0, logs: "m\n" });
  });

  it("has its main container's exit code where the others do not end in time", () => {
    const story = begun().wait().see(both(terminated(0), running()));
    story.now += 61 * MINUTE;
    story.see(both(terminated(0), running())).see(logs("m\n")).see(logs("s\n", "side"));
    expect(story.result).toMatchObject({ outcome: "timedOut", exitCode: 0 });
    const waiting = begun();
    waiting.now += 61 * MINUTE;
    waiting.see(both(running(), running())).see(logs("m\n")).see(logs("s\n", "side"));
    expect(waiting.result.exitCode).toBeUndefined();
  });

  it("has none of a main container that was never seen", () => {
    const unseen = snapshot(undefined, besides(side(running())));
    const story = new Story(ALL).accepted().wait().see(unseen);
    story.see({ kind: "cancel", reason: "enough" }).see(unseen).see(logs("s\n", "side"));
    expect(story.result).toMatchObject({ outcome: "canceled" });
    expect(story.result.exitCode).toBeUndefined();
  });

  it("is canceled while the others run", () => {
    const story = begun().wait().see(both(terminated(0), running())).see({ kind: "cancel", reason: "enough" });
    expect(story.see(logs("m\n")).see(logs("s\n", "side")).result).toMatchObject({ outcome: "canceled", exitCode: 0 });
  });

  it("has failed where the image of another can never be pulled, and was lost where the group was stopped", () => {
    const event = (kind: string, text: string, count = 1): ContainerSnapshot["events"][number] => ({ kind, text, type: "Warning", count, firstAt: "2026", lastAt: "2026" });
    const unpulled = container({ state: "Waiting" }, { events: [event("BackOff", "Back-off pulling image", 3)] });
    const text = 'The image of container "side" could not be pulled: Back-off pulling image';
    const unbegun = (): Story => new Story(ALL).accepted().wait().see(both(running(), container({ state: "Waiting" }))).wait();
    expect(unbegun().see(both(running(), unpulled)).see(logs("m\n")).result).toMatchObject({ outcome: "failed", error: { code: "ACI_JOB_FAILED", text } });
    expect(unbegun().see(both(terminated(0), unpulled)).see(logs("m\n")).result).toMatchObject({ outcome: "failed", exitCode: 0, error: { text } });
    expect(new Story().running().wait().see(both(running(), unpulled)).next).toBe("wait");
    const stopped = snapshot(undefined, { state: "Stopped", containers: [container(undefined), side(container(undefined))] });
    expect(begun().wait().see(stopped).result).toMatchObject({ outcome: "lost", reason: "the container group was stopped" });
  });
});

describe("a job that is done when a line is in its log", () => {
  const LINE = planOf({ logLine: "ready" });
  const line = (text: string, name = "main"): Observation => ({ ...(logs(text, name) as Observation & { kind: "logs" }), hasLine: true });
  const serving = (plan = LINE): Story => new Story(plan).accepted().wait().see(snapshot(running()));

  it("reads its log at each look, and ends when it is there, though the container runs on", () => {
    const story = serving();
    expect(story.last.next).toEqual({ kind: "readLogs", containerName: "main" });
    expect(story.see(logs("starting\n")).next).toBe("wait");
    expect(story.wait().see(snapshot(running())).fault(BUSY).next).toBe("wait");
    expect(story.wait().see(snapshot(running())).next).toBe("readLogs");
    expect(story.see(line("starting\nready\n")).last.next).toEqual({ kind: "readLogs", containerName: "main" });
    expect(story.see(logs("starting\nready\nlast\n")).next).toBe("save");
    expect(story.result).toMatchObject({ outcome: "succeeded", logs: "starting\nready\nlast\n", containers: { main: { state: "Running" } } });
    expect(Object.keys(story.result)).not.toContain("exitCode");
    expect(story.see({ kind: "saved" }).next).toBe("delete");
    expect(names(story)).toEqual(["jobStarted", "jobEnded"]);
  });

  it("takes a line of no other container", () => {
    const story = serving().see(line("ready\n", "side"));
    expect(story.next).toBe("wait");
    story.wait().see(both(terminated(0), running())).see(logs("nothing\n")).see(line("ready\n", "side"));
    expect(story.result.outcome).toBe("failed");
  });

  it.each([0, 3])("is searched for once more where the container has ended with exit code %i", (exitCode) => {
    const story = serving().see(logs("starting\n")).wait().see(snapshot(terminated(exitCode)));
    expect([story.next, names(story)]).toEqual(["readLogs", ["jobStarted"]]);
    story.see(line("starting\nready\n"));
    expect(story.last.events).toMatchObject([{ type: "jobEnded", outcome: "succeeded", exitCode: undefined }]);
    expect(story.result).toMatchObject({ outcome: "succeeded", containers: { main: { exitCode } } });
    expect(Object.keys(story.result)).not.toContain("exitCode");
  });

  it.each<[Plan, string]>([
    [LINE, 'The container ended with exit code 0, and no line with "ready" was seen in its log'],
    [planOf({ logLine: { source: "^rea", flags: "i" } }), "The container ended with exit code 0, and no line that matches /^rea/i was seen in its log"],
  ])("has failed where the container has ended without it", (plan, text) => {
    const story = serving(plan).see(logs("starting\n")).wait().see(snapshot(terminated(0))).see(logs("starting\nbye\n"));
    expect(story.last.events).toMatchObject([{ type: "jobEnded", outcome: "failed", exitCode: 0 }]);
    expect(story.result).toMatchObject({ outcome: "failed", exitCode: 0, error: { code: "ACI_JOB_FAILED", text } });
  });

  it("is waited for as long as a final log may be late, and given up with it", () => {
    const story = serving().see(logs("")).wait().see(snapshot(terminated(0)));
    expect(story.see(logs("")).next).toBe("wait");
    expect(story.wait().see(logs("")).wait().see(line("ready\n")).result.outcome).toBe("succeeded");
    const unreadable = serving().see(logs("starting\n")).wait().see(snapshot(terminated(0))).fault({ statusCode: 403 });
    expect(unreadable.result).toMatchObject({ outcome: "failed", logs: "starting\n", isLogTruncated: true });
    expect(names(unreadable)).toEqual(["jobStarted", "jobEnded"]);
  });

  it("is tried again by its exit code where the line did not come, and only then", () => {
    const retry = { maxAttempts: 2, on: [], exitCodes: [3], firstDelayInMs: 1000, longestDelayInMs: 1000, locations: [] };
    const end = (): Story => serving(planOf({ logLine: "ready" }, { retry })).see(logs("starting\n")).wait().see(snapshot(terminated(3)));
    expect(end().see(logs("bye\n")).state.retry).toBeDefined();
    expect(end().see(line("ready\n")).result.outcome).toBe("succeeded");
  });

  it("is looked behind when its time is over", () => {
    const late = (): Story => {
      const story = serving().see(logs("starting\n"));
      story.now += 61 * MINUTE;
      return story.see(snapshot(running()));
    };
    expect(late().see(line("ready\n")).result.outcome).toBe("succeeded");
    const story = late().see(logs("starting\n"));
    expect(story.result.outcome).toBe("timedOut");
    expect(names(story)).toEqual(["jobStarted", "jobEnded"]);
  });

  it("does not come for who has canceled the job", () => {
    const story = serving().see(logs("starting\n")).see({ kind: "cancel", reason: "enough" }).see(line("ready\n"));
    expect(story.result.outcome).toBe("canceled");
    expect(names(story)).toEqual(["jobStarted", "jobEnded"]);
  });

  it("is lost with its group, and with what nobody knows the end of unless the log has it", () => {
    const gone = serving().see(logs("starting\n")).wait().see(GONE).wait().see(GONE).wait().see(GONE).wait().see(GONE).see({ kind: "listed", groups: [] });
    expect(gone.result.outcome).toBe("lost");
    const ended = (): Story => serving().see(logs("starting\n")).wait().see(snapshot(terminated(undefined, "")));
    expect(ended().see(logs("starting\n")).result).toMatchObject({ outcome: "lost", error: { code: "ACI_JOB_LOST" } });
    expect(ended().see(line("ready\n")).result.outcome).toBe("succeeded");
  });

  it("is no success without the outputs", () => {
    const story = new Story({ ...LINE, outputs: { video: "out.mp4" } }, serving().state).see(line("ready\n")).see(line("ready\n"));
    expect(story.next).toBe("collectOutputs");
    story.see({ kind: "outputs", outputs: { video: [] } });
    expect(story.result).toMatchObject({ outcome: "failed", error: { text: 'Output "video" is missing: the job ended well and left no file "out.mp4"' } });
  });
});
