import type { LifecycleEvent } from "../../lifecycle-event.js";
import { backoffInMs, fractionOf } from "../../lifecycle/faults/backoff.js";
import type { Fault } from "../../lifecycle/faults/classify-fault.js";
import { deadlineOf } from "./deadlines.js";
import type { Plan } from "./plan.js";
import type { MachineState, Marks, Move, Observation, Request } from "./state.js";

// What a phase decides with.
export interface Turn {
  readonly plan: Plan;
  readonly state: MachineState;
  readonly now: number;
  /** How far Azure's clock is behind ours. */
  readonly behindInMs: number;
}

// When something was that Azure tells of, by our clock.
export function timeOf({ behindInMs }: Pick<Turn, "behindInMs">, told: string | undefined): number {
  return Date.parse(told ?? "") + behindInMs;
}

// An event without what all events have in common.
type Told = LifecycleEvent extends infer E ? (E extends LifecycleEvent ? Omit<E, "key" | "groupName" | "attempt" | "at"> : never) : never;

// What is noted when the group is seen to be gone.
export function goneNow({ now, behindInMs }: Pick<Turn, "now" | "behindInMs">): Pick<Marks, "goneAt" | "billedUntil"> {
  return { goneAt: now, billedUntil: now - behindInMs };
}

// Asks for something now.
export function ask(state: MachineState, request: Request, ...told: readonly LifecycleEvent[]): Move {
  return { state: { ...state, pending: request, wakeAt: 0 }, next: request, events: told };
}

// Asks for something in a while.
export function askLater({ state, now }: Turn, ms: number, request: Request, ...told: readonly LifecycleEvent[]): Move {
  const until = now + ms;
  return { state: { ...state, pending: request, wakeAt: until }, next: { kind: "wait", until }, events: told };
}

// Asks again after a fault, when the service said, or with growing pauses; but not beyond the deadline of the phase.
export function askAgain(turn: Turn, seen: Observation & { kind: "fault" }, request: Request): Move {
  const { plan, state } = turn;
  const own = seen.fault.retryAfterInMs ?? backoffInMs(state.tries, fractionOf(`${plan.key}/${state.attempt}/${state.tries}`));
  const asked = Math.max(own, seen.turnInMs ?? 0);
  const left = deadlineOf(plan, state) - turn.now;
  const pause = left > 0 ? Math.min(left, asked) : asked;
  const next = { ...turn, state: { ...state, tries: state.tries + 1, lastFault: seen.error, withoutTokenSince: seen.fault.isWithoutToken && (state.withoutTokenSince ?? turn.now) } };
  return askLater(next, pause, request, faultEvent(turn, seen, pause));
}

// What another process knows of a job, for one that was told when it may ask again: it asks then and not before, whatever it
// hears meanwhile; but it waits for no longer than until the next deadline.
export function withPauseOf({ plan, state: ours, now }: Turn, theirs: MachineState): MachineState {
  const isPaused = ours.tries > 0 && ours.wakeAt > now;
  // Once an end is saved the clean-up of what may be there begins with a look.
  const isOver = theirs.phase === "collected" && theirs.marks.goneAt === undefined;
  if (!isPaused || !(isOver || theirs.pending.kind === "look" || theirs.pending.kind === "list")) return theirs;
  const until = isOver ? now + plan.limits.cleanupTimeoutInMs : deadlineOf(plan, theirs);
  return { ...theirs, tries: Math.max(1, theirs.tries), wakeAt: Math.min(ours.wakeAt, until) };
}

// Who has never had a token after so many tries and this time has as a rule no login, and would wait in vain.
const TRIES_WITHOUT_TOKEN = 3;
const WITHOUT_TOKEN_FOR_IN_MS = 30_000;

// Whether another try is in vain, as nobody seems to be logged in. Of what was taken up, a process that was may have sent something.
export function isWithoutLogin({ plan, state, now }: Turn, { isWithoutToken }: Fault): boolean {
  const { tries, withoutTokenSince = Infinity } = state;
  return isWithoutToken === true && !plan.isTakenUp && tries >= TRIES_WITHOUT_TOKEN && now >= withoutTokenSince + WITHOUT_TOKEN_FOR_IN_MS;
}

// So many tries in a row may fail although their time is over, from the first of them on within this time: what they would
// show may be the true end of the job, and meanwhile its group may cost money.
export const LATE_TRIES = 6;
const LATE_FOR_IN_MS = 5 * 60_000;

// Whether a look is worth another try although its time is over.
export function isWorthATry({ state, now }: Turn, seen: Observation & { kind: "fault" }): boolean {
  return state.tries < LATE_TRIES && now + waitOf(seen) <= (state.marks.lateAt ?? now) + LATE_FOR_IN_MS;
}

// How long another try has to wait for the service, or for its turn.
export function waitOf({ fault, turnInMs = 0 }: Observation & { kind: "fault" }): number {
  return Math.max(fault.retryAfterInMs ?? 0, turnInMs);
}

// Notes since when looks have failed whose time is over.
export function markLate(turn: Turn, isLate: boolean): Turn {
  const { marks } = turn.state;
  return isLate && marks.lateAt === undefined ? withState(turn, { marks: { ...marks, lateAt: turn.now } }) : turn;
}

// Says that a request failed and what is made of it.
export function faultEvent(turn: Turn, seen: Observation & { kind: "fault" }, retryInMs?: number): LifecycleEvent {
  return tell(turn, { type: "jobFault", request: turn.state.pending.kind, kind: seen.fault.kind, text: seen.error.text, retryInMs });
}

// Makes an event of this job.
export function tell({ plan, state, now }: Turn, event: Told): LifecycleEvent {
  return { ...event, key: plan.key, groupName: state.groupName, attempt: state.attempt, at: new Date(now).toISOString() };
}

// The same turn with another state.
export function withState(turn: Turn, patch: Partial<MachineState>): Turn {
  return { ...turn, state: { ...turn.state, ...patch } };
}
