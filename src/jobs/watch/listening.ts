import { acknowledgeBy, receiveBy } from "../../completion/harmless.js";
import { link } from "../../internal/abort.js";
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
const HEARD_PAUSE_IN_MS = 50;

// Waits until it is time, a signal of the job comes, or another waiter of this process has looked at its group. Answers what
// has come, or nothing when the time has come or somebody wants something of the job.
export async function waitForNews(job: ActiveJob, until: number, wake: AbortSignal): Promise<Observation | undefined> {
  if (!isWatched(job)) return sleep(job, until, wake);
  let news: Observation | undefined;
  const [signal, release, wakeUp] = link(wake);
  const stop = job.parts.looks.listen(job.handle.state.groupName, (snapshot) => {
    news ??= { kind: "snapshot", snapshot };
    wakeUp("seen");
  });
  try {
    const heard = await (job.strategy.receive === undefined ? sleep(job, until, signal) : receiveUntil(job, until, signal));
    return heard ?? news ?? (await lastWords(job, wake));
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
async function lastWords(job: ActiveJob, wake: AbortSignal): Promise<Observation | undefined> {
  if (job.plan.limits.heartbeatTimeoutInMs === undefined || wake.aborted) return undefined;
  const fresh = (await signalsNow(job)).filter(({ id }) => !job.heard.includes(id));
  return fresh.length > 0 ? hear(job, fresh) : undefined;
}

// Signals that were heard already are no news, whatever becomes of their acknowledgement.
export function hear(job: ActiveJob, signals: readonly Signal[]): Observation {
  job.signals = [...job.signals, ...signals];
  job.heard = [...job.heard, ...signals.map(({ id }) => id)].slice(-MOST_HEARD);
  return { kind: "signals", signals };
}

// Whatever the strategy answers, and however fast: it is asked again after a pause.
async function receiveUntil(job: ActiveJob, until: number, wake: AbortSignal): Promise<Observation | undefined> {
  const { clock } = job.parts;
  for (;;) {
    await sleep(job, Math.min(until, job.deafUntil), wake);
    const now = clock.now();
    if (wake.aborted || now >= until) return undefined;
    const { signals, pauseInMs } = await receive(job, Math.min(until - now, LONGEST_WAIT_IN_MS), wake);
    const fresh = signals.filter(({ id }) => !job.heard.includes(id));
    job.deafUntil = fresh.length > 0 ? clock.now() + HEARD_PAUSE_IN_MS : now + pauseInMs;
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
