import type { CompletionStrategy, EarlierRun, LookView, NextCheck } from "../completion-strategy.js";
import { expectKeys, expectPositive, fail } from "../lifecycle/expect.js";
import { nextLook, REQUEST_IS_WORTH_IN_S, type Pace } from "../lifecycle/schedule/next-look.js";
import type { RunHistory } from "./run-history.js";

/** Options of {@link poll}. @public */
export interface PollOptions {
  /**
   * What a request may cost in delay: how many seconds of not knowing that a job has ended one look is worth. `fast` 0.02,
   * `balanced` 0.055, `frugal` 0.25. A quarter of it doubles the looks and halves the delay.
   *
   * @defaultValue `"balanced"`
   */
  readonly pace?: "fast" | "balanced" | "frugal" | undefined;
  /**
   * About how long the main container runs. Counts as one earlier run, until three were seen.
   *
   * @defaultValue none: a job is taken to be about as long as it has run already
   */
  readonly expectedDurationInMs?: number | undefined;
  /**
   * What earlier runs took. The strategy adds every run to it.
   *
   * @defaultValue none: what this client has seen itself
   */
  readonly history?: RunHistory | undefined;
}

const FIELDS = ["pace", "expectedDurationInMs", "history"];

// A signal is mostly ahead of what Azure shows. Pauses after it, as long as a look does not show the end.
const AFTER_SIGNAL_IN_MS = [100, 300, 700, 1500, 3000, 3000, 3000, 3000, 3000, 3000] as const;
const LATEST_AFTER_IN_MS = 30_000;
const LATEST_AFTER_SIGNAL_IN_MS = 5000;

/**
 * Looks at the group now and then. The more is known of how long such a job takes, the fewer looks it needs and the sooner
 * the end is seen: without any knowledge the pauses grow with the age of the job, from 1.6 seconds to 30; after some runs
 * of its kind they are long at first and shortest when the end is due.
 *
 * @throws TypeError or RangeError at once if an option cannot be right.
 *
 * @example
 * ```ts
 * await runContainerJob(client, spec, { completion: poll({ pace: "fast", expectedDurationInMs: 90_000 }) });
 * ```
 * @public
 */
export function poll(options: PollOptions = {}): CompletionStrategy {
  checkOptions(options);
  const { pace, expectedDurationInMs, history } = options;
  return Object.freeze<CompletionStrategy>({
    name: "poll",
    // Only what was given: `poll(parameters)` is the same strategy.
    parameters: Object.freeze({ ...(pace !== undefined && { pace }), ...(expectedDurationInMs !== undefined && { expectedDurationInMs }) }),
    nextCheck: (view) => sooner(bySchedule(view, { pace: pace ?? "balanced", expectedDurationInMs, history }), bySignal(view)),
    ...(history !== undefined && { learn: (job, run) => history.add(job.kind, run) }),
  });
}

function checkOptions(options: PollOptions): void {
  expectKeys("options", options, FIELDS);
  const { pace, expectedDurationInMs, history } = options;
  if (pace !== undefined && !Object.hasOwn(REQUEST_IS_WORTH_IN_S, pace)) fail("pace", `one of ${Object.keys(REQUEST_IS_WORTH_IN_S).join(", ")}`, pace, typeof pace === "string" ? "range" : "type");
  expectPositive("expectedDurationInMs", expectedDurationInMs);
  // By its methods: it may be of another copy of this package.
  if (history !== undefined && !isHistory(history)) fail("history", "a RunHistory", typeof history, "type");
}

function isHistory(value: unknown): boolean {
  const { add, of } = (value ?? {}) as { readonly add?: unknown; readonly of?: unknown };
  return typeof add === "function" && typeof of === "function";
}

function bySchedule(view: LookView, { pace, expectedDurationInMs, history }: PollOptions & { readonly pace: Pace }): NextCheck {
  const { phase, acceptedForInMs, runningForInMs = 0 } = view;
  const ageInMs = phase === "starting" ? acceptedForInMs : runningForInMs;
  const { inMs, unseenInMs } = nextLook({ phase, ageInMs, earlierRuns: runsOf(view, history), expectedDurationInMs, pace });
  return { earliestInMs: inMs, latestInMs: inMs + LATEST_AFTER_IN_MS, urgency: unseenInMs };
}

// Both may have seen the same runs: the one that has seen more counts.
function runsOf({ job, earlierRuns }: LookView, history: RunHistory | undefined): readonly EarlierRun[] {
  const known = history?.of(job.kind) ?? [];
  return known.length > earlierRuns.length ? known : earlierRuns;
}

// When to look because of a signal that the job has ended, or that something was done to its group.
function bySignal({ signals }: LookView): NextCheck | undefined {
  const due = [signals.ended, signals.changed].flatMap((signal) => {
    const pause = signal === undefined ? undefined : AFTER_SIGNAL_IN_MS[signal.looksSince];
    if (signal === undefined || pause === undefined) return [];
    // The first is counted from the signal itself, the others from the look just now.
    return [signal.looksSince === 0 ? Math.max(0, pause - signal.agoInMs) : pause];
  });
  if (due.length === 0) return undefined;
  const earliestInMs = Math.min(...due);
  return { earliestInMs, latestInMs: earliestInMs + LATEST_AFTER_SIGNAL_IN_MS, urgency: LATEST_AFTER_IN_MS };
}

function sooner(one: NextCheck, other: NextCheck | undefined): NextCheck {
  return other !== undefined && other.earliestInMs < one.earliestInMs ? other : one;
}
