import type { NextCheck } from "../../completion-strategy.js";
import type { Signal } from "../../signal.js";
import type { Turn as LookTurn } from "../../gateway.js";
import type { WatchView } from "./plan.js";
import { lookDeadline } from "./deadlines.js";
import { askLater, withState, type Turn } from "./moves.js";
import type { HeardSignal, MachineState, Move, Observation } from "./state.js";

// Output that somebody reads while it grows is read at least this often.
const STREAMING_GAP_IN_MS = 10_000;
// Whoever tells of an end again and again is believed once in this time, so that no sender makes us look all the time.
const HINT_AGAIN_IN_MS = 30_000;
const HINTS: readonly Signal["kind"][] = ["ended", "changed"];

// The pause until the next look at the group, as the completion strategy has it; but not beyond a deadline.
export function nextLook(turn: Turn, leastInMs = 0): Move {
  const { plan, state, now } = turn;
  const { earliestInMs } = plan.nextCheck(viewOf(turn));
  const hasStarted = state.marks.startedAt !== undefined || state.heard?.started !== undefined;
  const gap = plan.isStreaming && hasStarted ? Math.min(earliestInMs, STREAMING_GAP_IN_MS) : earliestInMs;
  return askLater(turn, Math.max(leastInMs, Math.min(gap, lookDeadline(plan, state) - now)), { kind: "look" });
}

// How a look waits for its turn where requests are short: the more it is likely to show by then, the sooner. No longer than to
// the next deadline; and not at all where it looks for what may be gone or has failed.
export function turnOf(turn: Turn): LookTurn | undefined {
  const { plan, state, now: since } = turn;
  if (!isWatching(state)) return undefined;
  const view = viewOf(turn);
  // Asked only where the look has to wait.
  let asked: NextCheck | undefined;
  const check = (): NextCheck => (asked ??= plan.nextCheck(view));
  return {
    urgency(now) {
      const { urgency = (unseenForInMs: number): number => unseenForInMs } = check();
      return urgency(view.unseenForInMs + now - since);
    },
    get latest() {
      const { earliestInMs, latestInMs = Infinity } = check();
      return Math.min(lookDeadline(plan, state), since + Math.max(0, latestInMs - earliestInMs));
    },
  };
}

function isWatching({ phase, pending, tries, misses }: MachineState): boolean {
  return ["provisioning", "running"].includes(phase) && pending.kind === "look" && tries === 0 && misses === 0;
}

// Notes that the group was looked at.
export function looked(turn: Turn): Turn {
  const { state } = turn;
  const heard = Object.fromEntries(Object.entries(state.heard ?? {}).map(([kind, signal]) => [kind, { ...signal, looks: signal.looks + 1 }]));
  return withState(turn, { looks: state.looks + 1, ...(state.heard && { heard }) });
}

// Takes note of signals about the group of this attempt, and looks when the strategy now wants it. A signal decides nothing. A
// look that is tried again after a fault has its own time, which the service may have given.
export function hear(turn: Turn, { signals }: Observation & { kind: "signals" }): Turn {
  const { state, now } = turn;
  // Its time counts from the first start that was told and that no look has refuted since; another is a sign of life.
  const isStartTold = (state.heard?.started?.at ?? -Infinity) > (state.marks.waitingAt ?? -Infinity);
  const kinds = signals.filter(({ groupName }) => groupName === state.groupName).map(({ kind }) => (kind === "started" && isStartTold ? "alive" : kind));
  const news = kinds.filter((kind) => isNews(turn, kind)).map((kind): [string, HeardSignal] => [kind, { at: now, looks: 0 }]);
  if (news.length === 0) return turn;
  const heard = withState(turn, { heard: { ...state.heard, ...Object.fromEntries(news) } });
  return isWatching(state) ? withState(heard, { wakeAt: nextLook(heard).state.wakeAt }) : heard;
}

function isNews({ state, now }: Turn, kind: Signal["kind"]): boolean {
  const before = state.heard?.[kind];
  return before === undefined || !HINTS.includes(kind) || now - before.at >= HINT_AGAIN_IN_MS;
}

function viewOf({ state, now }: Turn): WatchView {
  const { marks, looks, heard } = state;
  // Of a group that was found it is not known; it was there when it was first looked for.
  const acceptedAt = Number(marks.acceptedAt ?? marks.createAt);
  return {
    phase: marks.startedAt === undefined ? "starting" : "running",
    acceptedForInMs: Math.max(0, now - acceptedAt),
    runningForInMs: marks.startedAt === undefined ? undefined : Math.max(0, now - marks.startedAt),
    unseenForInMs: Math.max(0, now - (marks.lookedAt ?? acceptedAt)),
    looks,
    signals: signalsOf(heard, now),
  };
}

function signalsOf(heard: MachineState["heard"], now: number): WatchView["signals"] {
  return Object.fromEntries(Object.entries(heard ?? {}).map(([kind, { at, looks }]) => [kind, { agoInMs: Math.max(0, now - at), looksSince: looks }]));
}
