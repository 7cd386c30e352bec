import type { CompletionStrategy, JobShape, JobView, LookView, NextCheck, ReceiveOptions } from "../../completion-strategy.js";
import { systemClock } from "../../internal/clock.js";
import type { Signal } from "../../signal.js";
import { afterHint } from "../after-hint.js";
import { memoryMailbox } from "../memory-mailbox.js";
import { judgeCall, type WebhookCall } from "./calls.js";
import { readEventGrid } from "./event-grid.js";
import { checkOptions, type WebhookOptions } from "./options.js";
import { checkJob, prepare } from "./prepare.js";
import { RateLimit } from "./rate-limit.js";
import { isSame } from "./signature.js";

/** A strategy that has a receiver: `createSignalReceiver` of `aci-lifecycle/http`. @public */
export interface WebhookStrategy extends CompletionStrategy {
  /** Takes a call of a container. Resolves once its signal is kept. */
  accept(call: WebhookCall): Promise<WebhookAnswer>;
  /** Takes a delivery of Event Grid, whose secret whoever calls this has checked. */
  acceptEvents(body: Uint8Array): Promise<WebhookAnswer>;
}

/** What a call is to be answered with. @public */
export interface WebhookAnswer {
  readonly status: number;
  readonly body?: { readonly [name: string]: string } | undefined;
  /** What has been kept. */
  readonly signals: readonly Signal[];
}

const SAFETY_IN_MS = 120_000;
// A container that has not said by then that it has started may never do so.
const START_LOOK_IN_MS = 30_000;
const START_LOOK_EVERY_IN_MS = 15_000;
const CALLS_PER_MINUTE = 60;

/**
 * Learns of the end by a call from the container, which makes us look at once: a job then takes about five requests.
 *
 * @remarks
 * A call proves nothing, and is not needed: a job whose calls are lost is looked at every two minutes. The credential is
 * derived for each attempt, reaches the container as secure values, and is good for nothing but to make us look.
 *
 * @throws TypeError or RangeError if an option cannot be right; never with the secret in it.
 *
 * @example
 * ```ts
 * const completion = webhook({ url: "https://jobs.example.com/callbacks", secret: process.env.CALLBACK_SECRET! });
 * const receiver = createSignalReceiver(completion);   // serve this at that URL
 * await runContainerJob(client, { image: "alpine/curl:8", command: ["sh", "-c", "sleep 60"] }, { completion });
 * ```
 * @public
 */
export function webhook(options: WebhookOptions): WebhookStrategy {
  checkOptions(options);
  const { url, report = "wrapper", helperImage, heartbeatIntervalInMs = 0, safetyIntervalInMs = SAFETY_IN_MS, clock = systemClock, onRefused } = options;
  const secrets: readonly string[] = [options.secret].flat();
  const mailbox = options.mailbox ?? memoryMailbox({ clock });
  const limit = new RateLimit(CALLS_PER_MINUTE, clock);
  const keep = async (signals: readonly Omit<Signal, "source" | "at">[]): Promise<readonly Signal[]> => {
    const at = new Date(clock.now()).toISOString();
    const whole = signals.map((signal) => ({ ...signal, source: "webhook", at }));
    for (const signal of whole) await mailbox.put(signal);
    return whole;
  };
  const answer = (status: number, signals: readonly Signal[] = []): WebhookAnswer => {
    if (status >= 400) tellRefused(onRefused, status);
    return { status, signals };
  };

  return Object.freeze({
    name: "webhook",
    parameters: { report, safetyIntervalInMs, heartbeatIntervalInMs },
    check: (job: JobShape) => checkJob(job, report),
    prepare: (job: JobView) => prepare(job, { url, secret: secrets[0] as string, report, helperImage, heartbeatIntervalInMs }),
    nextCheck: (view: LookView) => nextCheck(view, safetyIntervalInMs),
    receive: (job: JobView, { waitInMs, abortSignal }: ReceiveOptions) => mailbox.receive(job.groupName, { waitInMs, abortSignal }),
    acknowledge: (job: JobView, signals: readonly Signal[]) => mailbox.acknowledge(job.groupName, signals.map(({ id }) => id)),
    async accept(call: WebhookCall) {
      const { status, signal } = judgeCall(call, secrets, clock.now());
      if (signal === undefined) return answer(status);
      if (!limit.take(signal.groupName)) return answer(429);
      return answer(status, await keep([signal]));
    },
    async acceptEvents(body: Uint8Array) {
      const { status, body: told, signals } = readEventGrid(body);
      return { ...answer(status, await keep(signals)), ...(told && { body: told }) };
    },
  } satisfies WebhookStrategy);
}

// Whether a secret that came in is the one that is expected, in a time that tells nothing.
export function isSecret(given: string | null | undefined, expected: string): boolean {
  return isSame(given ?? "", expected);
}

function tellRefused(onRefused: WebhookOptions["onRefused"], status: number): void {
  try {
    onRefused?.({ status });
  } catch {
    // A listener's trouble is not the caller's.
  }
}

// Silence is no news: the next look comes soon after a call, or after the safety interval.
function nextCheck(view: LookView, safetyIntervalInMs: number): NextCheck {
  const hinted = afterHint(view);
  if (hinted !== undefined) return hinted;
  const hasStarted = view.phase === "running" || view.signals.started !== undefined;
  const interval = hasStarted ? safetyIntervalInMs : Math.min(safetyIntervalInMs, view.looks === 0 ? START_LOOK_IN_MS : START_LOOK_EVERY_IN_MS);
  return { earliestInMs: Math.max(0, interval - view.unseenForInMs) };
}

