import type { CompletionStrategy, EarlierRun, LookView, NextCheck } from "../completion-strategy.js";
import { expectKeys, expectPositive, fail } from "../lifecycle/expect.js";
import { nextLook, REQUEST_IS_WORTH_IN_S, type Pace } from "../lifecycle/schedule/next-look.js";
import { afterHint } from "./after-hint.js";
import { SCHEDULE_IN_MS } from "./longest-pause.js";
import type { RunHistory } from "./run-history.js";

/** Options of {@link poll}. @public */
export interface PollOptions {
  /**
   * What a request may cost in delay: how many seconds of not knowing that a job has ended one look is worth. `fast` 0.02,
   * `balanced` 0.06, `frugal` 0.25. Four times as much halves the looks and doubles the delay.
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
    longestPauseInMs: SCHEDULE_IN_MS,
    nextCheck: (view) => sooner(bySchedule(view, { pace: pace ?? "balanced", expectedDurationInMs, history }), afterHint(view)),
    ...(history !== undefined && { learn: (job, run) => history.add(job.kind, run) }),
  });
}

function checkOptions(options: PollOptions): void {
  expectKeys("options", options, FIELDS);
  const { pace, expectedDurationInMs, history } = options;
  if (pace !== undefined && !Object.hasOwn(REQUEST_IS_WORTH_IN_S, pace)) fail("pace", `one of ${Object.keys(REQUEST_IS_WORTH_IN_S).join(", ")}`, pace, typeof pace === "string" ? "range" : "type");
  expectPositive("expectedDurationInMs", expectedDurationInMs);
  // By its methods: it may be of another copy of this package.
  if (history !== undefined && !isHistory(history)) fail("history", "a RunHistory", history, "type");
}

function isHistory(value: unknown): boolean {
  const { add, of } = (value ?? {}) as { readonly add?: unknown; readonly of?: unknown };
  return typeof add === "function" && typeof of === "function";
}

function bySchedule(view: LookView, { pace, expectedDurationInMs, history }: PollOptions & { readonly pace: Pace }): NextCheck {
  const { phase, acceptedForInMs, runningForInMs = 0, unseenForInMs } = view;
  // As it was decided at the last look: a signal that says nothing of an end changes nothing.
  const ageInMs = (phase === "starting" ? acceptedForInMs : runningForInMs) - unseenForInMs;
  const { inMs, unseen } = nextLook({ phase, ageInMs, earlierRuns: runsOf(view, history), expectedDurationInMs, pace });
  const earliestInMs = Math.max(0, inMs - unseenForInMs);
  return { earliestInMs, urgency: unseen };
}

// Both may have seen the same runs: the one that has seen more counts.
function runsOf({ job, earlierRuns }: LookView, history: RunHistory | undefined): readonly EarlierRun[] {
  const known = history?.of(job.kind) ?? [];
  return known.length > earlierRuns.length ? known : earlierRuns;
}

function sooner(one: NextCheck, other: NextCheck | undefined): NextCheck {
  return other !== undefined && other.earliestInMs < one.earliestInMs ? other : one;
}
