import type { VirtualClock } from "../../src/internal/clock.js";
import { FakeArm, type ArmAnswer } from "../polling/fake-arm.js";
import type { PlannedJob } from "../polling/jobs.js";

/** What a server allows. Undefined is no limit. */
export interface ArmLimits {
  /** Whether Azure Resource Manager counts requests, and what it says to those beyond. */
  readonly retryAfterInS?: number | undefined;
  /** Groups that may be created in any five minutes. */
  readonly createsInFiveMinutes?: number | undefined;
}

interface Bucket {
  readonly size: number;
  readonly perSecond: number;
  tokens: number;
  at: number;
}

const FIVE_MINUTES_IN_MS = 300_000;
// Where ACI does not say when.
const REFUSED_FOR_IN_S = 10;
const LANES: Readonly<Record<string, string>> = { GET: "reads", PUT: "writes", DELETE: "deletes" };

// The fake ARM with the buckets that Azure documents for one principal, and ACI's window for creates. It says what is left, and
// answers 429 to what is too much.
export class LimitedArm extends FakeArm {
  readonly reads: number[] = [];
  readonly creates: number[] = [];
  requests = 0;
  refused = 0;
  readonly #limits: ArmLimits;
  readonly #buckets: Readonly<Record<string, Bucket>>;

  constructor(clock: VirtualClock, jobs: readonly PlannedJob[], limits: ArmLimits = {}) {
    super(clock, jobs);
    this.#limits = limits;
    const bucket = (size: number, perSecond: number): Bucket => ({ size, perSecond, tokens: size, at: clock.now() });
    this.#buckets = { GET: bucket(250, 25), PUT: bucket(200, 10), DELETE: bucket(200, 10) };
  }

  protected override answer(method: string, url: string, body: unknown, of: PlannedJob | undefined): ArmAnswer {
    this.requests++;
    const left = this.#take(method);
    if (left === undefined) return this.#refuse(this.#limits.retryAfterInS ?? REFUSED_FOR_IN_S);
    const now = this.clock.now();
    if (method === "GET") this.reads.push(now);
    if (method === "PUT") this.creates.push(now);
    const answer = super.answer(method, url, body, of);
    return { ...answer, headers: { ...answer.headers, ...(left < Infinity && { [`x-ms-ratelimit-remaining-subscription-${LANES[method] ?? ""}`]: String(left) }) } };
  }

  // What is left after one more, or nothing if that is too much.
  #take(method: string): number | undefined {
    const now = this.clock.now();
    const { retryAfterInS, createsInFiveMinutes = Infinity } = this.#limits;
    if (method === "PUT" && this.creates.filter((at) => at > now - FIVE_MINUTES_IN_MS).length >= createsInFiveMinutes) return undefined;
    const bucket = this.#buckets[method];
    if (retryAfterInS === undefined || bucket === undefined) return Infinity;
    const tokens = Math.min(bucket.size, bucket.tokens + ((now - bucket.at) / 1000) * bucket.perSecond);
    if (tokens < 1) return undefined;
    [bucket.tokens, bucket.at] = [tokens - 1, now];
    return Math.floor(bucket.tokens);
  }

  #refuse(afterInS: number): ArmAnswer {
    this.refused++;
    return { status: 429, body: { error: { code: "TooManyRequests", message: "The request is being throttled." } }, headers: { "retry-after": String(afterInS) } };
  }
}

// Microsoft's pipeline sends what was refused three times more, each when the answer says so, and then throws.
const RETRIES = 3;

/** The same server as the SDK's client has it. */
export class ArmBySdk extends LimitedArm {
  override async send(method: string, url: string, body?: unknown, of?: PlannedJob): Promise<ArmAnswer> {
    for (let tries = 0; ; tries++) {
      const answer = await super.send(method, url, body, of);
      if (answer.status !== 429) return answer;
      if (tries === RETRIES) throw new Error("429");
      await this.clock.sleep(1000 * Number(answer.headers["retry-after"]));
    }
  }
}
