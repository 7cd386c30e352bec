import type { CompletionStrategy, JobView, NextCheck, Signal } from "../../../src/index.js";
import { attemptOf, baseOf } from "../world/names.js";
import type { Dice } from "../world/dice.js";
import type { Process } from "../world/process.js";

/** What may be wrong with a strategy that somebody has written. */
export const WRONGS = ["prepare throws", "prepare hangs", "nextCheck throws", "nextCheck is nonsense", "nextCheck is never", "receive throws", "receive hangs", "receive lies", "acknowledge throws", "acknowledge hangs"] as const;
export type Wrong = (typeof WRONGS)[number];

/** Draws what is wrong with a strategy: mostly nothing. */
export function drawWrongs(dice: Dice): readonly Wrong[] {
  if (dice.chance(0.75)) return [];
  const first = dice.pick(WRONGS);
  const other = dice.pick(WRONGS);
  // One part is wrong in one way.
  return partOf(first) === partOf(other) ? [first] : [first, other];
}

/** A strategy with these things wrong with it, in a process. */
export function wrong(strategy: CompletionStrategy, wrongs: readonly Wrong[], process: Process, dice: Dice): CompletionStrategy {
  const parts = wrongs.map((one) => partsOf(one, strategy, process, dice));
  return Object.assign({}, strategy, ...parts) as CompletionStrategy;
}

const boom = (): never => {
  throw new Error("the strategy is broken");
};
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const NONSENSE: readonly unknown[] = [undefined, null, {}, { earliestInMs: Number.NaN }, { earliestInMs: Infinity }, { earliestInMs: -5 }, { earliestInMs: "1" }];

function partsOf(one: Wrong, strategy: CompletionStrategy, process: Process, dice: Dice): Partial<CompletionStrategy> {
  switch (one) {
    case "nextCheck is nonsense":
      return { nextCheck: () => dice.pick(NONSENSE) as NextCheck };
    case "nextCheck is never":
      return { nextCheck: () => ({ earliestInMs: 1e12 }) };
    case "receive lies":
      return { receive: liar(strategy, process) };
    default:
      return { [partOf(one)]: one.endsWith("hangs") ? never : boom };
  }
}

function partOf(one: Wrong): string {
  return one.split(" ")[0] as string;
}

// What is true, and of other jobs and attempts ever new ends.
function liar(strategy: CompletionStrategy, process: Process): Required<CompletionStrategy>["receive"] {
  return async (job, options) => {
    const own = (await strategy.receive?.(job, { ...options, waitInMs: 0 })) ?? [];
    if (own.length === 0 && options.waitInMs > 0) await process.sleep(Math.min(options.waitInMs, 5000), options.abortSignal);
    return [...own, ...foreign(job, process.now())];
  };
}

/** Signals that are not about a job's group. */
export function foreign({ groupName }: Pick<JobView, "groupName">, at: number): readonly Signal[] {
  const attempt = attemptOf(groupName);
  const other = `${baseOf(groupName)}-${attempt > 1 ? attempt - 1 : attempt + 1}`;
  return [other, "aci-0123456789abcdef-1"].map((name) => ({ id: `${name}/${at}`, groupName: name, kind: "ended", source: "webhook", at: new Date(at).toISOString() }));
}
