import type { ReportedAttempt } from "./reported-job.js";

/** What a job spends its time with, in this order. */
export const PHASES = ["waited", "provisioned", "pulled", "ran", "noticed", "cleanedUp"] as const;

export type Phase = (typeof PHASES)[number];

/** How long each phase of an attempt took, one after the other from a time on. */
export interface Spans {
  readonly fromAt: number;
  readonly inMs: Readonly<Partial<Record<Phase, number>>>;
  /** The phase that is not over. */
  readonly now?: Phase | undefined;
}

type Time = number | undefined;

// When each phase began; unknown for those that did not happen or could not be seen.
function beginnings(attempt: ReportedAttempt): readonly Time[] {
  const { fromAt, acceptedAt, endedAt, isFound, timings = {} } = attempt;
  const { pulledInMs, ranInMs, noticedInMs = 0 } = timings;
  // The service's clock may differ from ours: what it tells is laid end to end, back from when we knew.
  const finishedAt = ranInMs === undefined ? undefined : before(endedAt, noticedInMs);
  const startedAt = before(finishedAt, ranInMs) ?? attempt.startedAt;
  const told = [before(startedAt, pulledInMs), startedAt, finishedAt];
  // A group that was asked for here did nothing before it was accepted, whatever the other clock says.
  const earliest = isFound === true || acceptedAt === undefined ? -Infinity : acceptedAt;
  return [fromAt, acceptedAt, ...told.map((at) => (at === undefined ? undefined : Math.max(at, earliest))), endedAt];
}

function before(at: Time, ms: number | undefined): Time {
  return at === undefined || ms === undefined ? undefined : at - ms;
}

/** The phases of an attempt, the last one up to `now` if it is not over. */
export function spansOf(attempt: ReportedAttempt, now: number): Spans {
  const begins = [...beginnings(attempt)];
  const endsAt = attempt.overAt ?? now;
  const inMs: Partial<Record<Phase, number>> = {};
  let [until, fromAt] = [endsAt, endsAt];
  let last: Phase | undefined;
  // From the end on, so that none begins after the next one: one that was adopted had started before it was taken up.
  for (let at = PHASES.length - 1; at >= 0; at--) {
    const begin = begins[at];
    if (begin === undefined) continue;
    const phase = PHASES[at] as Phase;
    last ??= phase;
    fromAt = Math.min(begin, until);
    inMs[phase] = until - fromAt;
    until = fromAt;
  }
  return { fromAt, inMs, ...(attempt.overAt === undefined && { now: last }) };
}
