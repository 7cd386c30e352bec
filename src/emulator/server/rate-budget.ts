import type { Clock } from "../../internal/clock.js";
import { refusals } from "../arm-error.js";
import type { AzureSettings } from "../emulated-azure.js";

// ARM's token buckets per subscription, and the service's own windows for creating and for deleting groups.
const BUCKETS = { reads: { size: 250, perSecond: 25 }, writes: { size: 200, perSecond: 10 }, deletes: { size: 200, perSecond: 10 } } as const;
const WINDOWS = { pt5m: { size: 100, inMs: 300_000 }, pt1h: { size: 300, inMs: 3_600_000 } } as const;

/** Counts requests as ARM does, tells what is left in the headers of each answer, and refuses what is too much if limits are enforced. */
export class RateBudget {
  readonly #left = new Map<string, { tokens: number; at: number }>();
  readonly #uses = new Map<string, number[]>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: AzureSettings["limits"],
  ) {}

  /** The headers for one more request. `isOnGroup` when it creates or deletes a group. */
  take(method: string, isOnGroup: boolean): Record<string, string> {
    const kind = method === "GET" || method === "HEAD" ? "reads" : method === "DELETE" ? "deletes" : "writes";
    const left = this.#takeToken(kind);
    const headers: Record<string, string> = {
      [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(left),
      [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(BUCKETS[kind].size * 15 - (BUCKETS[kind].size - left)),
    };
    return isOnGroup ? { ...headers, ...this.#use(kind) } : headers;
  }

  /** Gives back a create or delete that was refused. */
  giveBack(method: string): void {
    this.#uses.get(method === "DELETE" ? "deletes" : "writes")?.pop();
  }

  #takeToken(kind: keyof typeof BUCKETS): number {
    const { size, perSecond } = BUCKETS[kind];
    const now = this.clock.now();
    const before = this.#left.get(kind) ?? { tokens: size, at: now };
    const tokens = Math.min(size, before.tokens + ((now - before.at) / 1000) * perSecond);
    if (tokens < 1 && this.limits === "enforced") throw refusals.throttled(Math.max(1, Math.ceil((1 - tokens) / perSecond)));
    this.#left.set(kind, { tokens: Math.max(0, tokens - 1), at: now });
    return Math.floor(Math.max(0, tokens - 1));
  }

  #use(kind: string): Record<string, string> {
    const now = this.clock.now();
    const recent = (this.#uses.get(kind) ?? []).filter((at) => at > now - WINDOWS.pt1h.inMs);
    this.#uses.set(kind, recent);
    const headers: Record<string, string> = {};
    for (const [name, { size, inMs }] of Object.entries(WINDOWS)) {
      const used = recent.filter((at) => at > now - inMs);
      if (used.length >= size && this.limits === "enforced") throw refusals.throttled(Math.ceil(((used[0] ?? now) + inMs - now) / 1000));
      headers[`x-ms-ratelimit-remaining-subscription-resource-requests-${name}`] = String(Math.max(0, size - used.length - 1));
    }
    recent.push(now);
    return headers;
  }
}
