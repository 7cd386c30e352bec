import { describe, expect, it } from "vitest";
import type { Plan } from "../../../src/jobs/machine/plan.js";
import { at, BUSY, container, logs, MINUTE, PLAN, running, snapshot, Story, T0, terminated } from "./story.js";

const event = (kind: string, ms: number): { kind: string; text: string; type: string; count: number; firstAt: string; lastAt: string } => ({ kind, text: kind, type: "Normal", count: 1, firstAt: at(ms), lastAt: at(ms) });
const waiting = (...kinds: string[]): ReturnType<typeof snapshot> => snapshot(container({ state: "Waiting", detail: "" }, { events: kinds.map((kind, index) => event(kind, index * 1000)) }));
const alive = { kind: "signals", signals: [{ kind: "alive", groupName: "aci-0123456789abcdef-1" }] } as const;

describe("a job whose pull has a time of its own", () => {
  const plan: Plan = { ...PLAN, limits: { ...PLAN.limits, startTimeoutInMs: MINUTE, pullTimeoutInMs: 20 * MINUTE } };

  it("may start later by as long as it has pulled", () => {
    const story = new Story(plan).accepted().wait().see(waiting("Pulling"));
    story.now += 15 * MINUTE;
    expect(story.see(waiting("Pulling")).next).toBe("wait");
    story.now += MINUTE;
    expect(story.see(waiting("Pulling", "Pulled")).next).toBe("wait");
    story.now += 30_000;
    expect(story.see(snapshot(running())).state.phase).toBe("running");
  });

  it("ends if it does not start soon after that", () => {
    const story = new Story(plan).accepted().wait().see(waiting("Pulling"));
    story.now += 15 * MINUTE;
    story.see(waiting("Pulling", "Pulled"));
    story.now += MINUTE;
    expect(story.see(waiting("Pulling", "Pulled")).state.verdict).toMatchObject({ outcome: "neverStarted", error: { text: expect.stringContaining("did not start within 60000 ms") as string } });
  });

  it("ends if the pull takes too long, and says so", () => {
    const story = new Story(plan).accepted().wait().see(waiting("Pulling"));
    story.now += 20 * MINUTE;
    expect(story.see(waiting("Pulling")).state.verdict).toMatchObject({ outcome: "neverStarted", error: { text: expect.stringContaining("not pulled within 1200000 ms") as string } });
  });

  it("has no more than that for several pulls", () => {
    const story = new Story(plan).accepted().wait().see(waiting("Pulling"));
    story.now += 15 * MINUTE;
    story.see(waiting("Pulling", "Pulled")).see(waiting("Pulling", "Pulled", "Pulling"));
    story.now += 6 * MINUTE;
    expect(story.see(waiting("Pulling", "Pulled", "Pulling")).state.verdict?.outcome).toBe("neverStarted");
  });

  const found = (...events: Parameters<typeof event>[]): Story =>
    new Story(plan).see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(snapshot(container({ state: "Waiting", detail: "" }, { events: events.map((one) => event(...one)) })));

  it("has what is left of it where its group is found", () => {
    const story = found(["Pulling", -15 * MINUTE]).see({ kind: "age", ageInMs: 16 * MINUTE });
    story.now += 4 * MINUTE;
    expect(story.see(waiting("Pulling")).next).toBe("wait");
    story.now += MINUTE;
    expect(story.see(waiting("Pulling")).state.verdict).toMatchObject({ outcome: "neverStarted", error: { text: expect.stringContaining("not pulled within") as string } });
  });

  it("has pulled since its events say so where its age is not told", () => {
    expect(found(["Pulling", -15 * MINUTE]).see({ kind: "age" }).state.marks.pullingAt).toBe(T0 - 15 * MINUTE);
    expect(found(["Pulling", -15 * MINUTE]).fault(BUSY).state.marks.pullingAt).toBe(T0 - 15 * MINUTE);
  });

  it("has pulled for as long as its events say where its group is found", () => {
    const story = found(["Pulling", -15 * MINUTE], ["Pulled", -1000]).see({ kind: "age", ageInMs: 15.5 * MINUTE }).wait();
    expect(story.see(waiting()).state.verdict).toBeUndefined();
    story.now += MINUTE;
    expect(story.see(waiting()).state.verdict).toMatchObject({ outcome: "neverStarted" });
  });

  it("had no more than its time to pull, whatever its events say", () => {
    const story = found(["Pulling", -40 * MINUTE], ["Pulled", -10 * MINUTE]).see({ kind: "age", ageInMs: 40 * MINUTE });
    expect(story.wait().see(waiting()).state.verdict).toMatchObject({ outcome: "neverStarted" });
  });

  it("cannot have pulled before its group was there, nor after now, whatever Azure's clock says", () => {
    expect(found(["Pulling", -60 * MINUTE]).see({ kind: "age", ageInMs: 2 * MINUTE }).state.marks.pullingAt).toBe(T0 - 2 * MINUTE);
    expect(found(["Pulling", 60 * MINUTE]).see({ kind: "age", ageInMs: 2 * MINUTE }).state.marks.pullingAt).toBe(T0);
  });

  it("has pulled since its events say so, not since somebody has taken it up", () => {
    const story = new Story(plan).accepted();
    story.now += 15 * MINUTE;
    story.see(waiting("Pulling"));
    story.now += 5 * MINUTE;
    expect(story.see(waiting("Pulling")).state.verdict?.outcome).toBe("neverStarted");
  });

  it("has pulled since then by our clock, where Azure's is behind", () => {
    const story = new Story(plan).accepted();
    story.behindInMs = 5 * MINUTE;
    story.now += 15 * MINUTE;
    story.see(snapshot(container(undefined, { events: [event("Pulling", 7 * MINUTE)] })));
    expect(story.state.marks.pullingAt).toBe(T0 + 12 * MINUTE);
  });

  it("that has started anyway is not said to pull", () => {
    const story = new Story(plan).accepted().wait().see(snapshot(running(), { initContainers: [container({ state: "Terminated", exitCode: 0 }, { containerName: "init", events: [event("Pulling", 0)] })] }));
    expect(story.state.marks.pullingAt).toBeUndefined();
  });
});

describe("a job that is to give signs of life", () => {
  const plan: Plan = { ...PLAN, isHearing: () => true, nextCheck: () => ({ earliestInMs: 10 * MINUTE }), limits: { ...PLAN.limits, heartbeatTimeoutInMs: 30_000 } };
  const begun = (of = plan): Story => {
    const story = new Story(of).accepted();
    story.now += 1000;
    return story.see(snapshot(running()));
  };

  it("is looked at when it has been silent, and ends if it still runs", () => {
    const story = begun();
    expect(story.waitInMs).toBeLessThanOrEqual(30_000);
    expect(story.wait().next).toBe("look");
    expect(story.see(snapshot(running())).next).toBe("readLogs");
    expect(story.collected().result).toMatchObject({ outcome: "timedOut", error: { code: "ACI_JOB_TIMED_OUT", text: "No sign of life came from the container for 30000 ms" } });
  });

  it("goes on for as long as it gives them", () => {
    const story = begun();
    for (let beats = 0; beats < 20; beats++) {
      story.now += 20_000;
      story.see(alive);
      expect(story.waitInMs).toBeGreaterThan(29_000);
    }
    expect(story.wait().see(snapshot(terminated(0))).see(logs("x")).see({ kind: "saved" }).result.outcome).toBe("succeeded");
  });

  it("is not judged by its silence where nobody can hear", () => {
    const story = begun({ ...plan, isHearing: () => false });
    expect(story.waitInMs).toBe(10 * MINUTE);
    expect(story.wait().see(snapshot(running())).state.verdict).toBeUndefined();
  });
});

describe("a group that was accepted and is missed when its time to start is over", () => {
  const missed = (): Story => {
    const story = new Story().accepted().wait().see({ kind: "absent" }).wait().see({ kind: "absent" });
    story.now = Number(story.state.marks.createAt) + PLAN.limits.startTimeoutInMs;
    return story.see({ kind: "none" });
  };

  it("is looked for as long as any is that cannot be looked at, and no longer because it was missed", () => {
    const story = missed().fault({ statusCode: 429, retryAfterInMs: 2 * MINUTE });
    expect(story.waitInMs).toBe(2 * MINUTE);
    expect(story.wait().see(snapshot(running())).state.phase).toBe("running");
    expect(missed().fault({ statusCode: 429, retryAfterInMs: 60 * MINUTE }).state.verdict).toMatchObject({ outcome: "lost" });
  });

  it("is gone only after as many looks and a list as ever", () => {
    expect(missed().see({ kind: "absent" }).see({ kind: "listed", groups: [] }).state.verdict).toMatchObject({ outcome: "lost", reason: "the container group disappeared" });
  });
});

describe("a job that is found and has not started", () => {
  const found = (): Story => new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(waiting());

  it("has the time to start that is left of it since its group was made, and is asked for that once", () => {
    const story = found();
    expect(story.next).toBe("readAge");
    story.see({ kind: "age", ageInMs: 9 * MINUTE }).wait();
    expect(story.next).toBe("look");
    expect(story.see(waiting()).next).toBe("wait");
    story.now += MINUTE;
    expect(story.see({ kind: "none" }).see(waiting()).state.verdict).toMatchObject({ outcome: "neverStarted" });
  });

  it("is looked at once more at once, where its time is over", () => {
    const story = found().see({ kind: "age", ageInMs: 60 * MINUTE });
    expect(story.waitInMs).toBe(0);
    expect(story.wait().see(snapshot(running())).state.phase).toBe("running");
    expect(found().see({ kind: "age", ageInMs: 60 * MINUTE }).wait().see(waiting()).state.verdict).toMatchObject({ outcome: "neverStarted" });
  });

  it.each(["it is not told", "it cannot be asked for", "clocks differ"])("has all of its time where %s", (why) => {
    const story = found();
    if (why === "it is not told") story.see({ kind: "age" });
    else if (why === "clocks differ") story.see({ kind: "age", ageInMs: -5 * MINUTE });
    else story.fault({ statusCode: 503 });
    expect(story.state.marks.createAt).toBe(story.now);
    story.now += 9 * MINUTE;
    expect(story.see({ kind: "none" }).see(waiting()).next).toBe("wait");
  });

  it("is not asked for its age where its create was sent by whom it was taken up from, or where it runs", () => {
    expect(new Story().accepted().wait().see(waiting()).next).toBe("wait");
    const uncertain = new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see({ kind: "absent" }).fault({ transport: "ECONNRESET" }).wait();
    expect(uncertain.see(waiting()).next).toBe("wait");
    expect(new Story().see({ kind: "saved" }).see({ kind: "listed", groups: [] }).see(snapshot(running())).next).toBe("wait");
  });
});

describe("without a login", () => {
  const nobody = { transport: "noCredential" };
  const looking = (): Story => new Story().see({ kind: "saved" });
  const creating = (): Story => looking().see({ kind: "listed", groups: [] }).see({ kind: "absent" });

  it.each([
    ["before anything was asked for", looking, "notRun"],
    ["when its group is to be created", creating, "neverStarted"],
  ] as const)("a job ends after half a minute %s, and says why", (_when, begun, outcome) => {
    const story = begun();
    while (story.now < T0 + 30_000) story.fault(nobody).wait();
    story.fault(nobody, "ACI_CREDENTIAL");
    expect(story.state.verdict).toMatchObject({ outcome, error: { code: "ACI_CREDENTIAL" } });
    expect(story.now).toBeLessThan(T0 + MINUTE);
  });

  it.each([
    ["the first token is wanted late", 40_000, 0],
    ["each try takes a minute", 0, MINUTE],
  ])("has more than one try where %s", (_why, before, each) => {
    for (const begun of [looking, creating]) {
      const story = begun();
      story.now += before;
      for (let tries = 0; tries < 3; tries++) {
        story.now += each;
        story.fault(nobody).wait();
      }
      expect(story.state.verdict).toBeUndefined();
    }
  });

  it("says so, too, where its create was held back until then", () => {
    const story = new Story({ ...PLAN, isKeyNew: true }).see({ kind: "saved" });
    story.see({ kind: "heldBack", until: T0 + 2 * MINUTE }).wait();
    while (story.state.verdict === undefined) {
      story.fault(nobody, "ACI_CREDENTIAL");
      if (story.next === "wait") story.wait();
    }
    expect(story.state.verdict).toMatchObject({ outcome: "neverStarted", error: { code: "ACI_CREDENTIAL" } });
    expect(story.events.at(-1)).not.toBe("jobFault");
    expect(story.events.filter((type) => type === "jobFault").length).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ["its credential gave tokens before", looking, { transport: "credential" }],
    ["its credential gave tokens before and its group is to be created", creating, { transport: "credential" }],
    ["something else is wrong by then", looking, { statusCode: 503, serviceCode: "InternalServerError" }],
  ] as const)("has all of its time where %s", (_why, begun, facts) => {
    const story = begun();
    while (story.now < T0 + MINUTE) story.fault(facts).wait();
    expect(story.state.verdict).toBeUndefined();
  });

  it("has all of its time where it was taken up: something may have been sent before", () => {
    const story = new Story({ ...PLAN, isTakenUp: true }).see({ kind: "saved" });
    while (story.now < T0 + 2 * MINUTE) story.fault(nobody).wait();
    expect(story.state.verdict).toBeUndefined();
  });
});
