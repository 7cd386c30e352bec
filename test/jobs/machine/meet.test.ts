import { describe, expect, it } from "vitest";
import type { JobResult } from "../../../src/index.js";
import { begin } from "../../../src/jobs/machine/begin.js";
import { meet, type Met } from "../../../src/jobs/machine/meet.js";
import type { MachineState } from "../../../src/jobs/machine/state.js";
import { PLAN, T0 } from "./story.js";

const result = (outcome: string, cleanup = "pending", earlierAttempts: readonly object[] = []): JobResult => ({ outcome, cleanup, earlierAttempts, containers: {} }) as unknown as JobResult;
const state = (more: Partial<MachineState>): MachineState => ({ ...begin(PLAN, "westeurope", 1, 0), ...more });
const met = (theirs: Partial<MachineState>, ours: Partial<MachineState>): Met => meet(state(theirs), { state: state(ours), now: T0, behindInMs: 0 });

const marks = { intendedAt: 0, createAt: 1, acceptedAt: 2 };
const costing = (amount: number): JobResult["earlierAttempts"] => [{ attempt: 1, cost: { amount, currency: "USD" } }] as unknown as JobResult["earlierAttempts"];
const earlier = costing(2);
const end = { attempt: 2, phase: "collected", marks, verdict: { outcome: "succeeded" } } as const;

describe("two ends of one attempt", () => {
  it("are the one that was kept first, with the attempts before that either knows", () => {
    const ours = { ...end, earlier, result: result("lost", "pending", earlier) };
    expect(met({ ...end, result: result("succeeded") }, ours)).toMatchObject({ kind: "theirs", isKept: false, state: { earlier, result: { outcome: "succeeded", earlierAttempts: earlier, cost: { amount: 2 } } } });
    expect(met({ ...end, earlier: costing(3), result: result("succeeded", "pending", costing(3)) }, ours)).toMatchObject({ isKept: true, state: { earlier: costing(3), result: { earlierAttempts: costing(3) } } });
    expect(met({ ...end, earlier: costing(3), result: result("succeeded", "pending", costing(3)) }, { ...ours, phase: "deleting" })).toMatchObject({ kind: "end", isKept: false, state: { phase: "deleting", earlier: costing(3), result: { outcome: "succeeded", earlierAttempts: costing(3) } } });
  });

  it("are cleaned up as far as either has seen", () => {
    const gone = { phase: "done", marks: { ...marks, goneAt: 9, billedUntil: 8 }, result: result("succeeded", "done") } as const;
    const unseen = { phase: "done", marks, result: result("succeeded", "pending") } as const;
    for (const one of [met(gone, unseen), met(unseen, gone), met({ ...gone, phase: "collected" }, unseen)]) expect(one.state).toMatchObject({ marks: { goneAt: 9, billedUntil: 8 }, result: { cleanup: "done" } });
    expect(met(gone, unseen)).toMatchObject({ kind: "theirs", isKept: true });
    expect(met(unseen, { ...gone, phase: "deleting" })).toMatchObject({ kind: "end", state: { marks: { goneAt: 9 } } });
  });
});

it("an attempt that another has seen to run has not failed to start, unless that is on record", () => {
  const started = { phase: "running", marks: { ...marks, startedAt: 3 } } as const;
  const unstarted = { phase: "collected", marks, verdict: { outcome: "neverStarted" }, result: result("neverStarted") } as const;
  expect(met(started, unstarted)).toMatchObject({ kind: "theirs", isKept: true, state: { phase: "running" } });
  expect(met(started, { ...unstarted, attempt: 2 }).kind).toBe("ours");
  expect(met({ ...started, marks }, unstarted).kind).toBe("ours");
  expect(met(unstarted, started)).toMatchObject({ kind: "theirs", state: { result: { outcome: "neverStarted" } } });
});

it("an attempt whose end another has seen has that end, unless one is on record, or a line of its log has ended it", () => {
  const seen = { phase: "ended", marks, verdict: { outcome: "failed", exitCode: 0 } } as const;
  const over = (outcome: "timedOut" | "succeeded" | "canceled" | "lost"): Partial<MachineState> => ({ phase: "collected", marks, verdict: { outcome }, result: result(outcome) });
  for (const outcome of ["timedOut", "canceled", "lost"] as const) {
    expect(met(seen, over(outcome))).toMatchObject({ kind: "theirs", isKept: true, state: { phase: "ended" } });
    expect(met(over(outcome), seen)).toMatchObject({ kind: "theirs", state: { result: { outcome } } });
  }
  expect(met(seen, over("succeeded")).kind).toBe("ours");
  expect(met({ ...seen, attempt: 2 }, { ...over("timedOut"), attempt: 3 }).kind).toBe("ours");
  // What has ended well is not begun again by who takes it for lost.
  const lost = { phase: "deleting", marks, verdict: { outcome: "lost" }, retry: { location: "westeurope", delayInMs: 1 } } as const;
  expect(met(lost, { ...seen, verdict: { outcome: "succeeded", exitCode: 0 } })).toMatchObject({ kind: "ours", state: { phase: "ended" } });
  // It is tried again, but for who has canceled it.
  const retried = { ...seen, phase: "collected", retry: { location: "westeurope", delayInMs: 1 } } as const;
  expect(met(retried, over("timedOut")).kind).toBe("theirs");
  expect(met(retried, over("canceled")).kind).toBe("ours");
});

it("an attempt that either has canceled is canceled, at once where its end is not known, unless an end is on record", () => {
  const cancel = { reason: "enough" };
  const canceled = { phase: "creating", isUncertain: true, cancel, marks: { intendedAt: 0, createAt: 1 } } as const;
  const running = { phase: "running", marks, wakeAt: T0 } as const;
  for (const { state } of [met(canceled, running), met(running, canceled)]) expect(state).toMatchObject({ phase: "running", cancel, wakeAt: 0 });
  const ended = { ...running, phase: "ended", verdict: { outcome: "failed", exitCode: 1 } } as const;
  expect(met(ended, canceled)).toMatchObject({ kind: "theirs", isKept: false, state: { phase: "ended", cancel, wakeAt: T0 } });
  expect(met({ ...ended, phase: "collected", result: result("failed") }, canceled)).toMatchObject({ isKept: true });
  expect(met({ ...running, attempt: 2 }, canceled).state.cancel).toBeUndefined();
});

describe("a job that was canceled by who knew of no group", () => {
  const over = { phase: "done", verdict: { outcome: "canceled", reason: "enough" }, cancel: { reason: "enough" } } as const;
  const canceled = { attempt: 2, ...over, earlier, result: result("canceled", "done", earlier) } as const;

  it("leaves a group to be deleted, also one whose create had no answer, and what was before it", () => {
    for (const ours of [{ phase: "provisioning", marks }, { phase: "creating", isUncertain: true }] as const) {
      expect(met(canceled, { ...ours, attempt: 2 })).toMatchObject({ kind: "left", isKept: false, state: { phase: "collected", earlier, result: { outcome: "canceled", cleanup: "pending" } } });
      expect(met({ ...canceled, earlier: undefined, result: result("canceled", "done") }, { ...ours, attempt: 2, earlier }).state).toMatchObject({ earlier, result: { earlierAttempts: earlier } });
    }
  });

  it("is no job whose group was seen to go, whoever has kept his word first, and how far he is", () => {
    const refused = { ...over, phase: "collected", marks: { intendedAt: 0, createAt: 1, endedAt: 2, goneAt: 2 }, result: result("canceled") } as const;
    const told = { ...refused, phase: "done", result: result("canceled", "done") } as const;
    for (const one of [refused, told]) {
      expect(met(one, { phase: "running", marks })).toMatchObject({ kind: "left", state: { marks: { acceptedAt: 2 }, result: { cleanup: "pending" } } });
      expect(met({ phase: "running", marks }, one)).toMatchObject({ kind: "left", state: { phase: "collected", marks: { acceptedAt: 2 }, result: { outcome: "canceled", cleanup: "pending" } } });
      const ended = met({ phase: "collected", marks, verdict: { outcome: "succeeded" }, result: result("succeeded") }, one);
      expect(ended).toMatchObject({ kind: "theirs", state: { result: { outcome: "succeeded" } } });
      expect(ended.state.marks.goneAt).toBeUndefined();
    }
  });

  it("has the logs that were read of that group, and says of the others that they were not", () => {
    const told = { ...over, marks: { intendedAt: 0, goneAt: 3 }, result: result("canceled", "done") } as const;
    const snapshot = { containers: [{ containerName: "main" }], initContainers: [{ containerName: "init" }] } as unknown as NonNullable<MachineState["snapshot"]>;
    const logs = { init: { tail: "ready", isTruncated: false } } as const;
    const logsOf = (ours: Partial<MachineState>): MachineState["logs"] => met(told, { marks, snapshot, logs, ...ours }).state.logs;
    expect(logsOf({ phase: "running" })).toEqual({ init: { tail: "ready", isTruncated: true, isEndMissing: true }, main: { tail: "", isTruncated: "unknown" } });
    expect(logsOf({ phase: "ended", unread: ["main"] })).toEqual({ ...logs, main: { tail: "", isTruncated: "unknown" } });
    expect(logsOf({ phase: "collected", result: result("failed") })).toEqual(logs);
    expect(logsOf({ phase: "deleting", retry: { location: "westeurope", delayInMs: 1 } })).toEqual(logs);
  });

  it("leaves a create that is on its way to be looked for, but none that was looked for since", () => {
    const sending = { phase: "creating", pending: { kind: "create" }, marks: { intendedAt: 0, createAt: 1 } } as const;
    const told = { ...over, marks: { intendedAt: 0, goneAt: 3 }, result: result("canceled", "done") } as const;
    expect(met(told, sending)).toMatchObject({ kind: "left", state: { isUncertain: true } });
    expect(met({ ...told, marks: { intendedAt: 0, deleteAt: 2, goneAt: 3 } }, sending)).toMatchObject({ kind: "theirs", isKept: true });
  });

  it("is told so, while another attempt goes on", () => {
    expect(met({ attempt: 3, phase: "running", marks }, canceled)).toMatchObject({ kind: "apart", isKept: true, state: { attempt: 2 } });
  });
});

describe("a call that was not run", () => {
  const notRun = { phase: "done", marks: { intendedAt: 0, endedAt: 5, goneAt: 5 }, result: result("notRun", "done") } as const;

  it("says so of its own intent", () => {
    expect(met(notRun, { phase: "intended" })).toMatchObject({ kind: "theirs", isKept: true });
    expect(met({ phase: "intended" }, notRun)).toMatchObject({ kind: "ours" });
  });

  it("and of no other's, nor of what has been begun", () => {
    expect(met(notRun, { phase: "intended", marks: { intendedAt: 1 } }).kind).toBe("ours");
    expect(met({ ...notRun, attempt: 2 }, { attempt: 2, phase: "intended", earlier }).kind).toBe("ours");
    expect(met(notRun, { phase: "creating", marks: { intendedAt: 0, createAt: 1 } }).kind).toBe("ours");
    expect(met({ phase: "creating", marks: { intendedAt: 0, createAt: 1 } }, notRun).kind).toBe("theirs");
    expect(met({ phase: "collected", isUncertain: true, verdict: { outcome: "lost" }, result: result("lost") }, notRun)).toMatchObject({ kind: "theirs", state: { isUncertain: true } });
    expect(met({ attempt: 2, phase: "intended", earlier }, { ...notRun, attempt: 2 }).kind).toBe("theirs");
  });
});

describe("a group of one attempt", () => {
  const running = { attempt: 1, phase: "running", marks } as const;
  const refused = { attempt: 2, phase: "done", verdict: { outcome: "neverStarted" }, marks: { intendedAt: 0, createAt: 1, goneAt: 2 }, result: result("neverStarted", "done") } as const;

  it("is not left for an end of another that had none, which did not follow on it", () => {
    expect(met(refused, running)).toMatchObject({ kind: "ours", state: { attempt: 1 } });
    expect(met(running, refused)).toMatchObject({ kind: "theirs", state: { attempt: 1 } });
    expect(met(refused, { ...running, marks: { intendedAt: 0, createAt: 1 }, isUncertain: true }).state.attempt).toBe(1);
    expect(met({ ...refused, earlier }, { ...running, marks: { intendedAt: 0 } }).state.attempt).toBe(2);
  });
});

it("knows what is kept already, and that more is known than that", () => {
  const running = { phase: "running", marks } as const;
  expect(met(running, running)).toMatchObject({ kind: "ours", isKept: true });
  expect(met({ attempt: 2 }, { attempt: 2, earlier })).toMatchObject({ kind: "ours", isKept: false });
  expect(met({ phase: "creating" }, { phase: "creating", isUncertain: true })).toMatchObject({ kind: "ours", isKept: false });
  expect(met({ phase: "provisioning", marks }, running)).toMatchObject({ kind: "ours", isKept: false });
  expect(met({ attempt: 2, phase: "intended", earlier }, { attempt: 2, ...running })).toMatchObject({ kind: "ours", isKept: false, state: { earlier } });
});
