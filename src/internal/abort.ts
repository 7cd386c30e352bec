import { setMaxListeners } from "node:events";

// Calls `abort` once the signal is aborted, until the function that it answers is called. One signal may well stop a thousand
// jobs, so that Node is not to take more than ten listeners for a leak; a signal of another make has no such limit.
export function onAbort(signal: AbortSignal, abort: () => void): () => void {
  if (signal instanceof EventTarget) setMaxListeners(0, signal);
  signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}

/** One signal that is aborted with the first of several, with its reason; the function that lets go of them; and one that aborts it. */
export function link(...signals: readonly (AbortSignal | undefined)[]): [signal: AbortSignal, release: () => void, abort: (reason: unknown) => void] {
  const controller = new AbortController();
  const releases = signals.flatMap((signal) => {
    if (signal === undefined) return [];
    const abort = (): void => controller.abort(signal.reason);
    if (signal.aborted) abort();
    return [onAbort(signal, abort)];
  });
  return [controller.signal, () => releases.forEach((release) => release()), (reason) => controller.abort(reason)];
}

/**
 * One signal that is linked to others for as long as the same ones count. A signal that stops thousands of jobs is the slower to
 * listen to the more of them do, so that it is not to be done at every step.
 */
export class Links {
  #signals: readonly (AbortSignal | undefined)[] = [];
  #linked: AbortSignal | undefined;
  #release = (): void => undefined;

  to(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
    if (this.#linked !== undefined && signals.length === this.#signals.length && signals.every((signal, index) => signal === this.#signals[index])) return this.#linked;
    this.#release();
    const [linked, release] = link(...signals);
    [this.#signals, this.#linked, this.#release] = [signals, linked, release];
    return linked;
  }

  release(): void {
    this.#release();
    [this.#linked, this.#release] = [undefined, (): void => undefined];
  }
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
