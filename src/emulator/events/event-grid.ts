import type { Clock } from "../../internal/clock.js";
import { guid } from "../guid.js";
import { checkSubscription, type EventSubscription } from "./event-subscription.js";
import { askReceiver } from "./handshake.js";
import { cloudEvent, resourceEvent, type ResourceChange, type ResourceEvent } from "./resource-event.js";

const ANSWER_WITHIN_IN_MS = 30_000;
const VALIDATE_WITHIN_IN_MS = 300_000;
const MINUTE_IN_MS = 60_000;
// The waits before each further try; the last is repeated until the event is a day old.
const RETRIES_IN_MS = [10_000, 30_000, MINUTE_IN_MS, 5 * MINUTE_IN_MS, 10 * MINUTE_IN_MS, 30 * MINUTE_IN_MS, 60 * MINUTE_IN_MS];
const KEPT_FOR_IN_MS = 24 * 60 * MINUTE_IN_MS;

/** Delivers the events of container groups to those who subscribed, as Event Grid does. */
export class EventGrid {
  readonly #subscriptions: Required<EventSubscription>[] = [];
  readonly #validations = new Map<string, () => void>();
  #abort = new AbortController();

  constructor(
    private readonly clock: Clock,
    private readonly endpoint: string,
    private readonly subscriptionId: string,
  ) {}

  /** Resolves when the receiver has agreed; rejects when it has not within five minutes. */
  async subscribe(given: EventSubscription): Promise<void> {
    const subscription = checkSubscription(given);
    const code = guid();
    const agreed = new Promise<void>((resolve) => this.#validations.set(code, resolve));
    const topic = `/subscriptions/${this.subscriptionId}`;
    try {
      const hasAgreed = await askReceiver(subscription, topic, { code, url: `${this.endpoint}/emulator/events/validate/${code}` }).catch(() => false);
      if (!hasAgreed) await this.#waitFor(agreed, subscription);
    } finally {
      this.#validations.delete(code);
    }
    this.#subscriptions.push(subscription);
  }

  /** Those who have agreed, as they are written down. */
  get records(): readonly Required<EventSubscription>[] {
    return this.#subscriptions;
  }

  /** Takes over those who agreed to another process. They are not asked again. */
  takeOver(records: readonly Required<EventSubscription>[]): void {
    this.#subscriptions.push(...records);
  }

  /** Takes the agreement of whoever opened the URL of a validation; false if there is none to give. */
  validate(code: string): boolean {
    const agree = this.#validations.get(code);
    agree?.();
    return agree !== undefined;
  }

  /** Tells all subscribers of a change. */
  publish(change: ResourceChange): void {
    const event = resourceEvent(change, this.clock.now());
    for (const subscription of this.#subscriptions) void this.#deliver(subscription, event).catch(() => undefined);
  }

  /** Gives up what is still to be delivered. */
  cancel(): void {
    this.#abort.abort(new Error("The deliveries were canceled"));
    this.#abort = new AbortController();
  }

  // Events by CloudEvents have their handshake at once or never; Event Grid's own schema can be agreed to by hand.
  async #waitFor(agreed: Promise<void>, { schema }: Required<EventSubscription>): Promise<void> {
    const over = new AbortController();
    const late = this.clock.sleep(schema === "eventGrid" ? VALIDATE_WITHIN_IN_MS : 0, AbortSignal.any([over.signal, this.#abort.signal])).then(() => {
      throw new Error("The receiver did not agree to the subscription");
    });
    late.catch(() => undefined);
    await Promise.race([agreed, late]).finally(() => over.abort());
  }

  async #deliver(subscription: Required<EventSubscription>, event: ResourceEvent): Promise<void> {
    const { signal } = this.#abort;
    for (let tries = 0; ; tries++) {
      if (await send(subscription, event, tries, signal)) return;
      const wait = RETRIES_IN_MS[Math.min(tries, RETRIES_IN_MS.length - 1)] ?? 0;
      if (this.clock.now() + wait > Date.parse(event.eventTime) + KEPT_FOR_IN_MS) return;
      await this.clock.sleep(wait, signal);
    }
  }
}

// Only 200 to 204 are a success. Redirects are not followed.
async function send({ url, schema }: Required<EventSubscription>, event: ResourceEvent, tries: number, signal: AbortSignal): Promise<boolean> {
  const isCloud = schema === "cloudEvents";
  const headers = {
    "content-type": isCloud ? "application/cloudevents+json; charset=utf-8" : "application/json; charset=utf-8",
    "aeg-event-type": "Notification",
    "aeg-subscription-name": "EMULATOR",
    "aeg-delivery-count": String(tries),
  };
  try {
    const body = JSON.stringify(isCloud ? cloudEvent(event) : [event]);
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_IN_MS)]) });
    await response.body?.cancel();
    return response.status >= 200 && response.status <= 204;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
