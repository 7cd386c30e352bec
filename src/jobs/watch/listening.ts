import { acknowledgeBy, receiveBy } from "../../completion/harmless.js";
import { link, onAbort, OVER } from "../../internal/abort.js";
import { alarm } from "../../internal/clock.js";
import type { Snapshot } from "../../container-group.js";
import type { Signal } from "../../signal.js";
import { tell, type ActiveJob } from "../drive/active-job.js";
import type { Observation } from "../machine/state.js";
import { jobView } from "./job-view.js";

// The longest wait for signals at a time, and the pauses after a strategy that failed or has answered nothing before its time.
const LONGEST_WAIT_IN_MS = 60_000;
const IDLE_PAUSE_IN_MS = 1000;
const FAILED_PAUSE_IN_MS = 5000;
// Far more than any job needs: whoever tells of ever new ones is heard so often.
const MOST_HEARD = 200;
// What comes again this long after it was heard and acknowledged is told anew: a container that the platform has begun anew ends
// twice, and a receiver gives both ends one id. Sooner it is the same, on its way twice.
const NEWS_AGAIN_AFTER_IN_MS = 30_000;
// One that does not take an acknowledgement may take ten seconds over it.
const TOLD_AGAIN_AFTER_IN_MS = 30_000;
const HEARD_PAUSE_IN_MS = 50;

/** Signals of which each ends a pause. */
export type Wakers = readonly (AbortSignal | undefined)[];

// Waits until it is time, a signal of the job comes, or another waiter of this process has looked at its group. Answers what
// has come, or nothing when the time has come or somebody wants something of the job.
export function waitForNews(job: ActiveJob, until: number, wakers: Wakers): Promise<Observation | undefined> {
  return isWatched(job) && job.strategy.receive !== undefined ? waitForSignals(job, until, wakers) : rest(job, until, wakers);
}

// The same where no signals come. Thousands of jobs rest at a time, so that each leaves as little as can be.
function rest(job: ActiveJob, until: number, wakers: Wakers): Promise<Observation | undefined> {
  const { clock, looks } = job.parts;
  const ms = until - clock.now();
  if (ms <= 0 || isAwake(wakers)) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const release = (): void => {
      for (const letGo of unlisten) letGo();
      disarm();
    };
    const end = (news?: Observation): void => {
      release();
      resolve(news);
    };
    const wake = (): void => end();
    const fail = (error: unknown): void => {
      release();
      reject(error);
    };
    const seen = (snapshot: Snapshot): void => end({ kind: "snapshot", snapshot });
    const unlisten = [isWatched(job) ? looks.listen(job.handle.state.groupName, seen) : nothing, ...wakers.map((signal) => (signal === undefined ? nothing : onAbort(signal, wake)))];
    const disarm = alarm(clock, ms, wake, fail);
  });
}

function isAwake(wakers: Wakers): boolean {
  return wakers.some((signal) => signal?.aborted === true);
}

function nothing(): void {
  // There is nothing to let go of.
}

async function waitForSignals(job: ActiveJob, until: number, wakers: Wakers): Promise<Observation | undefined> {
  let news: Observation | undefined;
  const [signal, release, wakeUp] = link(...wakers);
  const stop = job.parts.looks.listen(job.handle.state.groupName, (snapshot) => {
    news ??= { kind: "snapshot", snapshot };
    wakeUp(OVER);
  });
  try {
    return (await receiveUntil(job, until, signal)) ?? news ?? (await lastWords(job, wakers));
  } finally {
    stop();
    release();
  }
}

// What comes of the signals of a job until it is stopped, or nothing.
export async function hearUntil(job: ActiveJob, stop: AbortSignal): Promise<Observation | undefined> {
  return isWatched(job) && job.strategy.receive !== undefined ? receiveUntil(job, Infinity, stop) : undefined;
}

// A process that was held up is late: before silence is judged, what came meanwhile is heard.
async function lastWords(job: ActiveJob, wakers: Wakers): Promise<Observation | undefined> {
  if (job.plan.limits.heartbeatTimeoutInMs === undefined || isAwake(wakers)) return undefined;
  const fresh = (await signalsNow(job)).filter((signal) => isFresh(job, signal));
  return fresh.length > 0 ? hear(job, fresh) : undefined;
}

// Signals that were heard already are no news until they are acknowledged.
export function hear(job: ActiveJob, signals: readonly Signal[]): Observation {
  job.signals = [...job.signals, ...signals];
  for (const { id } of signals) remember(job, id, Infinity);
  return { kind: "signals", signals };
}

function isFresh({ heard, parts: { clock } }: ActiveJob, { id }: Signal): boolean {
  return clock.now() >= (heard.get(id) ?? -Infinity);
}

function remember({ heard }: ActiveJob, id: string, newsAt: number): void {
  heard.delete(id);
  heard.set(id, newsAt);
  const [oldest] = heard.keys();
  if (heard.size > MOST_HEARD && oldest !== undefined) heard.delete(oldest);
}

// Whatever the strategy answers, and however fast: it is asked again after a pause.
async function receiveUntil(job: ActiveJob, until: number, wake: AbortSignal): Promise<Observation | undefined> {
  const { clock } = job.parts;
  for (;;) {
    await sleep(job, Math.min(until, job.deafUntil), wake);
    const now = clock.now();
    if (wake.aborted || now >= until) return undefined;
    const { signals, pauseInMs } = await receive(job, Math.min(until - now, LONGEST_WAIT_IN_MS), wake);
    const fresh = signals.filter((signal) => isFresh(job, signal));
    job.deafUntil = fresh.length > 0 ? clock.now() + HEARD_PAUSE_IN_MS : now + pauseInMs;
    await acknowledgeAgain(job, signals);
    if (fresh.length > 0) return hear(job, fresh);
  }
}

// What has come by now.
export async function signalsNow(job: ActiveJob): Promise<readonly Signal[]> {
  return isWatched(job) && job.strategy.receive !== undefined ? (await receive(job, 0, new AbortController().signal)).signals : [];
}

// Tells the strategy that the signals of a job have done their work, once the job is kept. Those that it cannot be told of come
// again, and are old by then.
export async function acknowledge(job: ActiveJob): Promise<void> {
  const { signals } = job;
  job.signals = [];
  await tellTaken(job, signals);
}

// Those that were kept, and that the strategy could not be told of, it is told of once more where it gives them again.
async function acknowledgeAgain(job: ActiveJob, signals: readonly Signal[]): Promise<void> {
  if (job.parts.clock.now() < job.untoldUntil) return;
  const pending = job.signals.map(({ id }) => id);
  const old = signals.filter(({ id }) => job.heard.get(id) === Infinity && !pending.includes(id));
  await tellTaken(job, old);
}

// Tells the strategy what it need not give again.
async function tellTaken(job: ActiveJob, signals: readonly Signal[]): Promise<void> {
  const { strategy, parts: { clock } } = job;
  if (signals.length === 0 || strategy.acknowledge === undefined) return;
  try {
    await acknowledgeBy(strategy, jobView(job), signals, clock);
  } catch (error) {
    job.untoldUntil = clock.now() + TOLD_AGAIN_AFTER_IN_MS;
    tellTrouble(job, "acknowledge", error);
    return;
  }
  for (const { id } of signals) remember(job, id, clock.now() + NEWS_AGAIN_AFTER_IN_MS);
}

async function receive(job: ActiveJob, waitInMs: number, wake: AbortSignal): Promise<{ readonly signals: readonly Signal[]; readonly pauseInMs: number }> {
  try {
    return { signals: await receiveBy(job.strategy, jobView(job), { waitInMs, abortSignal: wake, clock: job.parts.clock }), pauseInMs: IDLE_PAUSE_IN_MS };
  } catch (error) {
    // To be broken off is no trouble.
    if (wake.aborted) return { signals: [], pauseInMs: 0 };
    tellTrouble(job, "receive", error);
    return { signals: [], pauseInMs: FAILED_PAUSE_IN_MS };
  }
}

// A job whose end is not known yet, and whose group may be there.
function isWatched({ handle }: ActiveJob): boolean {
  return ["creating", "provisioning", "running"].includes(handle.state.phase);
}

async function sleep({ parts: { clock } }: ActiveJob, until: number, wake: AbortSignal): Promise<undefined> {
  const ms = until - clock.now();
  try {
    if (ms > 0) await clock.sleep(ms, wake);
  } catch (error) {
    if (!wake.aborted) throw error;
  }
  return undefined;
}

// A strategy's trouble is not the job's, which goes on without it.
export function tellTrouble(job: ActiveJob, request: "prepare" | "receive" | "acknowledge" | "learn", error: unknown): void {
  const text = `Completion strategy "${job.strategy.name}": ${error instanceof Error ? error.message : String(error)}`;
  tell(job, { type: "jobFault", request, kind: "completion", text: job.hide(text) });
}
