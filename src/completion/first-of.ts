import type { CompletionStrategy, EarlierRun, JobShape, JobView, LookView, NextCheck, Preparation, ReceiveOptions } from "../completion-strategy.js";
import { link, OVER } from "../internal/abort.js";
import { fail } from "../lifecycle/expect.js";
import type { Signal } from "../signal.js";
import { checkStrategy } from "./check-strategy.js";
import { longestPauseOf } from "./longest-pause.js";

type Strategies = readonly [CompletionStrategy, ...CompletionStrategy[]];

/**
 * Several strategies at once: the container is prepared for all of them, a signal to any of them counts, and the job is
 * looked at when the first of them wants it.
 *
 * @throws RangeError if two have the same name, TypeError if there is none, or one is no strategy.
 *
 * @example
 * ```ts
 * const completion = firstOf(webhook({ url, secret }), poll({ pace: "frugal" }));
 * ```
 * @public
 */
export function firstOf(...strategies: [CompletionStrategy, ...CompletionStrategy[]]): CompletionStrategy {
  strategies.forEach((strategy, i) => checkStrategy(`strategies[${i}]`, strategy));
  const names = strategies.map(({ name }) => name);
  if (names.length === 0) fail("strategies", "at least one strategy", names, "type");
  if (new Set(names).size < names.length) fail("strategies", "strategies of different names", names);
  const isPaced = strategies.some((strategy) => "nextCheck" in strategy);
  return Object.freeze({
    name: `firstOf(${names.join(",")})`,
    parameters: Object.fromEntries(strategies.map(({ name, parameters }) => [name, parameters ?? {}])),
    check(job: JobShape) {
      for (const strategy of strategies) strategy.check?.(job);
    },
    prepare: (job: JobView) => prepareAll(strategies, job),
    ...(isPaced && { nextCheck: (view: LookView) => firstCheck(strategies, view), longestPauseInMs: longestPause(strategies) }),
    ...(strategies.some(canReceive) && { receive: (job: JobView, options: ReceiveOptions) => receiveFirst(strategies, job, options) }),
    async acknowledge(job: JobView, signals: readonly Signal[]) {
      await Promise.all(strategies.map((strategy) => acknowledgeOwn(strategy, job, signals)));
    },
    ...(strategies.some(canSend) && {
      async send(signal: Signal) {
        await Promise.all(strategies.map(async (strategy) => strategy.send?.(signal)));
      },
    }),
    async learn(job: JobView, run: EarlierRun) {
      for (const strategy of strategies) await strategy.learn?.(job, run);
    },
  } satisfies CompletionStrategy);
}

// One after the other, each with the command that the one before has made.
async function prepareAll(strategies: Strategies, job: JobView): Promise<Preparation> {
  let all: Preparation = {};
  for (const strategy of strategies) all = join(all, (await strategy.prepare?.({ ...job, command: all.command ?? job.command })) ?? {});
  return all;
}

function join(one: Preparation, other: Preparation): Preparation {
  return {
    environment: { ...one.environment, ...other.environment },
    command: other.command ?? one.command,
    initContainers: [one.initContainers, other.initContainers].flatMap((list) => list ?? []),
    volumes: [one.volumes, other.volumes].flatMap((list) => list ?? []),
    mounts: [one.mounts, other.mounts].flatMap((list) => list ?? []),
  };
}

function firstCheck(strategies: Strategies, view: LookView): NextCheck {
  const checks = strategies.flatMap((strategy) => strategy.nextCheck?.(view) ?? []);
  const latest = checks.flatMap(({ latestInMs }) => latestInMs ?? []);
  const urgencies = checks.flatMap(({ urgency }) => urgency ?? []);
  return {
    earliestInMs: Math.min(...checks.map(({ earliestInMs }) => earliestInMs)),
    ...(latest.length > 0 && { latestInMs: Math.min(...latest) }),
    ...(urgencies.length > 0 && { urgency: (unseenForInMs) => Math.max(...urgencies.map((urgency) => urgency(unseenForInMs))) }),
  };
}

// The first that has something ends the wait of the others. One that fails does so for itself alone, unless all do.
async function receiveFirst(strategies: Strategies, job: JobView, { waitInMs, abortSignal }: ReceiveOptions): Promise<readonly Signal[]> {
  const [signal, release, abort] = link(abortSignal);
  const ask = async (strategy: CompletionStrategy): Promise<readonly Signal[]> => {
    const signals = (await strategy.receive?.(job, { waitInMs, abortSignal: signal })) ?? [];
    if (signals.length > 0) return signals;
    throw new NothingCame();
  };
  try {
    return await Promise.any(strategies.filter(canReceive).map(ask));
  } catch (error) {
    const failure = (error as AggregateError).errors.find((one) => !(one instanceof NothingCame)) as unknown;
    if (failure !== undefined) throw failure;
    return [];
  } finally {
    abort(OVER);
    release();
  }
}

function longestPause(strategies: Strategies): number {
  return Math.min(...strategies.filter((strategy) => "nextCheck" in strategy).map(longestPauseOf));
}

function canSend(strategy: CompletionStrategy): boolean {
  return "send" in strategy;
}

function canReceive(strategy: CompletionStrategy): boolean {
  return "receive" in strategy;
}

class NothingCame extends Error {}

async function acknowledgeOwn(strategy: CompletionStrategy, job: JobView, signals: readonly Signal[]): Promise<void> {
  const own = signals.filter(({ source }) => source === strategy.name);
  if (own.length > 0) await strategy.acknowledge?.(job, own);
}
