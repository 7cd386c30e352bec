import { describe, expect, it } from "vitest";
import type { ContainerEvent, ContainerSnapshot, Snapshot } from "../../../src/container-group.js";
import { at, BUSY, container, logs, MINUTE, PLAN, running, snapshot, Story, TAGS, terminated } from "./story.js";

const beside = (of: ContainerSnapshot): ContainerSnapshot => ({ ...of, containerName: "side" });
const seen = (main: ContainerSnapshot, provisioningState: string, state: string | undefined, side?: ContainerSnapshot): Snapshot => snapshot(main, { provisioningState, state, ...(side && { containers: [main, beside(side)] }) }).snapshot;
const failed = (text: string): ContainerEvent => ({ kind: "Failed", type: "Warning", text, count: 1, firstAt: at(0), lastAt: at(0) });
const pulled: ContainerEvent = { kind: "Pulling", type: "Normal", text: "pulling", count: 1, firstAt: at(0), lastAt: at(0) };
const stopped = container({ state: "Terminated", finishedAt: "2026-01-01T00:00:01Z", detail: "Container stopped per client request" }, { previousState: { state: "Running", startedAt: "2026-01-01T00:00:00.500Z" } });

// What is known of answers in which a group and its containers do not agree.
describe("a group and a container that disagree", () => {
  it.each<[string, Snapshot, object]>([
    ["the group runs on, and all containers have ended (Azure/ACS#127)", seen(terminated(0), "Succeeded", "Running", terminated(0)), { outcome: "succeeded", exitCode: 0 }],
    ["the group runs on because a sidecar does (R8)", seen(terminated(3, "Error"), "Succeeded", "Running", running()), { outcome: "failed", exitCode: 3 }],
    ["the group is still being made (rest-api-fuzz-testing#44)", seen(terminated(0), "Creating", "Pending"), { outcome: "succeeded", exitCode: 0 }],
    ["the group waits, and the container has failed (rest-api-fuzz-testing#44)", seen(terminated(2, "Error"), "Pending", "Waiting"), { outcome: "failed", exitCode: 2 }],
    ["the create has succeeded, and the container has failed (C13)", seen(terminated(2, "Error"), "Succeeded", "Failed"), { outcome: "failed", exitCode: 2 }],
    ["the create has failed, and the container has not (C14)", seen(terminated(0), "Failed", "Failed"), { outcome: "succeeded", exitCode: 0 }],
    ["the group has failed by a sidecar", seen(terminated(0), "Succeeded", "Failed", terminated(1, "Error")), { outcome: "succeeded", exitCode: 0 }],
    ["the group has succeeded, and the container has not", seen(terminated(1, "Error"), "Succeeded", "Succeeded"), { outcome: "failed", exitCode: 1 }],
    ["the group is stopped, and the container has ended before", seen(terminated(0), "Succeeded", "Stopped"), { outcome: "succeeded", exitCode: 0 }],
    ["the group is stopped, and the container by that", seen(stopped, "Succeeded", "Stopped"), { outcome: "lost", reason: "Container stopped per client request" }],
    ["the group runs, and the container was stopped", seen(stopped, "Succeeded", "Running"), { outcome: "lost", reason: "Container stopped per client request" }],
    ["the group is in a state that nobody knows", seen(terminated(0), "NotAccessible", "Dreaming"), { outcome: "succeeded", exitCode: 0 }],
    ["its command could not be started", seen(terminated(127, "Error", { events: [failed('exec: "tpyo": executable file not found in $PATH')] }), "Succeeded", "Failed"), { outcome: "failed", exitCode: 127, error: { code: "ACI_JOB_FAILED", text: 'The container could not be started (exit code 127): exec: "tpyo": executable file not found in $PATH' } }],
    ["its command has ended like one that could not be started", seen(terminated(127, "Error"), "Succeeded", "Failed"), { outcome: "failed", error: { text: "Job ended with exit code 127" } }],
    ["its image was not pulled at first, and it has failed", seen(terminated(126, "Error", { events: [failed("Failed to pull image")] }), "Succeeded", "Failed"), { outcome: "failed", error: { text: "Job ended with exit code 126" } }],
    ["what it said of a start before is not how it ended", seen(terminated(1, "Error", { events: [failed("Failed to start")] }), "Succeeded", "Failed"), { outcome: "failed", error: { text: "Job ended with exit code 1" } }],
    ["it did not start, and has no exit code", seen(terminated(undefined, "", { events: [failed("Failed to start")] }), "Succeeded", "Failed"), { outcome: "lost", reason: "the container ended without an exit code" }],
    ["the group has no state", seen(terminated(0), "Succeeded", undefined), { outcome: "succeeded", exitCode: 0 }],
  ])("is ended as the container says: %s", (_what, group, expected) => {
    for (const story of [new Story().running().wait(), new Story().accepted().wait()]) {
      story.see({ kind: "snapshot", snapshot: group });
      for (const { containerName } of group.containers) if (story.next === "readLogs") story.see(logs("done\n", containerName));
      expect(story.result).toMatchObject(expected);
    }
  });

  it.each<[string, Snapshot]>([
    ["the group has failed by a sidecar", seen(running(), "Succeeded", "Failed", terminated(1, "Error"))],
    ["the group has succeeded", seen(running(), "Succeeded", "Succeeded")],
    ["the create has failed (C14)", seen(running(), "Failed", "Failed")],
    ["the group is being moved (R5)", seen(running(), "Repairing", "Pending")],
    ["its node is down (R5)", seen(running(), "Unhealthy", "Running")],
  ])("goes on as long as the container does: %s", (_what, group) => {
    const story = new Story().running();
    for (let looks = 0; looks < 20; looks++) {
      story.wait().see({ kind: "snapshot", snapshot: group });
      // Now and then its log is read.
      if (story.next === "readLogs") story.see(logs("at work\n"));
      expect(story.next).toBe("wait");
    }
    expect([story.state.phase, story.wait().see(snapshot(terminated(0))).collected().result.outcome]).toEqual(["running", "succeeded"]);
  });

  it("says that a container was stopped with its group, which shows no states then, and that the end of its log is missing", () => {
    const shown = { kind: "snapshot", snapshot: seen(container(undefined), "Succeeded", "Stopped", container(undefined)) } as const;
    const begun = (): Story => new Story().accepted().wait().see({ kind: "snapshot", snapshot: seen(running(), "Succeeded", "Running", running()) }).wait();
    const { result } = begun().see(shown).see({ kind: "saved" });
    expect(result).toMatchObject({ outcome: "lost", reason: "the container group was stopped", logs: "", isLogTruncated: "unknown", containers: { side: { isLogTruncated: "unknown" } } });
    const read = begun().see({ kind: "logs", containerName: "main", note: { tail: "so far\n", isTruncated: false }, isEmpty: false });
    expect(read.wait().see(shown).see({ kind: "saved" }).result).toMatchObject({ logs: "so far\n", isLogTruncated: true });
    // One that never ran had none.
    const never = new Story().accepted().wait().see(snapshot(container({ state: "Waiting" }))).wait().see(snapshot(container(undefined), { state: "Stopped" }));
    expect(never.result).toMatchObject({ logs: "", isLogTruncated: false });
  });

  it.each<[string, ContainerSnapshot, Partial<Snapshot>]>([
    ["events", { ...running(), events: [pulled] }, {}],
    ["no events", running(), {}],
    ["what another container tells", running(), { initContainers: [beside(terminated(0, "Completed", { events: [pulled] }))] }],
  ])("knows when its group began to cost, and what has happened, though a stopped one shows nothing any more: %s", (_what, main, more) => {
    const story = new Story().running().wait().see(snapshot(main, more));
    const shown = snapshot(container(undefined), { state: "Stopped", ...(more.initContainers && { initContainers: [beside(container(undefined))] }) });
    const { cost, events, containers } = story.wait().see(shown).see({ kind: "saved" }).result;
    const since = more.initContainers === undefined && main.events.length === 0 ? 500 : 0;
    expect(cost.amount).toBeCloseTo(((0.0405 + 1.5 * 0.00445) * (story.now - Date.parse(at(since)))) / 3_600_000, 6);
    expect(events.map(({ text }) => text)).toEqual(since === 0 ? ["pulling"] : []);
    expect(containers.main?.state).toBe("unknown");
  });

  it.each<[string, ContainerSnapshot]>([
    ["Succeeded", container(undefined)],
    ["Failed", container(undefined)],
    ["Succeeded", container({ state: "Dreaming" })],
  ])("makes no job that has run one that never started: the group says %s, and the container nothing", (state, main) => {
    const story = new Story().accepted();
    while (story.state.verdict === undefined && story.now < Date.UTC(2027, 0)) story.wait().see({ kind: "snapshot", snapshot: seen(main, "Succeeded", state) });
    expect(story.state.verdict).toMatchObject({ outcome: "lost", reason: `the container group says ${state}, and its container does not tell how it ended` });
    expect(story.now - story.state.marks.intendedAt).toBeLessThan(11 * MINUTE);
  });

  it("reads the log of one that has run by the word of its group alone, before it is deleted", () => {
    const begun = (): Story => new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] });
    const canceled = begun().see({ kind: "snapshot", snapshot: { ...seen(container(undefined), "Succeeded", "Running"), tags: { ...TAGS, "aci-lifecycle-cancel": "not wanted" } } });
    expect([canceled.state.verdict?.outcome, canceled.next]).toEqual(["canceled", "readLogs"]);
    expect(canceled.collected("so far\n").result).toMatchObject({ outcome: "canceled", logs: "so far\n" });
    // One that waits for its container has no log.
    const waiting = begun().see({ kind: "snapshot", snapshot: { ...seen(container(undefined), "Pending", undefined), tags: { ...TAGS, "aci-lifecycle-cancel": "not wanted" } } });
    expect([waiting.state.verdict?.outcome, waiting.next]).toEqual(["canceled", "save"]);
  });

  it.each<[string, ContainerSnapshot, Snapshot]>([
    ["ends", terminated(0), seen(container(undefined), "Succeeded", "Succeeded")],
    ["runs", running(), seen(container({ state: "Dreaming" }), "Succeeded", "Running")],
  ])("does not go by one look without a state after a deadline, however long looks have failed before: it %s", (_what, main, odd) => {
    const story = new Story().accepted().after(10 * MINUTE).fault(BUSY);
    for (let tries = 1; tries < 5; tries++) story.after(20_000).fault(BUSY);
    expect(story.after(20_000).see({ kind: "snapshot", snapshot: odd }).waitInMs).toBe(5000);
    // Nor by two, where the process was held up in between.
    expect(story.after(50_000).see({ kind: "snapshot", snapshot: odd }).waitInMs).toBe(5000);
    const told = story.wait().see(snapshot(main));
    expect(told.state.phase).toBe(main.currentState?.state === "Running" ? "running" : "ended");
    expect(told.state.untold).toBeUndefined();
  });

  it.each(["Running", "Succeeded"])("waits for a group that says %s though its create has failed, and whose container tells nothing (C14)", (state) => {
    const story = new Story().accepted();
    for (let looks = 0; story.now < story.state.marks.intendedAt + 9 * MINUTE; looks++) story.wait().see({ kind: "snapshot", snapshot: seen(container(undefined), "Failed", state) });
    expect(story.next).toBe("wait");
    const late = new Story(PLAN, story.state);
    late.now = story.now;
    expect(story.after(1000).see(snapshot(terminated(0))).collected().result.outcome).toBe("succeeded");
    late.after(2 * MINUTE).see({ kind: "snapshot", snapshot: seen(container(undefined), "Failed", state) });
    expect(late.state.verdict).toMatchObject({ outcome: "lost", reason: `the container group says ${state}, and its container does not tell ${state === "Running" ? "whether it runs" : "how it ended"}` });
  });

  it("does not go by a look without a state either where a create has failed", () => {
    const story = new Story().accepted().wait().see(snapshot(undefined, { provisioningState: "Failed", state: "Failed" }));
    story.after(40_000).see(snapshot(container(undefined), { provisioningState: "Failed", state: "Failed" }));
    expect(story.wait().see(snapshot(running(), { provisioningState: "Failed" })).state.phase).toBe("running");
  });

  it("makes no job one that has run whose group failed before it could", () => {
    // Before a failed group has had its time to come to life.
    const early = new Story({ ...PLAN, limits: { ...PLAN.limits, startTimeoutInMs: 20_000 } }).accepted().wait();
    early.see({ kind: "snapshot", snapshot: seen(container({ state: "Dreaming" }), "Failed", "Failed") });
    while (early.state.verdict === undefined && early.now < Date.UTC(2027, 0)) early.wait().see({ kind: "snapshot", snapshot: seen(container({ state: "Dreaming" }), "Failed", "Failed") });
    expect(early.state.verdict).toMatchObject({ outcome: "neverStarted" });
    for (const [provisioningState, state, main] of [["Failed", "Failed", container(undefined)], ["Succeeded", "Failed", container({ state: "Waiting" })], ["Succeeded", "Pending", container(undefined)]] as const) {
      const one = new Story().accepted();
      while (one.state.verdict === undefined && one.next === "wait") one.wait().see({ kind: "snapshot", snapshot: seen(main, provisioningState, state) });
      if (one.next === "readOperation") one.see({ kind: "operation", body: { status: "Failed", events: [] } });
      expect(one.state.verdict?.outcome).toBe("neverStarted");
    }
  });
});
