// What the n-th job of the soak does. Its driver and the emulator know it from here, and from nowhere else.

export function exitCodeOf(n: number): number {
  return n % 5 === 4 ? (n % 250) + 1 : 0;
}

// Every 50th has a log of about 100 KB, every 7th one without a last line ending.
export function logOf(n: number): string {
  const lines = Array.from({ length: n % 50 === 0 ? 2000 : (n % 20) + 1 }, (_unused, at) => `job ${n} says line ${at} of what it has to say`);
  return `${lines.join("\n")}${n % 7 === 0 ? "" : "\n"}`;
}

// Most have ended at the first look, and every tenth takes some more.
export function millisecondsOf(n: number): number {
  return n % 10 === 0 ? 1000 + ((n * 37) % 6000) : (n * 37) % 300;
}

/** The driver's report. */
export interface DriverReport {
  readonly jobs: number;
  readonly seconds: number;
  /** Jobs whose result was not what they did, and what it was. */
  readonly wrong: readonly string[];
  /** Jobs that sent more requests than they may, and how many. */
  readonly greedy: readonly string[];
  readonly faults: number;
  readonly requests: number;
  readonly polls: number;
  /** Growth after the warm-up, in MB per 1,000 jobs. */
  readonly rssSlope: number;
  readonly heapSlope: number;
  readonly rss: number;
  /** Of the event loop, in milliseconds. */
  readonly delayP99: number;
  /** Handles and timers that are left over, by their names. */
  readonly handlesLeft: readonly string[];
  readonly listenersLeft: number;
  readonly warnings: readonly string[];
  /** Groups that the sweep has found, and that it did not delete. */
  readonly swept: number;
  readonly unswept: number;
}

/** What the emulator knows of it. */
export interface EmulatorReport {
  readonly groups: number;
  readonly requests: number;
  /** Requests that were answered otherwise than they should have been. */
  readonly struck: Readonly<Record<string, number>>;
  /** Jobs with two groups at once, or whose container was started twice. */
  readonly doubles: readonly string[];
  readonly started: number;
  /** In MB. */
  readonly rss: number;
}
