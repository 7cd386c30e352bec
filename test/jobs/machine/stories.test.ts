import { describe, expect, it } from "vitest";
import type { ContainerSnapshot } from "../../../src/container-group.js";
import { BUSY, container, GONE, logs, MINUTE, PLAN, running, snapshot, Story, TAGS, terminated } from "./story.js";

describe("a job that goes well", () => {
  it("saves its intent, looks, creates, watches, reads logs, saves its result, deletes and sees that the group is gone", () => {
    const story = new Story();
    expect(story.see({ kind: "none" }).next).toBe("save");
    expect(story.see({ kind: "saved" }).next).toBe("list");
    expect(story.see({ kind: "listed", groups: [] }).next).toBe("look");
    expect(story.see(GONE).next).toBe("create");
    expect(story.see({ kind: "created", operationUrl: "https://op" }).next).toBe("wait");
    expect(story.wait().next).toBe("look");
    expect(story.see(snapshot(running())).next).toBe("wait");
    expect(story.state.phase).toBe("running");
    expect(story.wait().next).toBe("look");
    expect(story.see(snapshot(terminated(0))).last.next).toEqual({ kind: "readLogs", containerName: "main" });
    expect(story.see(logs("hello\n")).next).toBe("save");
    expect(story.result).toMatchObject({ outcome: "succeeded", exitCode: 0, logs: "hello\n", cleanup: "pending" });
    expect(story.see({ kind: "saved" }).next).toBe("delete");
    expect(story.see({ kind: "deleted", answer: "deleted" }).next).toBe("look");
    expect(story.see(GONE).next).toBe("finish");
    expect(story.result).toMatchObject({ outcome: "succeeded", cleanup: "done", requests: 8 });
    expect(story.events).toEqual(["jobCreating", "jobAccepted", "jobObserved", "jobStarted", "jobObserved", "jobEnded", "jobCollecting", "jobDeleting", "jobDone"]);
    expect(story.see({ kind: "none" }).next).toBe("finish");
  });

  it("needs no look before the create when nobody else can know its key", () => {
    expect(new Story({ ...PLAN, isKeyNew: true }).see({ kind: "saved" }).next).toBe("create");
  });

  it("is told from its end even if that came before the first look", () => {
    expect(new Story().accepted().wait().see(snapshot(terminated(0))).next).toBe("readLogs");
  });

  it("reads the logs of sidecars and init containers too, the main one's first", () => {
    const more = { containers: [container({ state: "Running", startedAt: "x" }, { containerName: "side" }), terminated(0)], initContainers: [terminated(0, "Completed", { containerName: "init" })] };
    const story = new Story().running().wait().see(snapshot(undefined, more));
    expect(story.state.unread).toEqual(["main", "side", "init"]);
    story.see(logs("m\n")).see(logs("s\n", "side")).see(logs("i\n", "init"));
    expect(story.result.containers).toMatchObject({ side: { logs: "s\n", state: "Running" }, init: { logs: "i\n" } });
  });

  it("reads output while it runs if somebody wants it at once", () => {
    const story = new Story({ ...PLAN, isStreaming: true }).accepted().wait().see(snapshot(running()));
    expect(story.last.next).toEqual({ kind: "readLogs", containerName: "main" });
    expect(story.see(logs("a\n")).next).toBe("wait");
    expect(story.wait().see(snapshot(running())).fault(BUSY).next).toBe("wait");
    expect(story.wait().next).toBe("look");
  });

  it("goes on waiting when it is asked too early", () => {
    const story = new Story().accepted();
    expect(story.after(10).next).toBe("wait");
    expect(story.state.requests).toBe(3);
  });
});

describe("the end of a job", () => {
  it.each([
    [terminated(3, "Error"), { outcome: "failed", exitCode: 3, reason: "Error", error: { code: "ACI_JOB_FAILED" } }],
    [terminated(137, "OOMKilled"), { outcome: "failed", exitCode: 137, reason: "OOMKilled" }],
    [terminated(undefined, "Container stopped per client request"), { outcome: "lost", error: { code: "ACI_JOB_LOST" } }],
    [container({ state: "Terminated" }), { outcome: "lost", reason: "the container ended without an exit code" }],
    [terminated(7147), { outcome: "lost", exitCode: 7147 }],
  ])("is what the main container's state says", (main, expected) => {
    expect(new Story().running().wait().see(snapshot(main)).collected().result).toMatchObject(expected);
  });

  it("is looked at before its delete where the last look is long ago: its name may be somebody else's by now", () => {
    const story = new Story().running().wait().see(snapshot(terminated(0)));
    story.now += 20_000;
    expect(story.collected().next).toBe("look");
    const foreign = snapshot(terminated(0), { tags: { "aci-lifecycle-owner": "them" } });
    expect(new Story(PLAN, story.state).see(foreign).result).toMatchObject({ outcome: "succeeded", cleanup: "done" });
    expect(story.see(snapshot(terminated(0))).next).toBe("delete");
  });

  it("is lost if somebody stopped the group", () => {
    const story = new Story().running().wait().see(snapshot(container(undefined), { state: "Stopped" }));
    expect(story.see({ kind: "saved" }).result).toMatchObject({ outcome: "lost", reason: "the container group was stopped" });
  });

  it("is a failure if an init container failed", () => {
    const init = { initContainers: [terminated(2, "Error", { containerName: "prepare" })], state: "Failed" };
    const story = new Story().accepted().wait().see(snapshot(container(undefined), init));
    expect(story.see(logs("x", "prepare")).result).toMatchObject({ outcome: "failed", error: { text: 'Init container "prepare" ended with exit code 2' } });
  });

  it("is not in sight while an init container runs, whatever the service leaves out", () => {
    const seen = snapshot(container(undefined, { cpu: undefined, memoryInGB: undefined }), { state: undefined, initContainers: [running()] });
    const story = new Story().accepted().wait().see(seen);
    expect(story.next).toBe("wait");
    expect(story.wait().see(snapshot(terminated(0, "Completed", { cpu: undefined }))).collected().result.outcome).toBe("succeeded");
  });

  it("says unknown for a state that it does not know, and waits", () => {
    expect(new Story().accepted().wait().see(snapshot(container({ state: "Dreaming" }))).next).toBe("wait");
  });

  it("does not believe a read that is older than what it has seen", () => {
    const story = new Story({ ...PLAN, limits: { ...PLAN.limits, onRestart: "continue" } }).running().wait().see(snapshot(container({ state: "Waiting" })));
    expect(story.next).toBe("wait");
    expect(story.state.snapshot?.containers[0]?.currentState?.state).toBe("Running");
    const restarted = container({ state: "Running", startedAt: "2026" }, { restartCount: 1 });
    story.wait().see(snapshot(restarted)).wait().see(snapshot(terminated(0)));
    expect(story.state.snapshot?.containers[0]?.restartCount).toBe(1);
    expect(new Story().running().wait().see(snapshot(undefined, { containers: [] })).next).toBe("wait");
  });
});

describe("a look that contradicts what was seen", () => {
  const old = snapshot(container({ state: "Waiting" }));

  it("is believed when three looks over a minute have shown nothing else", () => {
    const story = new Story().running().wait().see(old).wait().see(old);
    expect(story.state.snapshot?.containers[0]?.currentState?.state).toBe("Running");
    story.now += MINUTE;
    expect(story.see(old).next).toBe("wait");
    expect(story.state.snapshot?.containers[0]?.currentState?.state).toBe("Waiting");
    expect(story.state).toMatchObject({ phase: "running", marks: { startedAt: Date.parse("2026-01-01T00:00:00.500Z") } });
  });

  it("is not believed after a long time in which nobody looked", () => {
    const story = new Story().running().wait().see(old);
    story.now += 10 * MINUTE;
    expect(story.see(old).wait().see(snapshot(terminated(0))).state.verdict?.outcome).toBe("succeeded");
  });

  it("begins to count anew after one that does not", () => {
    const story = new Story().running().wait().see(old).wait().see(old).wait().see(snapshot(running()));
    story.now += MINUTE;
    expect(story.see(old).state.snapshot?.containers[0]?.currentState?.state).toBe("Running");
  });

  it("makes no job that has run one that never started", () => {
    const events = [{ kind: "BackOff", text: 'Back-off pulling image "x"', type: "Warning", count: 3, firstAt: "a", lastAt: "b" }];
    const again = snapshot(container({ state: "Waiting" }, { events }), { provisioningState: "Failed" });
    const story = new Story().running().wait().see(again).wait().see(again);
    story.now += MINUTE;
    expect(story.see(again).state.verdict).toMatchObject({ outcome: "lost", reason: expect.stringContaining("could not be pulled") as string });
    const failed = snapshot(container({ state: "Waiting" }), { provisioningState: "Failed" });
    const other = new Story().running().wait().see(failed).wait().see(failed);
    other.now += MINUTE;
    expect(other.see(failed).next).toBe("wait");
  });
});

describe("deadlines", () => {
  it("end a job that runs too long, after its logs were read", () => {
    const story = new Story().running();
    story.now += 61 * MINUTE;
    expect(story.see({ kind: "none" }).next).toBe("look");
    expect(story.see(snapshot(running())).next).toBe("readLogs");
    expect(story.collected("half\n").result).toMatchObject({ outcome: "timedOut", logs: "half\n", error: { code: "ACI_JOB_TIMED_OUT" } });
  });

  it("are no reason to look again without a pause where a read is older than what was seen", () => {
    const story = new Story().running().wait();
    story.now += 61 * MINUTE;
    const pauses = Array.from({ length: 5 }, () => {
      const { waitInMs } = story.see(snapshot(container({ state: "Waiting" })));
      story.wait();
      return waitInMs;
    });
    expect(pauses).toEqual([1000, 2000, 4000, 5000, 5000]);
    expect(story.see(snapshot(running())).state.verdict?.outcome).toBe("timedOut");
  });

  it("are kept although all looks are older than what was seen", () => {
    for (const old of [container({ state: "Waiting" }), container({ state: "Dreaming" })]) {
      const story = new Story().running().wait();
      story.now += 60 * MINUTE;
      const until = story.now + MINUTE;
      while (story.now < until) expect(story.see(snapshot(old)).wait().next).toBe("look");
      expect(story.see(snapshot(old)).state.verdict?.outcome).toBe("timedOut");
    }
  });

  it("are kept although looks miss a group that a list has", () => {
    const listed = { kind: "listed", groups: [{ groupName: "aci-0123456789abcdef-1", location: "", tags: TAGS }] } as const;
    const story = new Story().running().wait();
    story.now += 61 * MINUTE;
    expect(story.see(GONE).wait().see(GONE).wait().see(GONE).wait().see(GONE).next).toBe("list");
    expect(story.see(listed).state.verdict?.outcome).toBe("timedOut");
    const starting = new Story().accepted();
    starting.now += 11 * MINUTE;
    starting.see(GONE).wait().see(GONE).wait().see(GONE).wait().see(GONE);
    expect(starting.see(listed).result).toMatchObject({ outcome: "lost", reason: "the container group could not be looked for: a list shows it, and looks do not find it" });
    const uncertain = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).fault({ transport: "ECONNRESET" }).wait();
    uncertain.now += 11 * MINUTE;
    expect(uncertain.see(GONE).wait().see(GONE).see(listed).result).toMatchObject({ outcome: "lost", reason: "the create had no answer, and the container group could not be looked for. The last fault was: it failed" });
    const resumed = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).see({ kind: "none" });
    resumed.now += 11 * MINUTE;
    expect(resumed.see(GONE).wait().see(GONE).see(listed).result).toMatchObject({ outcome: "lost", reason: "the create had no answer, and the container group could not be looked for" });
    // A list that was asked for because another caller may have gone on shows what a look has just missed.
    const shared = new Story({ ...PLAN, limits: { ...PLAN.limits, retry: { maxAttempts: 2, on: [], exitCodes: [], firstDelayInMs: 1, longestDelayInMs: 1, locations: [] } } });
    shared.see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).fault({ statusCode: 409, serviceCode: "ContainerGroupTransitioning" }).wait();
    shared.now += 11 * MINUTE;
    expect(shared.see(GONE).next).toBe("list");
    expect(shared.see({ kind: "listed", groups: [{ groupName: "aci-0123456789abcdef-1", location: "", tags: TAGS }] }).result).toMatchObject({ outcome: "lost", cleanup: "pending" });
    expect(shared.see({ kind: "saved" }).next).toBe("look");
    const found = new Story().see({ kind: "saved" }).see(listed);
    found.now += 11 * MINUTE;
    found.see(GONE).wait().see(GONE).wait().see(GONE).wait().see(GONE);
    expect(found.see(listed).result).toMatchObject({ outcome: "notRun", error: { text: "The container group could not be looked for: a list shows it, and looks do not find it" } });
  });

  it("are looked at whatever a look shows", () => {
    const story = new Story().running().wait();
    story.now += 61 * MINUTE;
    expect(story.see(snapshot(running())).state.verdict?.outcome).toBe("timedOut");
  });

  it("end a job that does not start, and say what it was waiting for", () => {
    const waiting = container({ state: "Waiting", detail: "ContainerCreating" });
    const story = new Story().accepted().wait().see(snapshot(waiting));
    story.now += 11 * MINUTE;
    expect(story.see({ kind: "none" }).next).toBe("look");
    expect(story.see(snapshot(waiting)).next).toBe("save");
    expect(story.result).toMatchObject({ outcome: "neverStarted", error: { text: "The container did not start within 600000 ms: ContainerCreating" } });
  });

  it("are no news of a job that has ended meanwhile", () => {
    const story = new Story().running();
    story.now += 10 * 61 * MINUTE;
    expect(story.see({ kind: "none" }).see(snapshot(terminated(0))).state.verdict?.outcome).toBe("succeeded");
  });

  it("are waited for a little longer where a look fails or misses the group just then", () => {
    const story = new Story().accepted();
    story.now += 11 * MINUTE;
    for (let tries = 0; tries < 6; tries++) expect(story.fault(BUSY).next).toBe("wait");
    expect(story.fault(BUSY).result).toMatchObject({ outcome: "lost", reason: "the container group could not be looked for: it failed" });
    const gone = new Story().accepted().wait().see(GONE);
    gone.now += 10 * MINUTE;
    expect(gone.see(GONE).wait().see(GONE).see({ kind: "listed", groups: [] }).result.outcome).toBe("lost");
    const unsure = new Story().accepted().wait().see(GONE);
    unsure.now += 10 * MINUTE;
    for (let tries = 0; tries < 6; tries++) unsure.fault(BUSY);
    expect(unsure.fault(BUSY).next).toBe("wait");
    const running = new Story().running();
    running.now += 61 * MINUTE;
    for (let tries = 0; tries < 6; tries++) running.fault(BUSY);
    expect(running.fault(BUSY).state.verdict?.outcome).toBe("timedOut");
  });

  it("say so too where nothing, an empty state or only events were seen", () => {
    const blank = snapshot(container({ state: "Waiting", detail: "" }));
    const empty = new Story().accepted().wait().see(blank);
    empty.now += 11 * MINUTE;
    expect(empty.see(blank).state.verdict?.error?.text).toContain("Waiting");
    const mount = { kind: "FailedMount", text: "mount error(2)", type: "Normal", count: 1, firstAt: "a", lastAt: "b" };
    const mounting = new Story().accepted();
    mounting.now += 11 * MINUTE;
    const nothing = snapshot(undefined, { state: "Pending", events: [mount] });
    // It may have started, and is looked at for half a minute more.
    for (let looks = 0; looks < 6; looks++) mounting.see(nothing).wait();
    expect(mounting.see(nothing).state.verdict?.error?.text).toContain("mount error(2)");
  });

  it("do not end what has run where a look at the last moment tells nothing", () => {
    const story = new Story().accepted();
    story.now += 11 * MINUTE;
    expect(story.see(snapshot(container(undefined))).waitInMs).toBe(5000);
    expect(story.wait().see(snapshot(terminated(0))).next).toBe("readLogs");
    expect(story.collected().result).toMatchObject({ outcome: "succeeded" });
  });

  it("take the container's own start, where the clocks agree about it", () => {
    expect(new Story().running().state.marks.startedAt).toBe(Date.parse("2026-01-01T00:00:00.500Z"));
    expect(new Story().accepted().wait().see(snapshot(running({ startedAt: "2030-01-01T00:00:00Z" }))).state.marks.startedAt).toBeLessThan(Date.UTC(2026, 0, 2));
    // Begun while the answer that shows it waiting was on its way.
    const close = new Story().accepted().wait().see(snapshot(container({ state: "Waiting" })));
    const { now } = close;
    close.wait().after(15_000).see(snapshot(running({ startedAt: new Date(now - 100).toISOString() })));
    expect(close.state.marks.startedAt).toBe(now);
    expect(new Story().accepted().wait().see(snapshot(container({ state: "Running" }))).state.marks.startedAt).toBe(new Story().accepted().wait().now);
  });

  it("take it by our clock where Azure's is behind or ahead, so that no job is ended before its time", () => {
    for (const behindInMs of [10_000, -10_000]) {
      const story = new Story().accepted().after(30_000);
      story.behindInMs = behindInMs;
      const startedAt = story.now - 15_000;
      story.see(snapshot(running({ startedAt: new Date(startedAt - behindInMs).toISOString() })));
      expect(story.state.marks.startedAt).toBe(startedAt);
    }
  });
});

describe("a group that does not start", () => {
  it("is given up when its image cannot be pulled again and again", () => {
    const events = [
      { kind: "Failed", text: "Failed to pull image: not found", type: "Warning", count: 3, firstAt: "a", lastAt: "b" },
      { kind: "BackOff", text: 'Back-off pulling image "x"', type: "Warning", count: 3, firstAt: "a", lastAt: "b" },
    ];
    const story = new Story().accepted().wait().see(snapshot(container({ state: "Waiting" }, { events })));
    expect(story.state.verdict).toMatchObject({ outcome: "neverStarted", error: { text: expect.stringContaining("not found") as string } });
    const alone = new Story().accepted().wait().see(snapshot(container({ state: "Waiting" }, { events: events.slice(1) })));
    expect(alone.state.verdict?.error?.text).toContain("Back-off");
  });

  it("is no longer given up for an image that has been pulled since", () => {
    const event = (kind: string, text: string, lastAt: string) => ({ kind, text, type: "Normal", count: 3, firstAt: "2026-01-01T00:00:00Z", lastAt });
    const backOff = event("BackOff", 'Back-off pulling image "x"', "2026-01-01T00:01:00Z");
    const seen = (more: Partial<ContainerSnapshot>, main: ContainerSnapshot = container({ state: "Waiting" })) =>
      new Story().accepted().wait().see(snapshot(main, { initContainers: [container(undefined, { containerName: "prepare", ...more })] })).state.verdict?.outcome;
    expect(seen({ currentState: { state: "Waiting" }, events: [backOff] })).toBe("neverStarted");
    expect(seen({ currentState: { state: "Running" }, events: [backOff] })).toBeUndefined();
    expect(seen({ currentState: { state: "Terminated", exitCode: 0 }, events: [backOff] })).toBeUndefined();
    const pulled = event("Pulled", 'Successfully pulled image "x"', "2026-01-01T00:01:00Z");
    expect(seen({ currentState: { state: "Waiting" }, events: [backOff, pulled] })).toBeUndefined();
    expect(seen({ events: [] }, container({ state: "Waiting" }, { events: [pulled, backOff] }))).toBeUndefined();
    // An image that was there may be missing later.
    expect(seen({ events: [backOff, { ...pulled, lastAt: "2026-01-01T00:00:30Z" }] })).toBe("neverStarted");
  });

  it("is asked why by its operation, after some time, because a failed group may still come to life", () => {
    const failed = snapshot(container(undefined), { provisioningState: "Failed", state: "Failed" });
    const story = new Story().accepted().wait().see(failed);
    expect(story.next).toBe("wait");
    story.now += 31_000;
    // Two looks without a state are not enough to say that it has none.
    expect(story.see(failed).next).toBe("wait");
    expect(story.wait().see(failed).next).toBe("readOperation");
    const event = { kind: "InsufficientCapacity.", text: "The requested resource is not available in the location 'x' at this moment.", type: "Warning", count: 1, firstAt: "a", lastAt: "b" };
    story.see({ kind: "operation", body: { status: "Failed", events: [event] } });
    expect(story.state.verdict).toMatchObject({ outcome: "neverStarted", error: { code: "ACI_CAPACITY" } });
  });

  it("is explained by its events where the operation cannot be read or is not known", () => {
    const failed = snapshot(container({ state: "Waiting" }), { provisioningState: "Failed", state: "Failed" });
    const story = new Story().accepted().wait().see(failed).after(31_000);
    expect(story.see(failed).fault({ statusCode: 404 }).state.verdict?.error?.text).toContain("it gave no reason");
    const found = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(failed);
    found.now += 31_000;
    expect(found.see({ kind: "none" }).see(failed).state.verdict?.outcome).toBe("neverStarted");
    // An answer that was long on its way does not tell what has become of it since.
    const late = new Story().accepted().wait().see(failed).wait();
    late.now += 31_000;
    expect(late.see(failed).state.verdict).toBeUndefined();
    expect(late.wait().see(failed).next).toBe("readOperation");
  });
});

describe("a job that is found", () => {
  it("is adopted, and watched like its own", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(snapshot(running()));
    expect(story.events).toContain("jobAdopted");
    expect(story.next).toBe("wait");
  });

  it("has run since its container says so, whoever takes it up, and however often", () => {
    const found = new Story();
    found.now += 50 * MINUTE;
    found.see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(snapshot(running()));
    expect(found.state.marks.startedAt).toBe(Date.parse("2026-01-01T00:00:00.500Z"));
    found.now += 11 * MINUTE;
    expect(found.see({ kind: "none" }).see(snapshot(running())).state.verdict?.outcome).toBe("timedOut");
    // One that the platform has begun anew has run since its first run, where that is still told.
    const restarted = new Story({ ...PLAN, limits: { ...PLAN.limits, onRestart: "continue" } });
    restarted.now += 50 * MINUTE;
    restarted.see({ kind: "saved" }).see({ kind: "listed", groups: [] });
    const again = { state: "Running", startedAt: new Date(restarted.now - 1000).toISOString() };
    restarted.see(snapshot(container(again, { restartCount: 1, previousState: { state: "Terminated", startedAt: "2026-01-01T00:00:00.500Z" } })));
    expect(restarted.state.marks.startedAt).toBe(Date.parse("2026-01-01T00:00:00.500Z"));
  });

  it("has run since its create at the earliest, where the process that sent it is gone", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE);
    story.now += 30 * MINUTE;
    story.see({ kind: "none" }).see(snapshot(running()));
    expect(story.state.marks).toMatchObject({ acceptedAt: story.state.marks.createAt, startedAt: Date.parse("2026-01-01T00:00:00.500Z") });
  });

  it("has run since now, where its container's word cannot be true", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(snapshot(running({ startedAt: "2030-01-01T00:00:00Z" })));
    expect(story.state.marks.startedAt).toBe(story.now);
  });

  it("is its latest attempt", () => {
    const group = (attempt: string, owner = "me") => ({ groupName: `aci-0123456789abcdef-${attempt}`, location: "x", tags: { ...TAGS, "aci-lifecycle-attempt": attempt, "aci-lifecycle-owner": owner } });
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [group("2"), group("3"), group("1"), group("9", "other")] });
    expect(story.state).toMatchObject({ attempt: 3, groupName: "aci-0123456789abcdef-3" });
  });

  it("is refused if its spec is another, or its name somebody else's", () => {
    const found = (tags: Record<string, string>) => new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(snapshot(running(), { tags }));
    expect(found({ ...TAGS, "aci-lifecycle-spec": "other" }).last.next).toMatchObject({ kind: "refuse", fault: { code: "ACI_JOB_CONFLICT" } });
    expect(found({}).last.next).toMatchObject({ kind: "refuse", fault: { code: "ACI_NAME_CONFLICT" } });
    expect(found({ ...TAGS, "ACI-Lifecycle-Owner": "me" }).next).toBe("wait");
  });
});
