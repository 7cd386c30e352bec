import type { Headroom, Turn } from "../gateway.js";
import type { Clock } from "../internal/clock.js";
import { CreateTurns } from "./create-turns.js";
import { TokenBucket } from "./token-bucket.js";
import { Turns } from "./turns.js";
import { Windows, type Window } from "./windows.js";

/** The sorts of requests that Azure counts apart. */
export type Lane = "reads" | "writes" | "deletes";

/** What may be asked. */
export interface Limits {
  readonly share: number;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  /** Undefined for what Azure says. */
  readonly createsPerFiveMinutes?: number | undefined;
  readonly createsPerHour?: number | undefined;
}

const READ_BURST_IN_S = 10;
const WRITE_BURST_IN_S = 20;
const FIVE_MINUTES_IN_MS = 300_000;
const HOUR_IN_MS = 3_600_000;
// Until Azure says what it is for a subscription.
const USUAL_IN_FIVE_MINUTES = 100;
const USUAL_IN_AN_HOUR = 300;
// Where Azure does not say when a create may be tried again.
const REFUSED_FOR_IN_MS = 10_000;

// What was asked and what may be asked: the inside of a budget.
export class Ledger {
  readonly #buckets: Readonly<Record<Lane, TokenBucket>>;
  readonly #turns: Readonly<Record<Lane, Turns>>;
  readonly #windows: Windows;
  /** The turns to create groups. */
  readonly creates: CreateTurns;

  constructor({ share, readsPerSecond, writesPerSecond, createsPerFiveMinutes, createsPerHour }: Limits) {
    const bucket = (perSecond: number, seconds: number): TokenBucket => new TokenBucket({ perSecond: perSecond * share, burst: Math.max(1, perSecond * share * seconds) });
    this.#buckets = { reads: bucket(readsPerSecond, READ_BURST_IN_S), writes: bucket(writesPerSecond, WRITE_BURST_IN_S), deletes: bucket(writesPerSecond, WRITE_BURST_IN_S) };
    this.#turns = { reads: new Turns(this.#buckets.reads), writes: new Turns(this.#buckets.writes), deletes: new Turns(this.#buckets.deletes) };
    const window = (lengthInMs: number, own: number | undefined, usual: number): Window => {
      const cap = own === undefined ? undefined : Math.max(1, Math.floor(own));
      return { lengthInMs, most: cap ?? usual, cap };
    };
    this.#windows = new Windows([window(FIVE_MINUTES_IN_MS, createsPerFiveMinutes, USUAL_IN_FIVE_MINUTES), window(HOUR_IN_MS, createsPerHour, USUAL_IN_AN_HOUR)]);
    this.creates = new CreateTurns(this.#windows);
  }

  /** Resolves when a request may be sent. */
  async take(lane: Lane, clock: Clock, { turn, abortSignal }: { readonly turn?: Turn | undefined; readonly abortSignal?: AbortSignal | undefined }): Promise<void> {
    await this.#turns[lane].take(clock, turn, abortSignal);
  }

  /** What Azure says of what is left. */
  learn(lane: Lane, now: number, { requests, inFiveMinutes, inAnHour }: Headroom): void {
    if (requests !== undefined) this.#buckets[lane].limit(now, requests);
    // ACI counts deletes apart, and as it counts creates: who creates within its limit deletes within it.
    if (lane === "deletes" || (inFiveMinutes === undefined && inAnHour === undefined)) return;
    this.#windows.answered(now);
    if (inFiveMinutes !== undefined) this.#windows.learn(now, FIVE_MINUTES_IN_MS, inFiveMinutes);
    if (inAnHour !== undefined) this.#windows.learn(now, HOUR_IN_MS, inAnHour);
  }

  /** Azure has answered 429. */
  throttle(lane: Lane, now: number, retryAfterInMs: number | undefined, isCreate: boolean): void {
    this.#buckets[lane].throttle(now, retryAfterInMs);
    if (isCreate) this.#windows.throttle(now, Math.min(retryAfterInMs ?? REFUSED_FOR_IN_MS, FIVE_MINUTES_IN_MS));
  }
}
