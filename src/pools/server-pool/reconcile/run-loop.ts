import type { Clock } from "../../../internal/clock.js";
import type { ReconcileReport } from "./reconcile-report.js";

/** Options of {@link ServerPool.run}. @public */
export interface PoolRunLoopOptions {
  /** From the end of a reconcile to the next. @defaultValue `15_000` */
  readonly intervalInMs?: number | undefined;
  /** Ends the loop. Servers are left as they are. */
  readonly abortSignal: AbortSignal;
  /** Told what each reconcile did. */
  readonly onReport?: ((report: ReconcileReport) => void) | undefined;
  /** Told of a reconcile that failed; the loop goes on. @defaultValue a warning of the process */
  readonly onError?: ((error: unknown) => void) | undefined;
}

// Reconciles until it is aborted.
export async function runLoop(reconcile: (abortSignal: AbortSignal) => Promise<ReconcileReport>, clock: Clock, options: PoolRunLoopOptions): Promise<void> {
  const { intervalInMs = 15_000, abortSignal, onReport, onError = warn } = options;
  while (!abortSignal.aborted) {
    try {
      const report = await reconcile(abortSignal);
      onReport?.(report);
    } catch (error) {
      if (!isAborted(abortSignal)) onError(error);
    }
    await clock.sleep(intervalInMs, abortSignal).catch(() => undefined);
  }
}

// A function, because the compiler takes the signal for one that does not change.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)));
}
