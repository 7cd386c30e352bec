import pRetry from "p-retry";
import { isAciError } from "../errors.js";
import type { Clock } from "../internal/clock.js";
import { randomFraction } from "../internal/random.js";
import { expectSignal } from "../lifecycle/expect.js";
import { backoffInMs } from "../lifecycle/faults/backoff.js";

const TRIES = 4;
// Who is told to wait longer gets the error, and may have better to do.
const LONGEST_PAUSE_IN_MS = 60_000;

// Sends an idempotent request again after a passing fault, as the service asks or with growing pauses. For primitives
// only: a job has the machine, which counts its tries itself.
export async function retry<T>(clock: Clock, request: () => Promise<T>, abortSignal: AbortSignal | undefined): Promise<T> {
  expectSignal("abortSignal", abortSignal);
  abortSignal?.throwIfAborted();
  return pRetry(request, {
    retries: TRIES - 1,
    // The pauses are taken by the client's own clock, below.
    minTimeout: 0,
    ...(abortSignal === undefined ? {} : { signal: abortSignal }),
    shouldRetry: async ({ error, retriesConsumed }) => {
      const pause = pauseAfter(error, retriesConsumed);
      if (pause === undefined) return false;
      await clock.sleep(pause, abortSignal);
      return true;
    },
  });
}

function pauseAfter(error: Error, tries: number): number | undefined {
  if (!isAciError(error) || !error.isRetryable) return undefined;
  const pause = error.retryAfterInMs ?? backoffInMs(tries, randomFraction());
  return pause > LONGEST_PAUSE_IN_MS ? undefined : pause;
}
