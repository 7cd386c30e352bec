import { describe, expect, it } from "vitest";
import type { Plan } from "../../../src/jobs/machine/plan.js";
import type { RetryPlan } from "../../../src/jobs/machine/outcome/retry.js";
import type { Observation } from "../../../src/jobs/machine/state.js";
import { BUSY, container, logs, PLAN, snapshot, Story, TAGS, terminated } from "./story.js";

const HALF_A_MINUTE = 30_000;
const KILLED = snapshot(terminated(137));
const AGAIN = snapshot(container({ state: "Running", startedAt: "2026-01-01T00:05:00Z" }, { restartCount: 1, previousState: { state: "Terminated", exitCode: 137 } }));

const running = (limits: Partial<Plan["limits"]> = {}): Story => new Story({ ...PLAN, limits: { ...PLAN.limits, onRestart: "continue", ...limits } }).running().wait();

// Looks, and sees the same, until the job has ended; says after how long.
function untilOver(story: Story, seen: Observation): number {
  const since = story.now;
  while (story.see(seen).state.verdict === undefined) {
    if (story.next === "readLogs") story.see(logs("x"));
    story.wait();
  }
  return story.now - since;
}

describe("a container that was killed, where another attempt follows if it was the platform's doing", () => {
  const retry: RetryPlan = { maxAttempts: 2, on: ["platform"], exitCodes: [], firstDelayInMs: 5000, longestDelayInMs: 300_000, locations: [] };
  const trying = (more: Partial<RetryPlan> = {}): Story => running({ onRestart: "fail", retry: { ...retry, ...more } });

  it("has ended for good when there is no next run for half a minute", () => {
    const story = trying();
    expect(untilOver(story, KILLED)).toBe(HALF_A_MINUTE);
    expect(story.see(logs("x")).result).toMatchObject({ outcome: "failed", exitCode: 137 });
  });

  it("is followed by an attempt where there is one", () => {
    const story = trying().see(KILLED).wait().see(AGAIN);
    expect(story.state).toMatchObject({ verdict: { outcome: "failed", exitCode: 137, cause: "platform" }, retry: { location: "westeurope" } });
  });

  it("is followed by one also where its group is gone, if what is lost is tried again", () => {
    const gone = (on: RetryPlan["on"]): Story => {
      const story = trying({ on }).see(KILLED);
      while (story.next === "wait") story.wait().see({ kind: "absent" });
      return story.see({ kind: "listed", groups: [] });
    };
    expect(gone(["platform", "lost"]).state).toMatchObject({ verdict: { outcome: "lost" }, retry: { location: "westeurope" } });
    expect(gone(["platform"]).state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
  });

  it("has ended at once where that changes nothing", () => {
    expect(trying({ exitCodes: "nonZero" }).see(KILLED).see(logs("x")).state.retry).toBeDefined();
    expect(trying({ maxAttempts: 1 }).see(KILLED).see(logs("x")).result).toMatchObject({ exitCode: 137 });
    expect(trying({ on: ["lost"] }).see(KILLED).see(logs("x")).result).toMatchObject({ exitCode: 137 });
  });
});

describe("a container that was killed, whose next run would be the job's", () => {
  it.each([
    [137, "failed"],
    [143, "failed"],
    [7147, "lost"],
    [undefined, "lost"],
  ])("has ended when there is no next run for half a minute (exit code %s: %s)", (exitCode, outcome) => {
    const story = running();
    expect(untilOver(story, snapshot(terminated(exitCode)))).toBe(HALF_A_MINUTE);
    expect(story.state.verdict).toMatchObject({ outcome, ...(exitCode !== undefined && { exitCode }) });
  });

  it("has not ended where the answer that shows it was asked for before that, and was long on its way", () => {
    const story = running().see(KILLED).wait();
    story.now += 60_000;
    expect(story.see(KILLED).state.verdict).toBeUndefined();
    expect(story.see(logs("x")).wait().see(AGAIN).state.killed).toBeUndefined();
    expect(story.see(snapshot(terminated(0, "Completed", { restartCount: 1 }))).state.verdict).toMatchObject({ outcome: "succeeded" });
  });

  it("has ended also where nothing but older news come after that", () => {
    const old = snapshot(container({ state: "Running", startedAt: "2026-01-01T00:00:00.500Z" }));
    const story = running().see(KILLED).wait();
    expect(untilOver(story, old)).toBeLessThanOrEqual(70_000);
    expect(story.state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
  });

  it("goes on where a later start is told for long enough to be believed, though its restarts count from nothing again", () => {
    const again = snapshot(container({ state: "Running", startedAt: "2026-01-01T00:05:00Z" }));
    const story = running().see(snapshot(terminated(137, "", { restartCount: 1 }))).wait();
    for (let looks = 0; looks < 40; looks++) {
      story.see(again);
      if (story.next === "readLogs") story.see(logs("x"));
      story.wait();
    }
    expect([story.state.verdict, story.state.killed]).toEqual([undefined, undefined]);
  });

  it("goes on as soon as there is one", () => {
    const story = running().see(KILLED).wait().see(AGAIN);
    expect(story.events).toContain("jobRestarted");
    story.now += 2 * HALF_A_MINUTE;
    expect(story.see(AGAIN).state.verdict).toBeUndefined();
    expect(story.see(snapshot(terminated(0, "Completed", { restartCount: 1 }))).state.verdict).toMatchObject({ outcome: "succeeded" });
  });

  it("has half a minute each time", () => {
    const story = running().see(KILLED).wait().see(AGAIN);
    story.now += HALF_A_MINUTE;
    expect(untilOver(story, snapshot(terminated(137, "", { restartCount: 1 })))).toBe(HALF_A_MINUTE);
  });

  it("has ended at once where its exit code is its own, or it is the job's only run", () => {
    expect(running().see(snapshot(terminated(128))).state.verdict).toMatchObject({ outcome: "failed", exitCode: 128 });
    expect(running({ onRestart: "fail" }).see(KILLED).state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
  });

  it("has ended where somebody had marked it as canceled, and is canceled where somebody does so meanwhile", () => {
    const marked = snapshot(terminated(137), { tags: { ...TAGS, "aci-lifecycle-cancel": "enough" } });
    expect(running().see(marked).state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
    expect(running().see(KILLED).see({ kind: "cancel", reason: "enough" }).state.verdict).toEqual({ outcome: "canceled", reason: "enough" });
  });

  it("has ended when the time of the job is over, or nobody can look any more", () => {
    const short = running();
    const left = HALF_A_MINUTE + short.now - (short.state.marks.startedAt as number);
    expect(untilOver(running({ runTimeoutInMs: left - 1000 }), KILLED)).toBe(HALF_A_MINUTE - 1000);
    const unseen = running().see(KILLED);
    while (unseen.next === "wait") unseen.wait().fault(BUSY);
    expect(unseen.state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
  });

  it("has ended as it did where its group is not found any more, or somebody has taken it away", () => {
    const missed = running().see(KILLED).wait().see({ kind: "absent" });
    while (missed.next === "wait") missed.wait().fault(BUSY);
    expect(missed.state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
    const gone = running().see(KILLED);
    while (gone.next === "wait") gone.wait().see({ kind: "absent" });
    expect(gone.see({ kind: "listed", groups: [] }).state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
    const foreign = running().see(KILLED).wait().see(snapshot(container({ state: "Running" }), { tags: {} }));
    expect(foreign.state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
  });

  it("is looked for no sooner than the service has asked for, which may be later", () => {
    const story = running().see(KILLED).wait().fault({ statusCode: 429, retryAfterInMs: 2 * HALF_A_MINUTE });
    expect(story.waitInMs).toBe(2 * HALF_A_MINUTE);
    expect(story.wait().see(KILLED).state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
  });

  it("has ended as it did where looks tell nothing any more", () => {
    const story = running().see(KILLED).wait();
    untilOver(story, snapshot(container({ state: "Recycling" })));
    expect(story.state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
    const bare = running().see(KILLED).wait();
    untilOver(bare, snapshot(undefined, { containers: [] }));
    expect(bare.state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
  });

  it("waits for its next run where it says so for long enough to be believed", () => {
    const story = running().see(KILLED).wait();
    const waiting = snapshot(container({ state: "Waiting" }));
    for (let looks = 0; looks < 70; looks++) story.see(waiting).wait();
    expect(story.state.verdict).toBeUndefined();
    expect(story.state.killed).toBeUndefined();
  });

  it("may be any of those that decide", () => {
    const killedBeside = (exitCode: number): Observation => snapshot(undefined, { containers: [terminated(exitCode), terminated(137, "", { containerName: "side" })] });
    const all = running({ doneWhen: "all" });
    expect(untilOver(all, killedBeside(0))).toBe(HALF_A_MINUTE);
    expect(all.state.verdict).toMatchObject({ outcome: "failed" });
    expect(running().see(killedBeside(1)).state.verdict).toMatchObject({ outcome: "failed", exitCode: 1 });
  });

  it.each(["main", "side"])("has ended where the time of the job is over, though a look just then shows %s as it was before", (older) => {
    const beside = (name: string): Observation => {
      const one = (containerName: string, exitCode: number) => (containerName === name ? container({ state: "Running" }, { containerName }) : terminated(exitCode, "", { containerName }));
      return snapshot(undefined, { containers: [one("main", 137), one("side", 0)] });
    };
    const story = running({ doneWhen: "all", runTimeoutInMs: 40_000 }).see(beside("none"));
    story.now = (story.state.marks.startedAt as number) + 40_000;
    expect(story.see(beside(older)).wait().see(beside("none")).state.verdict).toMatchObject({ outcome: "failed", exitCode: 137 });
  });
});
