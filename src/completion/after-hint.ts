import type { LookView, NextCheck } from "../completion-strategy.js";

// A container that has told of its end is about to exit, and Azure shows that a while later: how long after the signal the
// looks come. What was never true stays so, and the usual pace goes on. The first is so late that Docker nearly always shows
// the end by then, as a look too early is a request for nothing, and within 250 milliseconds.
const LOOKS_AT_IN_MS = [225, 500, 1000, 1800, 3200, 5000, 7500, 11_000, 16_000, 23_000] as const;
const URGENT = 1_000_000;

// When to look after a signal that something has happened, while it is not to be seen. Times that have passed without a look are
// not made up for: one look shows as much as ten.
export function afterHint({ signals, unseenForInMs }: LookView): NextCheck | undefined {
  const [newest] = [signals.ended, signals.changed].filter((hint) => hint !== undefined).sort((a, b) => a.agoInMs - b.agoInMs);
  if (newest === undefined) return undefined;
  const { agoInMs, looksSince } = newest;
  // Counted, too: a signal may be of a clock that is ahead, by which no time passes.
  const at = LOOKS_AT_IN_MS.find((one, index) => index >= looksSince && one > agoInMs - unseenForInMs);
  if (at === undefined) return undefined;
  const earliestInMs = Math.max(0, at - agoInMs);
  return { earliestInMs, latestInMs: earliestInMs + 1000, urgency: () => URGENT };
}
