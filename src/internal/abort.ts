import { setMaxListeners } from "node:events";

// Calls `abort` once the signal is aborted, until the function that it answers is called. One signal may well stop a thousand
// jobs, so that Node is not to take more than ten listeners for a leak; a signal of another make has no such limit.
export function onAbort(signal: AbortSignal, abort: () => void): () => void {
  if (signal instanceof EventTarget) setMaxListeners(0, signal);
  signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}

/** One signal that is aborted with the first of several, with its reason, and the function that lets go of them. */
export function link(...signals: readonly (AbortSignal | undefined)[]): [AbortSignal, () => void] {
  const controller = new AbortController();
  const releases = signals.flatMap((signal) => {
    if (signal === undefined) return [];
    const abort = (): void => controller.abort(signal.reason);
    if (signal.aborted) abort();
    return [onAbort(signal, abort)];
  });
  return [controller.signal, () => releases.forEach((release) => release())];
}

/** What a promise comes to, or a rejection with the signal's reason if that is aborted before. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let release = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => (release = onAbort(signal, () => reject(signal.reason as Error))));
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    release();
  }
}
