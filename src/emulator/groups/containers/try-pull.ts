import { ImageError, type EngineGroup, type RegistryLogin } from "../../engine.js";

/** Fetches an image once: its digest, where the engine knows one, or why it cannot be had. */
export async function tryPull(group: EngineGroup, image: string, login: RegistryLogin | undefined, abortSignal: AbortSignal): Promise<{ readonly digest?: string | undefined; readonly failure?: string }> {
  try {
    return { digest: await unlessAborted(group.pull(image, login), abortSignal) };
  } catch (error) {
    if (error instanceof ImageError) return { failure: error.message };
    throw error;
  }
}

// An engine cannot break off a pull; a group that is gone does not wait for it.
async function unlessAborted<T>(work: Promise<T>, abortSignal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(abortSignal.reason);
    if (abortSignal.aborted) abort();
    abortSignal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (abort !== undefined) abortSignal.removeEventListener("abort", abort);
  }
}
