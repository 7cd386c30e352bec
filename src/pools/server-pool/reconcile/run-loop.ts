import type { Clock } from "../../../internal/clock.js";
import { expectFields, expectFunction, expectGivenSignal, expectPositive } from "../../../lifecycle/expect.js";
import { tellListener } from "../../../lifecycle/tell-listener.js";
import type { ReconcileReport } from "./reconcile-report.js";

/** Options of {@link ServerPool.run}. @public */
export interface PoolRunLoopOptions {
  /** From the end of a reconcile to the next. @defaultValue `15_000` */
  readonly intervalInMs?: number | undefined;
  /** Ends the loop. Servers are left as they are. */
  readonly abortSignal: AbortSignal;
  /** Told what each reconcile did. What it throws, or rejects with, is ignored. */
  readonly onReport?: ((report: ReconcileReport) => void) | undefined;
  /** Told of a reconcile that failed; the loop goes on. @defaultValue a warning of the process */
  readonly onError?: ((error: unknown) => void) | undefined;
}

// Throws a TypeError or RangeError for an option that cannot be right.
export function checkLoopOptions(options: PoolRunLoopOptions): void {
  expectFields("options", options, ["intervalInMs", "abortSignal", "onReport", "onError"]);
  expectPositive("intervalInMs", options.intervalInMs);
  expectGivenSignal("abortSignal", options.abortSignal);
  expectFunction("onReport", options.onReport);
  expectFunction("onError", options.onError);
}

// Reconciles until it is aborted. Whatever a reconcile fails with, the next comes after a pause: without one it would go round
// for ever and let nothing else of the process have a turn, not even what aborts it. So who cannot pause ends.
export async function runLoop(reconcile: (abortSignal: AbortSignal) => Promise<ReconcileReport>, clock: Clock, options: PoolRunLoopOptions): Promise<void> {
  const { intervalInMs = 15_000, abortSignal, onReport, onError = warn } = options;
  while (!abortSignal.aborted) {
    try {
      tellListener(onReport, await reconcile(abortSignal));
    } catch (error) {
      if (!isAborted(abortSignal)) tellListener(onError, error);
    }
    await clock.sleep(intervalInMs, abortSignal).catch((error: unknown) => {
      if (!isAborted(abortSignal)) throw error;
    });
  }
}

// A function, because the compiler takes the signal for one that does not change.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)));
}
