import fc from "fast-check";
import { expect, it } from "vitest";
import type { JobAttempt, JobResult } from "../../../src/index.js";
import { begin } from "../../../src/jobs/machine/begin.js";
import { meet } from "../../../src/jobs/machine/meet.js";
import type { MachineState } from "../../../src/jobs/machine/state.js";
import { PLAN, T0 } from "./story.js";

const snapshot = { id: "id", containers: [], initContainers: [] } as unknown as MachineState["snapshot"];
const first = { attempt: 1, cost: { amount: 1 } } as unknown as JobAttempt;
const create = { intendedAt: 0, createAt: 1 };
const gone = { deleteAt: 4, goneAt: 5, billedUntil: 5 };

// How far an attempt has come, and what it ended with where it has.
const UNDER_WAY: readonly Partial<MachineState>[] = [
  { phase: "intended", marks: { intendedAt: 0 } },
  { phase: "intended", marks: { intendedAt: 9 } },
  { phase: "creating", marks: create, isSent: true },
  { phase: "creating", marks: create, isSent: true, isUncertain: true },
  { phase: "running", marks: { ...create, acceptedAt: 2 }, snapshot },
  { phase: "collected", marks: { ...create, acceptedAt: 2 }, snapshot, verdict: { outcome: "failed", exitCode: 3 }, retry: { location: "westeurope", delayInMs: 0 } },
];
const ENDS: readonly Partial<MachineState>[] = [
  ...(["succeeded", "canceled", "lost"] as const).map((outcome) => ({ marks: { ...create, acceptedAt: 2 }, snapshot, verdict: { outcome } })),
  // No group was there that could be seen to go.
  ...(["neverStarted", "canceled", "notRun"] as const).map((outcome) => ({ marks: { ...(outcome === "notRun" ? { intendedAt: 0 } : create), endedAt: 3, goneAt: 3 }, verdict: { outcome } })),
  // There may have been one.
  ...(["canceled", "lost"] as const).map((outcome) => ({ marks: create, isUncertain: true, verdict: { outcome } })),
];

function endIn(phase: "collected" | "deleting" | "done", isGone: boolean, end: Partial<MachineState>): Partial<MachineState> {
  const { outcome } = end.verdict as { outcome: string };
  const marks = { ...end.marks, ...(end.marks?.goneAt === undefined && phase !== "collected" && (isGone ? gone : { deleteAt: 4 })) } as MachineState["marks"];
  const cleanup = phase === "done" && marks.goneAt !== undefined ? "done" : "pending";
  return { ...end, phase, marks, ...(outcome === "canceled" && { cancel: { reason: "enough" } }), result: { outcome, cleanup, earlierAttempts: [], cost: { amount: 0 } } as unknown as JobResult };
}

const end = fc.tuple(fc.constantFrom("collected", "deleting", "done"), fc.boolean(), fc.constantFrom(...ENDS)).filter(([phase, , { marks }]) => phase !== "deleting" || marks?.goneAt === undefined);
const state = fc.tuple(fc.constantFrom(1, 2), fc.boolean(), fc.oneof(fc.constantFrom(...UNDER_WAY), end.map((given) => endIn(...given)))).map(([attempt, isTold, more]): MachineState => {
  const earlier = attempt === 2 && isTold && more.verdict?.outcome !== "notRun" ? [first] : undefined;
  const { result } = more;
  return { ...begin(PLAN, "westeurope", attempt, 0), ...more, earlier, result: result && { ...result, earlierAttempts: earlier ?? [] } };
});

// What a save leaves: in the store, and with who has saved.
function keep(stored: MachineState, own: MachineState): [MachineState, MachineState] {
  const { kind, state: after, isKept } = meet(stored, { state: own, now: T0, behindInMs: 0 });
  return [isKept && kind !== "ours" ? stored : after, after];
}

const hasGroup = (one: MachineState): boolean => one.marks.acceptedAt !== undefined || one.snapshot !== undefined;
const mayBeThere = (one: MachineState): boolean => (hasGroup(one) || one.isUncertain === true) && one.marks.goneAt === undefined;
const isLeft = ({ phase, result }: MachineState): boolean => phase === "done" && result?.cleanup === "done";
const hasSeenGone = (one: MachineState): boolean => one.marks.goneAt !== undefined && (hasGroup(one) || one.marks.deleteAt !== undefined);
const gistOf = (one: MachineState): object => [one.attempt, one.phase, one.earlier, one.result, mayBeThere(one), isLeft(one)];
const isApart = (stored: MachineState, own: MachineState): boolean => meet(stored, { state: own, now: T0, behindInMs: 0 }).kind === "apart";
function always(check: (stored: MachineState, own: MachineState) => void): void {
  const unlessApart = (stored: MachineState, own: MachineState): void => {
    if (!isApart(stored, own)) check(stored, own);
  };
  fc.assert(fc.property(state, state, unlessApart), { numRuns: 3000, seed: 1 });
}

it("two processes know the same once each has saved twice, whoever was first", () => {
  always((one, other) => {
    // A call that was not run speaks for itself only.
    if ([one, other].some(({ result }) => result?.outcome === "notRun") && [one, other].some(({ phase }) => phase === "intended")) return;
    let [stored, a, b] = [one, one, other];
    for (let turn = 0; turn < 2; turn++) {
      [stored, b] = keep(stored, b);
      if (isApart(stored, a)) return;
      [stored, a] = keep(stored, a);
    }
    expect(gistOf(keep(stored, b)[0])).toEqual(gistOf(stored));
    expect([gistOf(a), gistOf(b)]).toEqual([gistOf(stored), gistOf(stored)]);
  });
});

it("a result that was kept stays, but for one that others have refuted", () => {
  always((stored, own) => {
    const outcome = stored.result?.outcome;
    if (outcome === undefined || outcome === "notRun") return;
    const [kept] = keep(stored, own);
    const isRefuted = (outcome === "neverStarted" || outcome === "lost") && hasGroup(own) && own.attempt === stored.attempt;
    if (kept.attempt === stored.attempt && !isRefuted) expect(kept.result?.outcome).toBe(outcome);
    else expect(hasGroup(kept) || kept.isUncertain === true || kept.attempt > stored.attempt).toBe(true);
  });
});

it("the attempts before are known to all that either knew of", () => {
  always((stored, own) => {
    for (const after of keep(stored, own)) {
      if (after.attempt !== 2 || (stored.earlier ?? own.earlier) === undefined) continue;
      expect(after.earlier).toEqual([first]);
      if (after.result !== undefined) expect(after.result.earlierAttempts).toEqual([first]);
    }
  });
});

it("a group that may be there is not taken for gone by who has not seen it go", () => {
  always((stored, own) => {
    for (const [one, other] of [[stored, own], [own, stored]] as const) {
      if (one.attempt !== other.attempt || !mayBeThere(one) || one.phase === "done" || hasSeenGone(other)) continue;
      for (const after of keep(stored, own)) expect([isLeft(after), after.marks.goneAt, mayBeThere(after) || after.result !== undefined]).toEqual([false, undefined, true]);
    }
  });
});

it("a group that was seen to go is gone, whoever speaks of its end", () => {
  always((stored, own) => {
    const isSeenBy = (one: MachineState): boolean => hasGroup(one) && hasSeenGone(one) && one.result !== undefined;
    const isOneEnd = stored.attempt === own.attempt && hasGroup(stored) && hasGroup(own) && stored.result !== undefined && own.result !== undefined;
    if (isOneEnd && (isSeenBy(stored) || isSeenBy(own))) expect(keep(stored, own)[0].marks.goneAt).toBeDefined();
  });
});
