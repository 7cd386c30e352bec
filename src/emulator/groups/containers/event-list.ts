/** One event as the service tells it; repeats raise `count` and move `lastTimestamp`. */
export interface EventView {
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly name: string;
  readonly message: string;
  readonly type: "Normal" | "Warning";
}

/** The list with one more event, or with one more count on the event that says the same. */
export function noteEvent(events: readonly EventView[], at: number, name: string, message: string, type: EventView["type"]): readonly EventView[] {
  const time = wholeSecond(at);
  const known = events.find((event) => event.name === name && event.message === message);
  if (known === undefined) return [...events, { count: 1, firstTimestamp: time, lastTimestamp: time, name, message, type }];
  return events.map((event) => (event === known ? { ...known, count: known.count + 1, lastTimestamp: time } : event));
}

/** The list with the words of one kind of event changed, as when an image's digest gets known after its pull began. */
export function rewordEvents(events: readonly EventView[], from: string, to: string): readonly EventView[] {
  return events.map((event) => (event.message === from ? { ...event, message: to } : event));
}

// Event times have whole seconds, unlike the times of states.
function wholeSecond(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
