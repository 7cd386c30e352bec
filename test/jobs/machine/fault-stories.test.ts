import { describe, expect, it } from "vitest";
import type { Observation } from "../../../src/jobs/machine/state.js";
import { classifyFault } from "../../../src/lifecycle/faults/classify-fault.js";
import { BUSY, container, GONE, logs, MINUTE, PLAN, RESET, running, snapshot, Story, T0, TAGS, terminated } from "./story.js";

const creating = (): Story => new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE);

describe("before the create", () => {
  it("tries again after a passing fault, and gives up on one that stays", () => {
    const story = new Story().see({ kind: "saved" }).fault(BUSY);
    expect(story.waitInMs).toBeGreaterThan(0);
    expect(story.wait().next).toBe("list");
    expect(story.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" }, "ACI_REQUEST_FAILED").result).toMatchObject({ outcome: "notRun", cleanup: "pending" });
    expect(story.see({ kind: "saved" }).result).toMatchObject({ cleanup: "done", requests: 2 });
  });

  it("gives up when the time to start is over", () => {
    const story = new Story().see({ kind: "saved" });
    story.now += 11 * MINUTE;
    expect(story.fault(BUSY).result.outcome).toBe("notRun");
  });

  it("goes on looking where another process may have begun it, and calls it lost in the end", () => {
    const story = new Story({ ...PLAN, isTakenUp: true }).see({ kind: "saved" }).fault({ statusCode: 403, serviceCode: "AuthorizationFailed" });
    expect(story.wait().next).toBe("list");
    story.now += 11 * MINUTE;
    for (let tries = 1; tries < 6; tries++) expect(story.fault(BUSY).wait().next).toBe("list");
    const seen = new Story({ ...PLAN, isTakenUp: true }, story.state).see({ kind: "listed", groups: [{ groupName: PLAN.nameBase + "-1", tags: TAGS, location: "westeurope" }] }).see(snapshot(running()));
    expect(seen.state.phase).toBe("running");
    // A list that was read at last has shown it: one look that fails proves nothing.
    const late = new Story({ ...PLAN, isTakenUp: true }, story.state);
    late.now = story.now;
    late.see({ kind: "listed", groups: [{ groupName: PLAN.nameBase + "-1", tags: TAGS, location: "westeurope" }] });
    expect(late.fault(BUSY).wait().next).toBe("look");
    // Its own name can be asked for where no list can be read.
    expect(story.fault(BUSY).next).toBe("look");
    expect(new Story({ ...PLAN, isTakenUp: true }, story.state).see(snapshot(running())).state.phase).toBe("running");
    const gone = new Story({ ...PLAN, isTakenUp: true }, story.state);
    gone.now = story.now;
    expect(gone.see(GONE).wait().see(GONE).see({ kind: "listed", groups: [] }).result).toMatchObject({ outcome: "neverStarted" });
    for (let tries = 1; tries <= 6; tries++) expect(story.fault(BUSY).wait().next).toBe("look");
    expect(story.fault(BUSY).result).toMatchObject({ outcome: "lost", reason: "the create had no answer, and the container group could not be looked for. The last fault was: it failed" });
    expect(story.see({ kind: "saved" }).next).toBe("look");
  });

  it("does not wait beyond the time to start, however long it is told to", () => {
    expect(new Story().see({ kind: "saved" }).fault({ statusCode: 429, retryAfterInMs: 60 * MINUTE }).waitInMs).toBe(10 * MINUTE);
  });

  it("lists again after a pause, because another caller may have been quicker", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).fault(BUSY);
    expect(story.wait().next).toBe("list");
  });
});

describe("a create that fails", () => {
  it("is not sent again before the group was missed twice over ten seconds, if its answer was lost", () => {
    const story = creating().fault(RESET);
    expect(story.state.isUncertain).toBe(true);
    expect(story.wait().next).toBe("look");
    expect(story.see(GONE).waitInMs).toBe(10_000);
    expect(story.wait().see(GONE).next).toBe("list");
    expect(story.see({ kind: "listed", groups: [] }).next).toBe("create");
  });

  it("is not sent again where the list has the group that the looks missed", () => {
    const story = creating().fault(RESET).wait().see(GONE).wait().see(GONE);
    expect(story.see({ kind: "listed", groups: [{ groupName: "aci-0123456789abcdef-1", location: "", tags: TAGS }] }).waitInMs).toBe(1000);
    expect(story.wait().next).toBe("look");
  });

  it("is taken for done if the group is there", () => {
    const story = creating().fault(RESET).wait().see(snapshot(running()));
    expect(story.state).toMatchObject({ phase: "running" });
    expect(story.events).toContain("jobAdopted");
  });

  it("is looked after while looks fail too", () => {
    const story = creating().fault(RESET).wait().fault(BUSY);
    expect(story.wait().next).toBe("look");
  });

  it("waits as long as the service asks, and looks before it tries again", () => {
    const story = creating().fault({ statusCode: 429, retryAfterInMs: 7000 });
    expect(story.waitInMs).toBe(7000);
    expect(story.wait().next).toBe("look");
    expect(story.see(GONE).next).toBe("create");
  });

  it("waits for its turn among all retries of its client, where that is longer", () => {
    const fault = classifyFault(BUSY);
    const turn = (turnInMs: number): number => creating().see({ kind: "fault", fault, error: { code: "ACI_REQUEST_FAILED", text: "" }, turnInMs }).waitInMs;
    expect(turn(0)).toBeLessThanOrEqual(500);
    expect(turn(90_000)).toBe(90_000);
  });

  it("is not tried again when the service will not have it", () => {
    const story = creating().fault({ statusCode: 409, serviceCode: "ServiceUnavailable", serviceText: "The requested resource is not available in the location 'westus' at this moment." }, "ACI_CAPACITY");
    expect(story.next).toBe("save");
    expect(story.see({ kind: "saved" }).result).toMatchObject({ outcome: "neverStarted", cleanup: "done", error: { code: "ACI_CAPACITY" } });
  });

  it("is given up after a registry has refused seven times", () => {
    const story = creating();
    for (let tries = 0; tries < 6; tries++) {
      story.fault({ statusCode: 409, serviceCode: "RegistryErrorResponse" });
      expect(story.wait().see(GONE).next).toBe("create");
    }
    expect(story.fault({ statusCode: 409, serviceCode: "RegistryErrorResponse" }).result.outcome).toBe("neverStarted");
  });

  it("looks for its own group where the name is said to be taken elsewhere", () => {
    expect(creating().fault({ statusCode: 409, serviceCode: "InvalidResourceLocation" }).wait().next).toBe("look");
  });

  it("ends at the start deadline, with the group looked for if there may be one", () => {
    const story = creating().fault({ statusCode: 409, serviceCode: "ContainerGroupTransitioning" });
    story.now += 11 * MINUTE;
    expect(story.see({ kind: "none" }).next).toBe("look");
    expect(story.see(GONE).see({ kind: "saved" }).result).toMatchObject({ outcome: "neverStarted", cleanup: "done" });
  });

  it("whose answer was lost is looked for even when time is over: it may have run", () => {
    const lost = creating();
    lost.now += 11 * MINUTE;
    expect(lost.fault(RESET).next).toBe("look");
    expect(lost.see(snapshot(terminated(0))).next).toBe("readLogs");
    const other = creating();
    other.now += 11 * MINUTE;
    expect(other.see({ kind: "none" }).next).toBe("look");
    expect(other.see(GONE).wait().see(GONE).see({ kind: "listed", groups: [] }).result).toMatchObject({ outcome: "neverStarted", error: { text: "Azure did not accept the container group within 600000 ms" } });
  });

  it("is lost when it can neither be told nor looked for", () => {
    const story = creating().fault(RESET);
    story.now += 11 * MINUTE;
    for (let tries = 0; tries < 5; tries++) expect(story.fault(BUSY).next).toBe("wait");
    expect(story.fault(BUSY).result).toMatchObject({ outcome: "lost", reason: "the create had no answer, and the container group could not be looked for. The last fault was: it failed" });
    expect(story.see({ kind: "saved" }).next).toBe("look");
    const canceled = creating().fault(RESET).see({ kind: "cancel", reason: "x" });
    for (let tries = 0; tries < 5; tries++) canceled.fault(BUSY);
    expect(canceled.fault(BUSY).result).toMatchObject({ outcome: "canceled", reason: "x" });
  });

  it("that may be there is waited for five minutes beyond the deadline, and no longer", () => {
    const story = creating().fault(RESET);
    story.now += 11 * MINUTE;
    expect(story.fault({ statusCode: 429, retryAfterInMs: 3 * MINUTE }).waitInMs).toBe(3 * MINUTE);
    expect(story.wait().fault({ statusCode: 429, retryAfterInMs: 3 * MINUTE }).result.outcome).toBe("lost");
  });

  it("that another process may have sent is looked for", () => {
    const story = creating();
    expect(story.see({ kind: "none" }).next).toBe("look");
    expect(story.state.isUncertain).toBe(true);
    expect(story.see(GONE).next).toBe("wait");
  });
});

describe("while it is watched", () => {
  it("a fault ends nothing", () => {
    const story = new Story().running().wait();
    for (let tries = 0; tries < 20; tries++) story.fault(tries % 2 === 0 ? BUSY : { statusCode: 403, serviceCode: "AuthorizationFailed" }).wait();
    expect(story.see(snapshot(terminated(0))).next).toBe("readLogs");
  });

  it("the end that a look may show is waited for five minutes beyond the deadline, and no longer", () => {
    const late = (): Story => {
      const story = new Story().running();
      story.now += 61 * MINUTE;
      return story;
    };
    const throttled = (minutes: number) => ({ statusCode: 429, retryAfterInMs: minutes * MINUTE });
    expect(late().fault(throttled(5)).waitInMs).toBe(5 * MINUTE);
    expect(late().fault(throttled(5)).wait().see(snapshot(terminated(0))).state.verdict?.outcome).toBe("succeeded");
    expect(late().fault(throttled(6)).state.verdict?.outcome).toBe("timedOut");
    expect(late().fault(throttled(3)).wait().fault(throttled(3)).state.verdict?.outcome).toBe("timedOut");
    const busy = classifyFault(BUSY);
    expect(late().see({ kind: "fault", fault: busy, error: { code: "ACI_REQUEST_FAILED", text: "" }, turnInMs: 6 * MINUTE }).state.verdict?.outcome).toBe("timedOut");
    // What was late in starting has time again when it runs.
    const started = new Story().accepted();
    started.now += 11 * MINUTE;
    started.fault(throttled(4)).wait().see(snapshot(running({ startedAt: new Date(started.now).toISOString() })));
    started.now += 61 * MINUTE;
    expect(started.fault(throttled(4)).waitInMs).toBe(4 * MINUTE);
  });

  it("a group is lost only when three looks over thirty seconds and a list miss it", () => {
    const story = new Story().running().wait();
    expect(story.see(GONE).next).toBe("wait");
    expect(story.wait().see(GONE).next).toBe("wait");
    expect(story.wait().see(GONE).next).toBe("wait");
    expect(story.wait().see(GONE).next).toBe("list");
    expect(story.see({ kind: "listed", groups: [] }).see({ kind: "saved" }).result).toMatchObject({ outcome: "lost", cleanup: "done", error: { code: "ACI_JOB_LOST" } });
  });

  it("a group is lost when one that is not the job's has its name", () => {
    const other = snapshot(running(), { tags: { ...TAGS, "aci-lifecycle-spec": "0ther" } });
    const story = new Story().running().wait().see(other);
    expect(story.see({ kind: "saved" }).result).toMatchObject({ outcome: "lost", cleanup: "done" });
    expect(new Story().running().wait().see(snapshot(terminated(0))).collected().see({ kind: "deleted", answer: "accepted" }).see(other).result).toMatchObject({ outcome: "succeeded", cleanup: "done" });
  });

  it("a group that the list still shows is looked at again", () => {
    const story = new Story().running().wait().see(GONE).wait().see(GONE).wait().see(GONE).wait().see(GONE);
    expect(story.see({ kind: "listed", groups: [{ groupName: "ACI-0123456789abcdef-1", tags: {}, location: "" }] }).wait().next).toBe("look");
  });
});

describe("logs never fail a job", () => {
  const ended = (): Story => new Story().running().wait().see(snapshot(terminated(0)));

  it("are tried for thirty seconds and six times, and missing after that", () => {
    const story = ended().fault({ statusCode: 404, serviceCode: "ContainerLogNotAvailable" });
    expect(story.wait().next).toBe("readLogs");
    story.now += 31_000;
    // What was seen long ago is looked at first.
    const again = (): Story => (story.fault(BUSY).wait().next === "look" ? story.see(snapshot(terminated(0))) : story);
    for (let tries = 1; tries < 6; tries++) expect(again().next).toBe("readLogs");
    expect(story.fault(BUSY).result).toMatchObject({ outcome: "succeeded", logs: "", isLogTruncated: "unknown" });
  });

  it("are not waited for long when they are late already", () => {
    const story = ended();
    story.now += 31_000;
    expect(story.fault({ statusCode: 429, retryAfterInMs: 10 * MINUTE }).next).toBe("save");
  });

  it("are not waited for where the group is gone or will not give them", () => {
    expect(ended().fault({ statusCode: 404, serviceCode: "ResourceNotFound" }).next).toBe("save");
    expect(ended().fault({ statusCode: 403, serviceCode: "AuthorizationFailed" }).next).toBe("save");
  });

  it("are read again if they are empty at first", () => {
    const story = ended().see(logs(""));
    expect(story.waitInMs).toBe(1000);
    expect(story.wait().next).toBe("readLogs");
    expect(story.see(logs("")).waitInMs).toBe(4000);
    expect(story.wait().see(logs("")).result).toMatchObject({ logs: "", isLogTruncated: false });
  });

  it("lack their end where the last read gave nothing, though one before it did", () => {
    const empty: Observation = { kind: "logs", containerName: "main", note: { tail: "so far\n", isTruncated: false }, isEmpty: true };
    const story = ended().see(empty).wait().see(empty).wait().see(empty);
    expect(story.result).toMatchObject({ logs: "so far\n", isLogTruncated: true });
  });

  it("are marked where the handle has only their end", () => {
    const story = ended().see({ kind: "logs", containerName: "main", note: { tail: "z\n", isTruncated: false, isCut: true }, isEmpty: false });
    expect(story.result.isLogTruncated).toBe(true);
  });
});

describe("clean-up", () => {
  const deleting = (): Story => new Story().running().wait().see(snapshot(terminated(0))).collected();

  it("takes two looks and a list after a 202", () => {
    const story = deleting().see({ kind: "deleted", answer: "accepted" }).see(GONE);
    expect(story.wait().see(GONE).next).toBe("list");
    expect(story.see({ kind: "listed", groups: [{ groupName: "aci-0123456789abcdef-1", tags: {}, location: "" }] }).wait().next).toBe("look");
    expect(story.see(GONE).wait().see(GONE).see({ kind: "listed", groups: [] }).result.cleanup).toBe("done");
  });

  it("takes as much where the delete was told that there is no group: one that was there may be missed", () => {
    const story = deleting().see({ kind: "deleted", answer: "gone" }).see(GONE);
    expect(story.wait().see(GONE).next).toBe("list");
    expect(story.see({ kind: "listed", groups: [] }).result.cleanup).toBe("done");
  });

  it.each(["accepted", "gone"] as const)("takes no group for gone within half a minute of its create, where a delete was answered with %s", (answer) => {
    const story = new Story().running().see(snapshot(terminated(0))).collected().see({ kind: "deleted", answer }).see(GONE);
    expect(story.wait().next).toBe("look");
    expect(story.now - (story.state.marks.acceptedAt as number)).toBe(30_000);
    expect(story.see(GONE).next).toBe("list");
    expect(story.see({ kind: "listed", groups: [] }).result.cleanup).toBe("done");
  });

  it("does not do so by two looks, one of them before the delete", () => {
    const story = new Story().running().see(snapshot(terminated(0))).see(logs("")).after(20_000).see(GONE).see(logs("")).see({ kind: "saved" });
    expect(story.next).toBe("look");
    expect(story.see(GONE).next).toBe("delete");
    expect(story.see({ kind: "deleted", answer: "gone" }).see(GONE).next).toBe("wait");
  });

  it("counts that from the last create that was sent", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE);
    story.see({ kind: "heldBack", until: story.now + 2 * MINUTE }).wait().see(GONE);
    const { now } = story;
    story.fault({ transport: "ECONNRESET" }).see({ kind: "cancel", reason: "x" }).see(snapshot(container({ state: "Waiting" }))).see({ kind: "saved" });
    expect(story.see({ kind: "deleted", answer: "accepted" }).see(GONE).wait().now).toBe(now + 30_000);
  });

  it("looks for a group that may have been created, for as long before a canceled job ends", () => {
    const story = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).fault({ transport: "ECONNRESET" }).see({ kind: "cancel", reason: "x" });
    while (story.next !== "list") {
      story.see(GONE);
      if (story.next === "wait") story.wait();
    }
    expect(story.now).toBe(T0 + 30_000);
  });

  it("waits for that no longer than for the clean-up, and by no clock that is ahead", () => {
    const brief = new Story({ ...PLAN, limits: { ...PLAN.limits, cleanupTimeoutInMs: 5000 } }).running().see(snapshot(terminated(0))).collected().see({ kind: "deleted", answer: "accepted" }).see(GONE);
    expect(brief.waitInMs).toBe(5000);
    expect(brief.wait().see(GONE).result.cleanup).toBe("pending");
    const ahead = new Story().running().see(snapshot(terminated(0))).collected();
    ahead.now -= 10 * MINUTE;
    expect(ahead.see({ kind: "deleted", answer: "accepted" }).see(GONE).waitInMs).toBeLessThanOrEqual(30_000);
  });

  it("does not wait for that where the delete was answered with the group", () => {
    expect(new Story().running().see(snapshot(terminated(0))).collected().see({ kind: "deleted", answer: "deleted" }).see(GONE).result.cleanup).toBe("done");
  });

  it("deletes again what is still there after ten seconds, and says pending in the end", () => {
    const story = deleting().see({ kind: "deleted", answer: "deleted" });
    expect(story.see(snapshot(running())).wait().next).toBe("look");
    story.now += 10_000;
    expect(story.see(snapshot(running())).wait().next).toBe("delete");
    expect(story.see({ kind: "deleted", answer: "accepted" }).see(snapshot(running())).wait().next).toBe("look");
    story.now += 60_000;
    expect(story.see({ kind: "deleted", answer: "deleted" }).see(snapshot(running())).result).toMatchObject({ outcome: "succeeded", cleanup: "pending", resourceId: expect.any(String) as string });
  });

  it("deletes again at once where an older version has not noted when it did", () => {
    const story = deleting().see({ kind: "deleted", answer: "accepted" });
    story.state = { ...story.state, marks: { ...story.state.marks, deletedAt: undefined } };
    expect(story.see(snapshot(running())).wait().next).toBe("delete");
  });

  it("does not touch a group of somebody else under the same name", () => {
    expect(deleting().see({ kind: "deleted", answer: "gone" }).see(snapshot(running(), { tags: {} })).result.cleanup).toBe("done");
  });

  it("goes on after faults, and never loses the result over them", () => {
    expect(deleting().fault(BUSY).wait().next).toBe("delete");
    expect(deleting().fault({ statusCode: 403, serviceCode: "AuthorizationFailed" }).result).toMatchObject({ outcome: "succeeded", cleanup: "pending" });
    const story = deleting().fault(BUSY);
    story.now += 2 * MINUTE;
    expect(story.see({ kind: "none" }).result.cleanup).toBe("pending");
  });

  it("ends as pending if a doubtful group is not settled in time", () => {
    const story = new Story().see({ kind: "cancel", reason: "x" }).see({ kind: "saved" });
    story.now += 2 * MINUTE;
    expect(story.see(GONE).result.cleanup).toBe("pending");
    const listed = new Story().running().wait().see(snapshot(terminated(0))).collected().see({ kind: "deleted", answer: "accepted" }).see(GONE).wait().see(GONE);
    listed.now += 2 * MINUTE;
    expect(listed.see({ kind: "listed", groups: [{ groupName: "aci-0123456789abcdef-1", tags: {}, location: "" }] }).result.cleanup).toBe("pending");
  });

  it.each([
    ["always", 0, "kept"],
    ["onFailure", 1, "kept"],
    ["onFailure", 0, "pending"],
  ] as const)("leaves the group there if it is asked to (%s, exit code %i)", (keep, exitCode, cleanup) => {
    const story = new Story({ ...PLAN, limits: { ...PLAN.limits, keep } }).running().wait().see(snapshot(terminated(exitCode))).collected();
    expect(story.result.cleanup).toBe(cleanup);
  });

  it("asks for what it was about to ask when another process takes over", () => {
    expect(deleting().see({ kind: "none" }).next).toBe("delete");
    expect(new Story().running().wait().see(snapshot(terminated(0))).see({ kind: "none" }).next).toBe("readLogs");
    expect(new Story().running().wait().see({ kind: "none" }).next).toBe("look");
    expect(new Story().running().wait().see(snapshot(terminated(0))).see(logs("x")).see({ kind: "none" }).next).toBe("save");
  });
});

describe("what it cost", () => {
  it("is billed from the first event, by the rates of its location or of eastus", () => {
    const events = [{ kind: "Pulling", text: "", type: "Normal", count: 1, firstAt: "2026-01-01T00:00:00Z", lastAt: "2026-01-01T00:00:00Z" }];
    const story = new Story().running().wait();
    story.now += MINUTE;
    const seen = terminated(0, "Completed", { events });
    expect(story.see(snapshot(seen, { location: "Sweden Central" })).collected().result.cost).toMatchObject({ ratesOf: "eastus", currency: "USD" });
    expect(story.result.cost.amount).toBeGreaterThan(0.0007);
    const none = new Story(PLAN, { ...new Story().state, location: "swedencentral" }).see({ kind: "saved" }).fault({ statusCode: 400 });
    expect(none.result.cost).toMatchObject({ amount: 0, ratesOf: "swedencentral" });
    expect(container(undefined).restartCount).toBe(0);
  });

  it("and how long its parts took is not changed by a clock of ours that is ahead or behind", () => {
    const told = [0, 10 * MINUTE, -10 * MINUTE].map((behindInMs) => {
      const story = new Story().accepted().after(30_000);
      story.behindInMs = behindInMs;
      const time = (ms: number): string => new Date(story.now - ms - behindInMs).toISOString();
      const events = [{ kind: "Pulling", text: "", type: "Normal", count: 1, firstAt: time(15_000), lastAt: time(15_000) }];
      const ended = container({ state: "Terminated", startedAt: time(10_000), finishedAt: time(1000), exitCode: 0, detail: "Completed" }, { events });
      const { cost, timings } = story.see(snapshot(ended)).collected().result;
      return { cost: cost.amount, timings };
    });
    expect(told[0]?.timings).toMatchObject({ pulledInMs: 5000, ranInMs: 9000, noticedInMs: 1000 });
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
  });
});
