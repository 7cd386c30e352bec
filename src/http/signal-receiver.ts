import { createHash, timingSafeEqual } from "node:crypto";
import type { Signal, WebhookStrategy } from "aci-lifecycle";
import { BodyRefused, readBody } from "./read-body.js";
import type { RequestHandler } from "./request-handler.js";

/** Options for {@link createSignalReceiver}. @public */
export interface SignalReceiverOptions {
  /**
   * Called for each signal once it is kept, so that a job whose host takes steps is stepped at once. Where it throws the
   * call is answered with 503, and its sender sends it again.
   */
  readonly onSignal?: ((signal: Signal) => unknown) | undefined;
  /**
   * Takes Event Grid's deliveries of what happens to container groups, too. Those are not signed, so the address that you
   * give to Event Grid has to end in `?code=` and this secret. @defaultValue they are refused
   */
  readonly eventGrid?: { readonly secret: string } | undefined;
  /** Told of what made a call be answered with 503: what the mailbox or `onSignal` threw. It is told to nobody else. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

// Far more than any call has, and far less than what hurts.
const LIMITS = { maxBytes: 64 * 1024, maxMs: 10_000 };
const EVENT_LIMITS = { ...LIMITS, maxBytes: 1024 * 1024 };
const EVENT_GRID_ORIGIN = "eventgrid.azure.net";
const EVENT_TYPES = /^application\/cloudevents(?:-batch)?\+json/iu;

/**
 * Receives the calls of containers whose jobs have this strategy: the end of a job, its heartbeat, and, if wanted, events
 * of Event Grid.
 *
 * @remarks
 * Answers 204 once the signal is kept, 401 alike to whoever has no right and about whatever there is not, 400 to what is no
 * call, 408, 413 and 429 to what is too slow, too large or too often, 503 where a signal could not be kept.
 *
 * @throws TypeError if `strategy` has no receiver, as one of `firstOf()` has none, or an option cannot be right.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * const receiver = createSignalReceiver(completion, { onSignal: ({ key }) => queue.send(key) });
 * createServer(nodeListener(receiver)).listen(8080);
 * ```
 * @public
 */
export function createSignalReceiver(strategy: WebhookStrategy, options: SignalReceiverOptions = {}): RequestHandler {
  checkStrategy(strategy);
  checkOptions(options);
  const { eventGrid, onSignal, onError } = options;
  if (eventGrid !== undefined && (typeof eventGrid.secret !== "string" || eventGrid.secret.length < 16)) throw new TypeError("Expected `eventGrid.secret` to be a text of at least 16 characters.");
  const mayTell = (query: URLSearchParams): boolean => eventGrid !== undefined && isSame(query.get("code") ?? "", eventGrid.secret);

  const take = async (request: Request, query: URLSearchParams): Promise<Response> => {
    const isEvent = eventGrid !== undefined && isFromEventGrid(request);
    if (isEvent && !mayTell(query)) return respond(401);
    const body = await readBody(request, isEvent ? EVENT_LIMITS : LIMITS);
    const answer = await (isEvent ? strategy.acceptEvents(body) : strategy.accept({ query, header: (name) => request.headers.get(name), body }));
    for (const signal of answer.signals) await onSignal?.(signal);
    return respond(answer.status, answer.body);
  };

  return async (request) => {
    const { searchParams: query } = new URL(request.url);
    if (request.method === "OPTIONS") return agree(request, mayTell(query));
    if (request.method !== "POST") return respond(405, undefined, { allow: "POST, OPTIONS" });
    return take(request, query).catch((error: unknown) => {
      if (error instanceof BodyRefused) return respond(error.status);
      tell(onError, error);
      return respond(503);
    });
  };
}

function checkStrategy(strategy: unknown): void {
  const { accept, acceptEvents } = (strategy ?? {}) as Partial<WebhookStrategy>;
  if (typeof accept !== "function" || typeof acceptEvents !== "function") throw new TypeError(`Expected \`strategy\` to be one that \`webhook()\` makes, got ${typeOf(strategy)}.`);
}

const FIELDS = ["onSignal", "eventGrid", "onError"];

function checkOptions(options: SignalReceiverOptions): void {
  if (typeOf(options) !== "object") throw new TypeError(`Expected \`options\` to be an object, got ${typeOf(options)}.`);
  const unknown = Object.keys(options).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw new TypeError(`Expected \`options\` to have only known fields, got \`${unknown}\`. Known are ${FIELDS.join(", ")}.`);
  for (const field of ["onSignal", "onError"] as const) {
    if (options[field] !== undefined && typeof options[field] !== "function") throw new TypeError(`Expected \`${field}\` to be a function, got ${typeOf(options[field])}.`);
  }
}

function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

// A listener's trouble, at once or later, is not the sender's.
function tell(onError: SignalReceiverOptions["onError"], error: unknown): void {
  void (async () => onError?.(error))().catch(() => undefined);
}

// CloudEvents' handshake, by which Event Grid asks whether it may deliver.
function agree(request: Request, mayTell: boolean): Response {
  if (!mayTell || request.headers.get("webhook-request-origin") !== EVENT_GRID_ORIGIN) return respond(405, undefined, { allow: "POST" });
  const rate = request.headers.get("webhook-request-rate");
  return respond(200, undefined, { "webhook-allowed-origin": EVENT_GRID_ORIGIN, ...(rate !== null && { "webhook-allowed-rate": "*" }) });
}

function isFromEventGrid({ headers }: Request): boolean {
  return headers.has("aeg-event-type") || EVENT_TYPES.test(headers.get("content-type") ?? "");
}

function respond(status: number, body?: object, headers: Readonly<Record<string, string>> = {}): Response {
  const text = status === 204 ? null : JSON.stringify(body ?? (status < 400 ? {} : { error: status }));
  return new Response(text, { status, headers: { ...(text !== null && { "content-type": "application/json" }), ...headers } });
}

function isSame(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
