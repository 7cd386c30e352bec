/** One signal that is aborted with the first of several, with its reason, and the function that lets go of them. */
export function link(...signals: readonly (AbortSignal | undefined)[]): [AbortSignal, () => void] {
  const controller = new AbortController();
  const releases = signals.flatMap((signal) => {
    if (signal === undefined) return [];
    const abort = (): void => controller.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    return [() => signal.removeEventListener("abort", abort)];
  });
  return [controller.signal, () => releases.forEach((release) => release())];
}
