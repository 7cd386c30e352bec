/** The pauses between looks at what may not have come yet. @public */
export interface LongPollOptions {
  /** The pause after the first look that found nothing; each is twice as long as the one before. @defaultValue `250` */
  readonly firstPauseInMs?: number | undefined;
  /** The longest pause: how late something may be seen, and how many requests a waiter costs. @defaultValue `2000` */
  readonly longestPauseInMs?: number | undefined;
}

export interface Pauses {
  readonly firstPauseInMs: number;
  readonly longestPauseInMs: number;
}

/** How long to wait, and what ends the wait. */
export interface Wait {
  readonly waitInMs: number;
  readonly abortSignal?: AbortSignal | undefined;
}

// Asks until something has come or time is up, with growing pauses, and once more at the end. Rejects with the signal's reason
// as soon as that is aborted, also where it ends a request.
export async function longPoll<T>(ask: () => Promise<readonly T[]>, { waitInMs, abortSignal }: Wait, { firstPauseInMs, longestPauseInMs }: Pauses): Promise<readonly T[]> {
  const until = performance.now() + waitInMs;
  try {
    for (let pauseInMs = firstPauseInMs; ; pauseInMs = Math.min(pauseInMs * 2, longestPauseInMs)) {
      abortSignal?.throwIfAborted();
      const found = await ask();
      const leftInMs = until - performance.now();
      if (found.length > 0 || leftInMs <= 0) return found;
      await sleep(Math.min(pauseInMs, leftInMs), abortSignal);
    }
  } catch (error) {
    abortSignal?.throwIfAborted();
    throw error;
  }
}

// Resolves after a time, or rejects with the signal's reason; neither leaves anything behind.
export function sleep(ms: number, abortSignal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    abortSignal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(abortSignal?.reason);
    };
    const timer = setTimeout(() => {
      abortSignal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    abortSignal?.addEventListener("abort", stop, { once: true });
  });
}

// Throws a RangeError for pauses that cannot be.
export function resolvePauses({ firstPauseInMs = 250, longestPauseInMs = 2000 }: LongPollOptions): Pauses {
  for (const [field, ms] of Object.entries({ firstPauseInMs, longestPauseInMs })) {
    if (!Number.isFinite(ms) || ms < 10) throw new RangeError(`Expected \`${field}\` to be a number of at least 10, got \`${String(ms)}\` (${typeof ms}).`);
  }
  return { firstPauseInMs: Math.min(firstPauseInMs, longestPauseInMs), longestPauseInMs };
}
