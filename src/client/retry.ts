import pRetry from "p-retry";
import { isAciError } from "../errors.js";

const TRIES = 4;

// Sends an idempotent request again after a passing fault, as the service asks or with growing pauses. For primitives
// only: a job has the machine, which counts its tries itself.
export async function retry<T>(request: () => Promise<T>, abortSignal: AbortSignal | undefined): Promise<T> {
  abortSignal?.throwIfAborted();
  return pRetry(request, {
    retries: TRIES - 1,
    minTimeout: 500,
    maxTimeout: 8000,
    randomize: true,
    ...(abortSignal === undefined ? {} : { signal: abortSignal }),
    shouldRetry: ({ error }) => isAciError(error) && error.isRetryable,
  });
}
