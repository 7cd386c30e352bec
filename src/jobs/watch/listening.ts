import { acknowledgeBy, receiveBy } from "../../completion/harmless.js";
import { link } from "../../internal/abort.js";
import type { Signal } from "../../signal.js";
import type { LifecycleEvent } from "../../lifecycle-event.js";
import { moveTo, type ActiveJob } from "../drive/active-job.js";
import type { Observation } from "../machine/state.js";
import { jobView } from "./job-view.js";

// The longest wait for signals at a time, and the pauses after a strategy that failed or has answered nothing before its time.
const LONGEST_WAIT_IN_MS = 60_000;
const IDLE_PAUSE_IN_MS = 1000;
const FAILED_PAUSE_IN_MS = 5000;

// Waits until it is time, a signal of the job comes, or another waiter of this process has looked at its group. Answers what
// has come, or nothing when the time has come or somebody wants something of the job.
export async function waitForNews(job: ActiveJob, until: number, wake: AbortSignal): Promise<Observation | undefined> {
  if (!isWatched(job)) return sleep(job, until, wake);
  const seen = new AbortController();
  let news: Observation | undefined;
  const [signal, release] = link(wake, seen.signal);
  const stop = job.parts.looks.listen(job.handle.state.groupName, (snapshot) => {
    news ??= { kind: "snapshot", snapshot };
    seen.abort();
  });
  try {
    const heard = await (job.strategy.receive === undefined ? sleep(job, until, signal) : receiveUntil(job, until, signal));
    return heard ?? news;
  } finally {
    stop();
    release();
  }
}

async function receiveUntil(job: ActiveJob, until: number, wake: AbortSignal): Promise<Observation | undefined> {
  const { clock } = job.parts;
  for (let now = clock.now(); now < until && !wake.aborted; now = clock.now()) {
    const { signals, pauseInMs } = await receive(job, Math.min(until - now, LONGEST_WAIT_IN_MS), wake);
    if (signals.length > 0) {
      job.signals = [...job.signals, ...signals];
      return { kind: "signals", signals };
    }
    // One that answers at once must not keep us busy.
    const next = Math.min(until, now + pauseInMs);
    if (clock.now() < next) await sleep(job, next, wake);
  }
  return undefined;
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
  if (signals.length === 0 || job.strategy.acknowledge === undefined) return;
  try {
    await acknowledgeBy(job.strategy, jobView(job), signals, job.parts.clock);
  } catch (error) {
    tellTrouble(job, "acknowledge", error);
  }
}

async function receive(job: ActiveJob, waitInMs: number, wake: AbortSignal): Promise<{ readonly signals: readonly Signal[]; readonly pauseInMs: number }> {
  try {
    return { signals: await receiveBy(job.strategy, jobView(job), { waitInMs, abortSignal: wake, clock: job.parts.clock }), pauseInMs: IDLE_PAUSE_IN_MS };
  } catch (error) {
    if (!wake.aborted) tellTrouble(job, "receive", error);
    return { signals: [], pauseInMs: FAILED_PAUSE_IN_MS };
  }
}

// A job whose end is not known yet, and whose group may be there.
function isWatched({ handle }: ActiveJob): boolean {
  return ["creating", "provisioning", "running"].includes(handle.state.phase);
}

async function sleep({ parts: { clock } }: ActiveJob, until: number, wake: AbortSignal): Promise<undefined> {
  try {
    await clock.sleep(Math.max(0, until - clock.now()), wake);
  } catch (error) {
    if (!wake.aborted) throw error;
  }
  return undefined;
}

// A strategy's trouble is not the job's, which goes on without it.
export function tellTrouble(job: ActiveJob, request: "prepare" | "receive" | "acknowledge" | "learn", error: unknown): void {
  const { state, key } = job.handle;
  const text = `Completion strategy "${job.strategy.name}": ${error instanceof Error ? error.message : String(error)}`;
  const told: LifecycleEvent = { type: "jobFault", request, kind: "completion", text: job.hide(text), key, groupName: state.groupName, attempt: state.attempt, at: new Date(job.parts.clock.now()).toISOString() };
  moveTo(job, state, [told]);
}
