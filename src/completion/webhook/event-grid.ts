import type { Signal } from "../../signal.js";

/** What is to be answered to Event Grid. */
export interface EventGridVerdict {
  readonly status: 200 | 204 | 400;
  readonly body?: { readonly validationResponse: string } | undefined;
  readonly signals: readonly Omit<Signal, "source" | "at">[];
}

const OUR_GROUP = /\/providers\/Microsoft\.ContainerInstance\/containerGroups\/(aci-[0-9a-f]{16}-\d{1,6})$/iu;
const CHANGES = /^Microsoft\.Resources\.Resource(?:Write|Delete|Action)(?:Success|Failure|Cancel)$/u;
const VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent";
const MOST_EVENTS = 1000;

// Reads a delivery in Event Grid's own schema or as CloudEvents: what happened to which of our groups. Events are not
// signed, so that they are no more than a reason to look.
export function readEventGrid(body: Uint8Array): EventGridVerdict {
  const events = eventsIn(body);
  if (events === undefined) return { status: 400, signals: [] };
  const validation = events.find((event) => typeOf(event) === VALIDATION)?.data as { validationCode?: unknown } | undefined;
  if (typeof validation?.validationCode === "string") return { status: 200, body: { validationResponse: validation.validationCode }, signals: [] };
  return { status: 204, signals: events.flatMap(signalFrom) };
}

interface WireEvent {
  readonly id?: unknown;
  readonly subject?: unknown;
  readonly eventType?: unknown;
  readonly type?: unknown;
  readonly data?: unknown;
}

function eventsIn(body: Uint8Array): readonly WireEvent[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    const events = Array.isArray(value) ? (value as unknown[]) : [value];
    return events.slice(0, MOST_EVENTS).every((event) => typeof event === "object" && event !== null) ? (events.slice(0, MOST_EVENTS) as WireEvent[]) : undefined;
  } catch {
    return undefined;
  }
}

function typeOf({ eventType, type }: WireEvent): unknown {
  return eventType ?? type;
}

function signalFrom(event: WireEvent): readonly Omit<Signal, "source" | "at">[] {
  const groupName = typeof event.subject === "string" ? OUR_GROUP.exec(event.subject)?.[1]?.toLowerCase() : undefined;
  const isChange = CHANGES.test(String(typeOf(event)));
  if (groupName === undefined || !isChange || typeof event.id !== "string" || event.id.length > 200) return [];
  return [{ id: event.id, groupName, kind: "changed" }];
}
