import type { CompletionStrategy, JobView, LookView, NextCheck, Preparation } from "../completion-strategy.js";
import { link, OVER, untilAborted } from "../internal/abort.js";
import { alarm, type Clock } from "../internal/clock.js";
import type { Signal } from "../signal.js";
import { longestPauseOf, SCHEDULE_IN_MS } from "./longest-pause.js";
import { poll } from "./poll.js";

// What somebody else has written may throw, hang or answer nonsense. Whatever it does, a job is looked at in time.
const ANSWERS_WITHIN_IN_MS = 10_000;
const SHORTEST_GAP_IN_MS = 100;

const frugal = poll({ pace: "frugal" });

// When to look next, by a strategy as far as it makes sense, else at the pace `frugal`.
export function nextCheckOf(strategy: CompletionStrategy, view: LookView): NextCheck {
  const check = sensible(() => strategy.nextCheck?.(view)) ?? frugal.nextCheck?.(view) ?? { earliestInMs: SCHEDULE_IN_MS };
  const unseen = view.unseenForInMs;
  const earliestInMs = Math.max(SHORTEST_GAP_IN_MS - unseen, 0, Math.min(check.earliestInMs, longestPauseOf(strategy) - unseen));
  return { earliestInMs, latestInMs: numberOr(check.latestInMs, undefined), urgency: (gapInMs) => urgencyOf(check, gapInMs) };
}

function urgencyOf({ urgency }: NextCheck, unseenForInMs: number): number {
  try {
    return numberOr(urgency?.(unseenForInMs), unseenForInMs);
  } catch {
    return unseenForInMs;
  }
}

function numberOr<T>(value: number | undefined, other: T): number | T {
  return typeof value === "number" && Number.isFinite(value) ? value : other;
}

function sensible(ask: () => NextCheck | undefined): NextCheck | undefined {
  try {
    const check = ask();
    return typeof check?.earliestInMs === "number" && check.earliestInMs >= 0 && Number.isFinite(check.earliestInMs) ? check : undefined;
  } catch {
    return undefined;
  }
}

// What a strategy puts into the container. Rejects where it cannot say so in time.
export function prepareBy(strategy: CompletionStrategy, job: JobView, clock: Clock): Promise<Preparation> {
  return within(clock, ANSWERS_WITHIN_IN_MS, async () => (await strategy.prepare?.(job)) ?? {});
}

// The signals of a strategy about a group. Rejects where it does not keep to its time.
export async function receiveBy(strategy: CompletionStrategy, job: JobView, { waitInMs, abortSignal, clock }: { readonly waitInMs: number; readonly abortSignal: AbortSignal; readonly clock: Clock }): Promise<readonly Signal[]> {
  const [signal, release, abort] = link(abortSignal);
  try {
    const signals: unknown = await within(clock, waitInMs + ANSWERS_WITHIN_IN_MS, async () => strategy.receive?.(job, { waitInMs, abortSignal: signal }), signal);
    return Array.isArray(signals) ? (signals as readonly unknown[]).filter((one) => isSignalOf(one, job)) : [];
  } finally {
    // Whatever it still waits for, nobody waits with it.
    abort(OVER);
    release();
  }
}

// Tells a strategy what it need not give again.
export function acknowledgeBy(strategy: CompletionStrategy, job: JobView, signals: readonly Signal[], clock: Clock): Promise<void> {
  return within(clock, ANSWERS_WITHIN_IN_MS, async () => strategy.acknowledge?.(job, signals));
}

// Leaves a signal for whoever waits. Rejects where the strategy does not answer in time.
export function sendBy(strategy: CompletionStrategy, signal: Signal, clock: Clock): Promise<void> {
  return within(clock, ANSWERS_WITHIN_IN_MS, async () => strategy.send?.(signal));
}

function isSignalOf(value: unknown, { groupName }: JobView): value is Signal {
  const signal = (value ?? {}) as Partial<Signal>;
  return typeof signal.id === "string" && signal.groupName === groupName && typeof signal.kind === "string";
}

// What comes of some work, if it comes in time. What comes after that is nobody's any more.
export async function within<T>(clock: Clock, ms: number, work: () => Promise<T>, abortSignal?: AbortSignal): Promise<T> {
  const working = work();
  working.catch(() => undefined);
  abortSignal?.throwIfAborted();
  let disarm = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    disarm = alarm(clock, ms, () => reject(new Error(`no answer came within ${ms} ms`)), reject);
  });
  try {
    return await untilAborted(Promise.race([working, late]), abortSignal);
  } finally {
    disarm();
  }
}
