import { guid } from "../guid.js";
import type { EventSubscription } from "./event-subscription.js";

const ANSWER_WITHIN_IN_MS = 30_000;
const ORIGIN = "eventgrid.azure.net";

/** A subscription whose receiver is still to agree to it. */
export interface PendingValidation {
  readonly code: string;
  /** To be opened by hand or by the receiver, instead of an answer. */
  readonly url: string;
}

/** Asks a receiver whether it wants the events. Answers whether it said so at once. */
export async function askReceiver({ url, schema }: Required<EventSubscription>, topic: string, { code, url: validationUrl }: PendingValidation): Promise<boolean> {
  return schema === "cloudEvents" ? askByOptions(url) : askByEvent(url, topic, code, validationUrl);
}

async function askByEvent(url: string, topic: string, code: string, validationUrl: string): Promise<boolean> {
  const event = {
    id: guid(),
    topic,
    subject: "",
    data: { validationCode: code, validationUrl },
    eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
    eventTime: new Date().toISOString(),
    metadataVersion: "1",
    dataVersion: "2",
  };
  const headers = { "content-type": "application/json; charset=utf-8", "aeg-event-type": "SubscriptionValidation", "aeg-subscription-name": "EMULATOR" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify([event]), redirect: "manual", signal: AbortSignal.timeout(ANSWER_WITHIN_IN_MS) });
  // 202 is not accepted, and neither is 200 without the code.
  const answer: unknown = await response.json().catch(() => undefined);
  return response.status === 200 && typeof answer === "object" && answer !== null && (answer as { validationResponse?: unknown }).validationResponse === code;
}

async function askByOptions(url: string): Promise<boolean> {
  const response = await fetch(url, { method: "OPTIONS", headers: { "WebHook-Request-Origin": ORIGIN }, redirect: "manual", signal: AbortSignal.timeout(ANSWER_WITHIN_IN_MS) });
  await response.body?.cancel();
  return response.ok && ["*", ORIGIN].includes(response.headers.get("WebHook-Allowed-Origin") ?? "");
}
