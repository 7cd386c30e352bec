import type { CompletionStrategy, JobView } from "../../completion-strategy.js";
import { systemClock } from "../../internal/clock.js";
import { tellListener } from "../../lifecycle/tell-listener.js";
import type { Signal } from "../../signal.js";
import { memoryMailbox } from "../memory-mailbox.js";
import { reportingStrategy } from "../reporting/reporting-strategy.js";
import { callbackEnvironment } from "./callback-environment.js";
import { judgeCall, type WebhookCall } from "./calls.js";
import { readEventGrid } from "./event-grid.js";
import { checkOptions, type WebhookOptions } from "./options.js";
import { RateLimit } from "./rate-limit.js";

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
  const { url, clock = systemClock, onRefused } = options;
  const secrets: readonly string[] = [options.secret].flat();
  const mailbox = options.mailbox ?? memoryMailbox({ clock });
  const limit = new RateLimit(CALLS_PER_MINUTE, clock);
  const keep = async (signals: readonly Signal[]): Promise<readonly Signal[]> => {
    for (const signal of signals) await mailbox.put(signal);
    return signals;
  };
  const answer = (status: number, signals: readonly Signal[] = []): WebhookAnswer => {
    if (status >= 400) tellListener(onRefused, { status });
    return { status, signals };
  };

  return Object.freeze({
    ...reportingStrategy({ ...options, name: "webhook", mailbox, environment: (job: JobView) => callbackEnvironment(job, url, secrets[0] as string) }),
    async accept(call: WebhookCall) {
      const { status, signal } = judgeCall(call, secrets, clock.now());
      if (signal === undefined) return answer(status);
      if (!limit.take(signal.groupName)) return answer(429);
      return answer(status, await keep([signal]));
    },
    async acceptEvents(body: Uint8Array) {
      const { status, body: told, signals } = readEventGrid(body);
      const at = new Date(clock.now()).toISOString();
      return { ...answer(status, await keep(signals.map((signal) => ({ ...signal, source: "webhook", at })))), ...(told && { body: told }) };
    },
  } satisfies WebhookStrategy);
}
