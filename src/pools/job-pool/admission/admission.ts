import type { ClientParts } from "../../../client/parts.js";
import type { PoolJob } from "../pool-job.js";
import type { Tally } from "../tally.js";
import type { Places } from "./places.js";
import { placeOf, type Waiting } from "./waiting.js";

// Where nothing else comes that lets another job begin, it is looked after so long whether one can.
const LOOK_EVERY_IN_MS = 30_000;
const SHORTEST_PAUSE_IN_MS = 1000;

/** What is to be done about the jobs that wait. */
export type Decision =
  | { readonly kind: "begin"; readonly job: PoolJob; /** Where it may run, best first. */ readonly locations: readonly string[] }
  | { readonly kind: "refuseAll" }
  | { readonly kind: "lookLater"; readonly inMs: number }
  | { /** None waits; or the quota is being read, which asks again. */ readonly kind: "nothing" };

/** Which job is begun next, and where. */
export class Admission {
  readonly #parts: ClientParts;
  readonly #waiting: Waiting;
  readonly #places: Places;
  readonly #tally: Tally;

  constructor(parts: ClientParts, { waiting, places, tally }: { readonly waiting: Waiting; readonly places: Places; readonly tally: Tally }) {
    this.#parts = parts;
    this.#waiting = waiting;
    this.#places = places;
    this.#tally = tally;
  }

  decide(running: ReadonlySet<PoolJob>): Decision {
    const full = new Set<string>();
    for (let job = this.#waiting.peek(); job !== undefined; job = this.#waiting.peek(full)) {
      if (job.isBegun) return { kind: "begin", job, locations: [] };
      const hindrance = this.#hindrance(job, running);
      if (hindrance !== undefined) return hindrance;
      const locations = this.#places.choose(job, full);
      if (locations.length > 0) return { kind: "begin", job, locations };
      const place = placeOf(job);
      // Where there is no room for one that may run anywhere, those behind it would take what it waits for.
      if (place === undefined) break;
      full.add(place);
    }
    return this.#waiting.size === 0 ? { kind: "nothing" } : { kind: "lookLater", inMs: LOOK_EVERY_IN_MS };
  }

  // What keeps any job from being begun.
  #hindrance(job: PoolJob, running: ReadonlySet<PoolJob>): Decision | undefined {
    if (this.#tally.isSpent(this.#parts.clock.now())) return { kind: "refuseAll" };
    const inMs = this.#untilCreate(running);
    if (inMs > 0) return { kind: "lookLater", inMs };
    return this.#places.read(job) ? { kind: "nothing" } : undefined;
  }

  // Those that were begun and have created nothing yet are going to.
  #untilCreate(running: ReadonlySet<PoolJob>): number {
    const { budget, clock } = this.#parts;
    if (budget === undefined) return 0;
    const now = clock.now();
    let creating = 0;
    for (const { createsAt } of running) if (createsAt !== undefined && createsAt <= now) creating++;
    if (creating < budget.creates.free(now)) return 0;
    // Who has created is told of by an event; and if it has not, of the time that comes next.
    return Math.max(SHORTEST_PAUSE_IN_MS, Math.min(LOOK_EVERY_IN_MS, budget.creates.next(now) - now));
  }
}
