/** One figure and what it has to be. */
export interface Verdict {
  readonly name: string;
  readonly value: number;
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
  /** What it was made of. */
  readonly text: string;
}

/** Prints figures, and fails the run where one is not what it has to be. */
export function say(verdicts: readonly Verdict[]): void {
  for (const { name, value, atMost, atLeast, text } of verdicts) {
    const holds = value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity);
    const bound = atMost === undefined ? `at least ${atLeast ?? ""}` : `at most ${atMost}`;
    console.log(`${holds ? "ok    " : "FAILED"} ${name}: ${shown(value)}, ${bound} (${text})`);
    if (!holds) process.exitCode = 1;
  }
}

export function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The middle of some rounds. */
export function middle(name: string, rounds: readonly number[], bound: Pick<Verdict, "atMost" | "atLeast">): Verdict {
  const sorted = [...rounds].sort((one, other) => one - other);
  const [least = NaN, most = NaN] = [sorted[0], sorted.at(-1)];
  return { name, value: sorted[sorted.length >> 1] ?? NaN, ...bound, text: `${shown(least)} to ${shown(most)} in ${rounds.length} rounds` };
}
