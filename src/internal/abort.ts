/** Why a signal of our own ends what nobody waits for any more. One for all: an error costs more than the rest of an abort. */
export const OVER = new DOMException("Nobody waits for this any more", "AbortError");

// Who is to be told when a signal is aborted. A signal may stop ten thousand jobs, and Node looks through all of its listeners for
// each that is added, and takes more than ten of them for a leak.
class Hub {
  readonly #signal: AbortSignal;
  readonly #callbacks = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#tell, { once: true });
  }

  add(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => {
      if (this.#callbacks.delete(callback) && this.#callbacks.size === 0) this.#close();
    };
  }

  readonly #tell = (): void => {
    const callbacks = [...this.#callbacks];
    this.#callbacks.clear();
    hubs.delete(this.#signal);
    for (const callback of callbacks) callback();
  };

  #close(): void {
    hubs.delete(this.#signal);
    this.#signal.removeEventListener("abort", this.#tell);
  }
}

const hubs = new WeakMap<AbortSignal, Hub>();

// Calls `abort` once the signal is aborted, until the function that it answers is called.
export function onAbort(signal: AbortSignal, abort: () => void): () => void {
  let hub = hubs.get(signal);
  if (hub === undefined) hubs.set(signal, (hub = new Hub(signal)));
  return hub.add(abort);
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
