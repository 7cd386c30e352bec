// Tells a listener of something. What it throws, or rejects with later, is its own trouble.
export function tellListener<Event>(listener: ((event: Event) => unknown) | undefined, event: Event): void {
  if (listener !== undefined) void (async () => listener(event))().catch(() => undefined);
}
