import { describe, expect, it } from "vitest";
import type { Plan } from "../../../src/jobs/machine/plan.js";
import type { RetryPlan } from "../../../src/jobs/machine/outcome/retry.js";
import { begin } from "../../../src/jobs/machine/begin.js";
import { classifyFault, type FaultFacts } from "../../../src/lifecycle/faults/classify-fault.js";
import { BUSY, container, GONE, logs, MINUTE, PLAN, RESET, running, snapshot, Story, T0, TAGS, terminated } from "./story.js";

const RETRY: RetryPlan = { maxAttempts: 3, on: ["platform", "lost", "capacity"], exitCodes: [75], firstDelayInMs: 5000, longestDelayInMs: 300_000, locations: [] };
const NO_ROOM: FaultFacts = { statusCode: 409, serviceCode: "ServiceUnavailable", serviceText: "The requested resource is not available in the location 'westeurope' at this moment." };
const NO_QUOTA: FaultFacts = { statusCode: 400, serviceCode: "ContainerGroupQuotaReached", serviceText: "Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota 'StandardCores' exceeded in region 'westeurope'. Limit: '10', Usage: '10' Requested: '1'." };

const planWith = (retry: Partial<RetryPlan>, more: Partial<Plan["limits"]> = {}): Plan => ({ ...PLAN, limits: { ...PLAN.limits, retry: { ...RETRY, ...retry }, ...more } });
const trying = (retry: Partial<RetryPlan> = {}, more: Partial<Plan["limits"]> = {}): Story => new Story(planWith(retry, more));
const creating = (story: Story): Story => story.see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE);
// From the end of an attempt to the moment when its group is known to be gone.
const cleared = (story: Story): Story => story.see(logs("attempt\n")).see({ kind: "saved" }).see(GONE).see({ kind: "deleted", answer: "deleted" }).see(GONE);

describe("another attempt", () => {
  it("follows an exit code that the policy names, once the group before is gone, with a group and a name of its own", () => {
    const story = trying().running().wait().see(snapshot(terminated(75)));
    story.see(logs("attempt\n"));
    expect(story.next).toBe("save");
    expect(story.state).toMatchObject({ phase: "collected", retry: { location: "westeurope" }, attempt: 1 });
    expect(story.state.result).toBeUndefined();
    expect(story.see({ kind: "saved" }).next).toBe("look");
    expect(story.see(snapshot(terminated(75))).next).toBe("delete");
    story.see({ kind: "deleted", answer: "deleted" }).see(GONE);
    expect(story.waitInMs).toBeGreaterThanOrEqual(2500);
    expect(story.waitInMs).toBeLessThanOrEqual(5000);
    expect(story.state).toMatchObject({ phase: "intended", attempt: 2, groupName: "aci-0123456789abcdef-2" });
    expect(story.wait().next).toBe("save");
    expect(story.see({ kind: "saved" }).next).toBe("list");
    expect(story.see({ kind: "listed", groups: [] }).see(GONE).next).toBe("create");
    expect(story.events).toContain("jobRetrying");
  });

  it("leaves what was known of the one before in the result, with the cost and the requests of both", () => {
    const story = cleared(trying().running().wait().see(snapshot(terminated(75)))).wait();
    const before = story.state.requests;
    creating(story).see({ kind: "created" }).wait().see(snapshot(terminated(0))).see(logs("second\n"));
    const { result } = story;
    expect(result).toMatchObject({ outcome: "succeeded", attempt: 2, logs: "second\n", earlierAttempts: [{ attempt: 1, groupName: "aci-0123456789abcdef-1", outcome: "failed", exitCode: 75, text: "Job ended with exit code 75", logs: "attempt\n" }] });
    expect(result.requests).toBeGreaterThan(before);
    expect(result.timings.totalInMs).toBe(story.now - T0);
    expect(result.cost.amount).toBeGreaterThanOrEqual(result.earlierAttempts[0]?.cost.amount ?? 1);
  });

  it("leaves what the one before cost by the clock of who saw that its group was gone", () => {
    const [alone, other] = [0, -10 * MINUTE].map((behindInMs) => {
      const story = trying().running();
      do story.wait().see(GONE);
      while (story.next === "wait");
      story.see({ kind: "listed", groups: [] });
      // Another process, of which Azure has told nothing yet, takes it up.
      story.behindInMs = behindInMs;
      story.see({ kind: "saved" });
      return story.state.earlier?.map(({ outcome, cost }) => [outcome, cost.amount]);
    });
    expect(alone).toEqual([["lost", expect.closeTo((0.0405 + 1.5 * 0.00445) / 100, 4)]]);
    expect(other).toEqual(alone);
  });

  it("does not follow when all have been made, an exit code is not named, or nothing is to be tried again", () => {
    expect(trying({ maxAttempts: 1 }).running().wait().see(snapshot(terminated(75))).see(logs("x")).result).toMatchObject({ outcome: "failed", earlierAttempts: [] });
    expect(trying().running().wait().see(snapshot(terminated(1))).see(logs("x")).result.outcome).toBe("failed");
    expect(trying({ exitCodes: "nonZero" }).running().wait().see(snapshot(terminated(0))).see(logs("x")).result.outcome).toBe("succeeded");
    expect(new Story().running().wait().see(snapshot(terminated(75))).see(logs("x")).result.outcome).toBe("failed");
  });

  it("leaves a job that has run, even where nobody can look whether this one is there", () => {
    const story = cleared(trying().running().wait().see(snapshot(terminated(75)))).wait().see({ kind: "saved" });
    expect(story.fault({ statusCode: 403, serviceCode: "AuthorizationFailed" }).result).toMatchObject({ outcome: "neverStarted", attempt: 2, earlierAttempts: [{ outcome: "failed", exitCode: 75 }] });
  });

  it("waits longer each time, and never longer than it may", () => {
    const story = trying({ maxAttempts: 4, exitCodes: "nonZero", longestDelayInMs: 8000 });
    const pauses: number[] = [];
    for (let attempt = 1; attempt < 4; attempt++) {
      creating(story).see({ kind: "created" }).wait().see(snapshot(terminated(1)));
      cleared(story);
      pauses.push(story.waitInMs);
      story.wait();
    }
    expect(pauses[1]).toBeGreaterThanOrEqual(4000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(8000);
    expect(creating(story).see({ kind: "created" }).wait().see(snapshot(terminated(1))).see(logs("x")).result.earlierAttempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it("is not made while the group before may still be there", () => {
    const story = trying().running().wait().see(snapshot(terminated(75))).see(logs("x")).see({ kind: "saved" });
    story.now += 2 * MINUTE;
    story.fault(BUSY);
    expect(story.result).toMatchObject({ outcome: "failed", exitCode: 75, cleanup: "pending", attempt: 1 });
  });

  it("is not kept by `keep`, which is for the last one", () => {
    const story = trying({}, { keep: "always" }).running().wait().see(snapshot(terminated(75))).see(logs("x"));
    expect(story.see({ kind: "saved" }).see(GONE).next).toBe("delete");
  });

  it.each([7147, 7148])("follows the platform's exit code %d", (exitCode) => {
    expect(trying().running().wait().see(snapshot(terminated(exitCode))).see(logs("x")).state.retry).toBeDefined();
    expect(trying({ on: ["lost"] }).running().wait().see(snapshot(terminated(exitCode))).see(logs("x")).result.outcome).toBe("lost");
  });
});

describe("a run that the platform began anew", () => {
  const again = (previousState?: object): ReturnType<typeof snapshot> => snapshot(container({ state: "Running", startedAt: "2026-01-01T00:05:00Z" }, { restartCount: 1, ...(previousState && { previousState: { state: "Terminated", ...previousState } }) }));

  it("ends the job by what is known of the first one, whose log is not that of the second", () => {
    const story = new Story().running().wait().see(again());
    expect(story.events).toContain("jobRestarted");
    expect(story.see({ kind: "saved" }).result).toMatchObject({ outcome: "lost", reason: "the platform restarted the container" });
    expect(new Story().running().wait().see(again({ exitCode: 0 })).result.outcome).toBe("succeeded");
    expect(new Story().running().wait().see(again({ exitCode: 3 })).result).toMatchObject({ outcome: "failed", exitCode: 3 });
    expect(trying().running().wait().see(again({ exitCode: 3 })).state.retry).toBeDefined();
  });

  it("is the job's where that was asked for", () => {
    const story = new Story({ ...PLAN, limits: { ...PLAN.limits, onRestart: "continue" } }).running().wait().see(again({ exitCode: 3 }));
    expect(story.next).toBe("wait");
    expect(story.events).toContain("jobRestarted");
  });
});

describe("no room", () => {
  const LOCATIONS = ["West Europe", "northeurope"];

  it("leads to the next location at once, and to the first again after a pause", () => {
    const story = creating(trying({ locations: LOCATIONS, maxAttempts: 4 })).fault(NO_ROOM, "ACI_CAPACITY");
    expect(story.see({ kind: "saved" }).waitInMs).toBe(0);
    expect(story.state).toMatchObject({ attempt: 2, location: "northeurope" });
    creating(story.see({ kind: "none" })).fault(NO_ROOM, "ACI_CAPACITY").see({ kind: "saved" });
    expect(story.waitInMs).toBeGreaterThan(0);
    expect(story.state).toMatchObject({ attempt: 3, location: "West Europe" });
  });

  it("is told by the group, too, which is then deleted first", () => {
    const story = trying({ locations: LOCATIONS }).accepted().wait().see(snapshot(container({ state: "Waiting" }), { provisioningState: "Failed" }));
    story.now += MINUTE;
    story.see({ kind: "none" });
    story.see(snapshot(container({ state: "Waiting" }), { provisioningState: "Failed" })).see({ kind: "operation", body: { status: "Failed", events: [], errorText: "The requested resource is not available in the location 'westeurope' at this moment." } });
    expect(story.state.retry).toEqual({ location: "northeurope", delayInMs: 0 });
    expect(story.see({ kind: "saved" }).see(GONE).next).toBe("delete");
  });

  it("in the only location is tried again there, where the policy says so", () => {
    expect(creating(trying()).fault(NO_ROOM, "ACI_CAPACITY").state.retry?.location).toBe("westeurope");
    expect(creating(new Story()).fault(NO_ROOM, "ACI_CAPACITY").state.retry).toBeUndefined();
  });

  it("because of the quota is waited for, unless there is another location or it can never be", () => {
    const story = creating(trying()).fault(NO_QUOTA, "ACI_QUOTA_EXCEEDED");
    expect(story.wait().next).toBe("look");
    expect(story.see(GONE).next).toBe("list");
    expect(story.see({ kind: "listed", groups: [] }).next).toBe("create");
    story.now += 11 * MINUTE;
    expect(story.fault(NO_QUOTA, "ACI_QUOTA_EXCEEDED").next).toBe("look");
    expect(story.see(GONE).see({ kind: "listed", groups: [] }).state).toMatchObject({ verdict: { outcome: "neverStarted", error: { code: "ACI_QUOTA_EXCEEDED" } } });
    expect(creating(trying({ locations: LOCATIONS })).fault(NO_QUOTA, "ACI_QUOTA_EXCEEDED").state.retry?.location).toBe("northeurope");
    const never = { ...NO_QUOTA, serviceText: NO_QUOTA.serviceText?.replace("Requested: '1'", "Requested: '11'") };
    expect(classifyFault(never).location).toBe("never");
    expect(classifyFault({ ...NO_QUOTA, serviceText: "quota 'ContainerGroups' exceeded. Limit: '0', Usage: '0' Requested: '1'." }).location).toBe("waitForQuota");
    expect(creating(new Story()).fault(never, "ACI_QUOTA_EXCEEDED").result).toMatchObject({ error: { code: "ACI_QUOTA_EXCEEDED" } });
  });
});

describe("a job that is lost", () => {
  const lose = (story: Story): Story => {
    story.running().wait().see(GONE).wait().see(GONE);
    story.now += MINUTE;
    return story.see(GONE).see({ kind: "listed", groups: [] });
  };

  it("is tried again, unless that is forbidden", () => {
    expect(lose(trying()).state.retry).toBeDefined();
    expect(lose(trying({ on: ["platform"] })).result.outcome).toBe("lost");
    expect(lose(trying({}, { retryOnLost: false })).result.outcome).toBe("lost");
  });

  it("before anything was seen of its group is not begun again, where that is forbidden", () => {
    const story = creating(new Story({ ...PLAN, limits: { ...PLAN.limits, retryOnLost: false } })).fault(RESET).wait().see(GONE).wait().see(GONE).see({ kind: "listed", groups: [] });
    expect(story.result).toMatchObject({ outcome: "lost" });
    expect(story.see({ kind: "saved" }).next).toBe("look");
  });
});

describe("a group that a list showed and that is gone before it was seen", () => {
  const vanished = (retryOnLost?: boolean): Story => {
    const story = new Story({ ...PLAN, limits: { ...PLAN.limits, retryOnLost } }).see({ kind: "saved" });
    story.see({ kind: "listed", groups: [{ groupName: "aci-0123456789abcdef-1", location: "westeurope", tags: TAGS }] }).see(GONE);
    while (story.next === "wait") story.wait().see(GONE);
    return story.see({ kind: "listed", groups: [] });
  };

  it("is followed by one of another name, unless that is forbidden", () => {
    const next = vanished();
    expect(next.next).toBe("save");
    expect(next.see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(GONE).state).toMatchObject({ phase: "creating", groupName: "aci-0123456789abcdef-2" });
    expect(vanished(false).see({ kind: "saved" }).result).toMatchObject({ outcome: "lost", groupName: "aci-0123456789abcdef-1", cleanup: "done" });
  });
});

describe("a cancel between two attempts", () => {
  const failed = (): Story => trying().running().wait().see(snapshot(terminated(75))).see(logs("x"));

  it("lets none follow, and the group before is seen to be gone all the same", () => {
    const story = failed().see({ kind: "cancel", reason: "enough" });
    expect(story.see({ kind: "saved" }).next).toBe("delete");
    expect(story.see({ kind: "deleted", answer: "deleted" }).see(GONE).result).toMatchObject({ outcome: "canceled", reason: "enough", cleanup: "done" });
  });

  it.each(["before the delete", "after it"])("is read from the group's mark %s", (when) => {
    const marked = snapshot(terminated(75), { tags: { ...TAGS, "aci-lifecycle-cancel": "enough" } });
    const story = failed().see({ kind: "saved" });
    expect(story.next).toBe("look");
    story.see(when === "after it" ? snapshot(terminated(75)) : marked).see({ kind: "deleted", answer: "accepted" });
    story.see(marked).wait().see(GONE).wait().see(GONE);
    expect(story.see({ kind: "listed", groups: [] }).result).toMatchObject({ outcome: "canceled", reason: "enough", cleanup: "done" });
  });

  it("keeps the pace of what is under way", () => {
    const story = failed().see({ kind: "saved" }).fault(BUSY);
    const { wakeAt } = story.state;
    expect(story.see({ kind: "cancel", reason: "enough" }).state).toMatchObject({ wakeAt, cancel: { reason: "enough" } });
    expect(story.next).toBe("wait");
  });

  it("counts while the last log is read, if another attempt would follow", () => {
    const reading = trying().running().wait().see(snapshot(terminated(75)));
    expect(reading.see({ kind: "cancel", reason: "enough" }).see(logs("x")).result).toMatchObject({ outcome: "failed" });
    expect(new Story().running().wait().see(snapshot(terminated(75))).see({ kind: "cancel", reason: "late" }).state.cancel).toBeUndefined();
  });

  it("ends the pause before the next one", () => {
    const story = cleared(trying().running().wait().see(snapshot(terminated(75))));
    story.see({ kind: "cancel", reason: "enough" });
    expect(story.next).not.toBe("wait");
  });
});

describe("the group that a list shows", () => {
  const listed = (attempt: number): Parameters<Story["see"]>[0] => ({ kind: "listed", groups: [{ groupName: `aci-0123456789abcdef-${attempt}`, location: "westeurope", tags: { ...TAGS, "aci-lifecycle-attempt": String(attempt) } }] });

  // Three looks over thirty seconds that miss it, and then a list.
  const missing = (story: Story): Story => story.see(GONE).wait().see(GONE).wait().see(GONE).wait().see(GONE);

  it("and that is gone then has used up its name", () => {
    const story = missing(new Story().see({ kind: "saved" }).see(listed(3)));
    expect(story.next).toBe("list");
    expect(story.see({ kind: "listed", groups: [] }).next).toBe("save");
    expect(story.state.groupName).toBe("aci-0123456789abcdef-4");
  });

  it("is another caller's of the same job, even of an attempt before our own", () => {
    const second = { ...begin(planWith({}), "westeurope", 2, T0), earlier: [] };
    const story = new Story(planWith({}), second).see({ kind: "saved" }).see(listed(1));
    expect(story.state.groupName).toBe("aci-0123456789abcdef-1");
    expect(missing(story).see({ kind: "listed", groups: [] }).state.groupName).toBe("aci-0123456789abcdef-2");
    expect(new Story(planWith({}), second).see({ kind: "saved" }).see(listed(1)).see(snapshot(running())).state.phase).toBe("running");
  });

  it("and cannot be looked at says nothing of an attempt that is over", () => {
    const before = (): Story => {
      const story = cleared(trying({ maxAttempts: 2 }).running().wait().see(snapshot(terminated(75)))).wait().see({ kind: "saved" }).see(listed(1));
      story.now += 11 * MINUTE;
      return story;
    };
    expect(before().state.attempt).toBe(1);
    const over = { attempt: 1, outcome: "failed" };
    expect(before().fault(BUSY).result).toMatchObject({ outcome: "neverStarted", attempt: 2, groupName: "aci-0123456789abcdef-2", earlierAttempts: [over] });
    const { plan, state, now } = before();
    const heir = new Story({ ...plan, isTakenUp: true }, state);
    heir.now = now;
    const inVain = (one: Story): Story => {
      for (let tries = 0; tries < 6; tries++) one.fault(BUSY).wait();
      return one.fault(BUSY);
    };
    expect(inVain(heir).result).toMatchObject({ outcome: "lost", attempt: 2, groupName: "aci-0123456789abcdef-2", cleanup: "pending", earlierAttempts: [over] });
    expect(before().see({ kind: "cancel", reason: "enough" }).result).toMatchObject({ outcome: "canceled", attempt: 2, earlierAttempts: [over] });
    // A third was to follow two that are over.
    const two = [1, 2].map((attempt) => ({ ...(state.earlier?.[0] as NonNullable<typeof state.earlier>[number]), attempt }));
    const third = new Story({ ...plan, isTakenUp: true, limits: { ...plan.limits, retryOnLost: false } }, { ...state, earlier: two, listed: 2 });
    third.now = now;
    expect(inVain(third).result).toMatchObject({ outcome: "lost", attempt: 3 });
  });

  it("of a later attempt counts as one of those that may be made", () => {
    const last = creating(trying({ maxAttempts: 2 })).fault({ statusCode: 429 }).wait().see(GONE).see(listed(2)).see(snapshot(running()));
    expect(last.wait().see(snapshot(terminated(75))).see(logs("x")).result).toMatchObject({ outcome: "failed", attempt: 2, earlierAttempts: [] });
  });

  it("of a later attempt is what another caller has gone on to, while we are still at ours", () => {
    const story = creating(trying()).fault({ statusCode: 429 }).wait().see(GONE).see(listed(2));
    expect(story.next).toBe("look");
    expect(story.state).toMatchObject({ attempt: 2, groupName: "aci-0123456789abcdef-2" });
    expect(story.see(snapshot(running())).state).toMatchObject({ phase: "running", attempt: 2 });
  });

  describe("of an attempt before ours, which another caller has made again while our create was refused", () => {
    const second = (): Story => new Story(planWith({}), { ...begin(planWith({}), "westeurope", 2, T0), earlier: [] });
    const refused = (story = second()): Story => creating(story).fault({ statusCode: 429 }).wait().see(GONE).see(listed(1));

    it("is looked at, and is the job's", () => {
      expect(refused().next).toBe("look");
      expect(refused().state.groupName).toBe("aci-0123456789abcdef-1");
      expect(refused().see(snapshot(running())).state).toMatchObject({ phase: "running", attempt: 1 });
    });

    it("has its own time to start, whenever our create was sent", () => {
      expect(refused().state.marks.createAt).toBeUndefined();
    });

    it("is a conflict where it has another spec", () => {
      const other = snapshot(running(), { tags: { ...TAGS, "aci-lifecycle-spec": "other" } });
      expect(refused().see(other).last.next).toMatchObject({ kind: "refuse", fault: { code: "ACI_JOB_CONFLICT", text: 'Job "k" already has container group "aci-0123456789abcdef-1" with another spec' } });
    });

    it("does not take the name of ours away where it is gone", () => {
      const story = missing(refused()).see({ kind: "listed", groups: [] });
      expect(story.state).toMatchObject({ phase: "intended", groupName: "aci-0123456789abcdef-2" });
    });

    it("is looked for even where nothing is tried again", () => {
      const story = new Story(PLAN, begin(PLAN, "westeurope", 2, T0));
      expect(creating(story).fault({ statusCode: 429 }).wait().see(GONE).next).toBe("list");
    });
  });
});
