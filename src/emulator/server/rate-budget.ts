import type { Clock } from "../../internal/clock.js";

// ARM's token buckets per subscription, and the service's own windows for creating and for deleting groups.
const BUCKETS = { reads: { size: 250, perSecond: 25 }, writes: { size: 200, perSecond: 10 }, deletes: { size: 200, perSecond: 10 } } as const;
const WINDOWS = { pt5m: { size: 100, inMs: 300_000 }, pt1h: { size: 300, inMs: 3_600_000 } } as const;

/** Counts requests as ARM does, and tells what is left in the headers of each answer. It refuses nothing. */
export class RateBudget {
  readonly #left = new Map<string, { tokens: number; at: number }>();
  readonly #uses = new Map<string, number[]>();

  constructor(private readonly clock: Clock) {}

  /** The headers for one more request. `isOnGroup` when it creates or deletes a group. */
  take(method: string, isOnGroup: boolean): Record<string, string> {
    const kind = method === "GET" ? "reads" : method === "DELETE" ? "deletes" : "writes";
    const left = this.#takeToken(kind);
    const headers: Record<string, string> = {
      [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(left),
      [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(BUCKETS[kind].size * 15 - (BUCKETS[kind].size - left)),
    };
    if (isOnGroup) {
      const recent = this.#use(kind);
      for (const [name, { size, inMs }] of Object.entries(WINDOWS)) {
        const used = recent.filter((at) => at > this.clock.now() - inMs).length;
        headers[`x-ms-ratelimit-remaining-subscription-resource-requests-${name}`] = String(Math.max(0, size - used));
      }
    }
    return headers;
  }

  #takeToken(kind: keyof typeof BUCKETS): number {
    const { size, perSecond } = BUCKETS[kind];
    const now = this.clock.now();
    const before = this.#left.get(kind) ?? { tokens: size, at: now };
    const tokens = Math.max(0, Math.min(size, before.tokens + ((now - before.at) / 1000) * perSecond) - 1);
    this.#left.set(kind, { tokens, at: now });
    return Math.floor(tokens);
  }

  #use(kind: string): readonly number[] {
    const now = this.clock.now();
    const recent = [...(this.#uses.get(kind) ?? []).filter((at) => at > now - WINDOWS.pt1h.inMs), now];
    this.#uses.set(kind, recent);
    return recent;
  }
}
