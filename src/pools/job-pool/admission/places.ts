import type { Gateway, Usage } from "../../../gateway.js";
import { locationName } from "../../../lifecycle/identity.js";
import type { Clock } from "../../../internal/clock.js";
import type { ResolvedPoolLocation } from "../options.js";
import type { PoolJob } from "../pool-job.js";

interface Place {
  readonly location: string;
  readonly weight: number;
  /** What is under way there by this pool. */
  groups: number;
  cores: number;
  /** What of the quota is free for this pool, what it has included; unknown where Azure did not tell. */
  groupsFree: number;
  coresFree: number;
  coresInAll: number;
  readAt: number;
  /** Azure has refused a group there: until then others come first. */
  avoidedUntil: number;
}

// The quota is read again when it is used up: others may have given some back, or taken.
const READ_AGAIN_IN_MS = 30_000;
const AVOIDED_FOR_IN_MS = 300_000;

export interface PlacesHooks {
  /** Quotas were read, so that more jobs may be begun. */
  readonly onRead: () => void;
  /** Nobody waits for quotas any more. */
  readonly stopSignal: AbortSignal;
}

/** Where the jobs of a pool run: as many as the quota has room for, in proportion to the weights. */
export class Places {
  readonly #places: readonly Place[];
  readonly #gateway: Gateway;
  readonly #clock: Clock;
  readonly #hooks: PlacesHooks;
  #isReading = false;

  constructor(locations: readonly ResolvedPoolLocation[], gateway: Gateway, clock: Clock, hooks: PlacesHooks) {
    this.#places = locations.map((given) => ({ ...given, groups: 0, cores: 0, groupsFree: Infinity, coresFree: Infinity, coresInAll: Infinity, readAt: -Infinity, avoidedUntil: -Infinity }));
    this.#gateway = gateway;
    this.#clock = clock;
    this.#hooks = hooks;
  }

  /** Whether the quotas were asked for once, and what came of it is known. */
  get isKnown(): boolean {
    return !this.#isReading && this.#places.every(({ readAt }) => readAt > -Infinity);
  }

  /**
   * Where a job may run, best first; none where there is no room, or none is left in those that are full for others. A place whose
   * quota is not known is to be read first.
   */
  choose(job: PoolJob, full: ReadonlySet<string>): readonly string[] {
    const { location } = job.spec;
    const now = this.#clock.now();
    const places = this.#places.filter((place) => location === undefined || isSame(place.location, location));
    if (location !== undefined && places.length === 0) return [location];
    const isOpen = (place: Place): boolean => !full.has(locationName(place.location)) && hasRoom(place, job);
    const order = (place: Place): number => (isOpen(place) ? 0 : 1e12) + (place.avoidedUntil > now ? 1e9 : 0) + (place.groups + 1) / place.weight;
    // Those that are full now need not be so when Azure has refused it elsewhere.
    return places.some(isOpen) ? places.sort((one, other) => order(one) - order(other)).map((place) => place.location) : [];
  }

  /** Reads the quotas that were never read, or have no room for a job and were not read lately; false if there are none. */
  read(job: PoolJob): boolean {
    if (this.#isReading) return true;
    const now = this.#clock.now();
    const due = this.#places.filter((place) => place.readAt === -Infinity || (!hasRoom(place, job) && now - place.readAt >= READ_AGAIN_IN_MS));
    if (due.length === 0) return false;
    this.#isReading = true;
    void Promise.all(due.map((place) => this.#readOne(place))).then(() => {
      this.#isReading = false;
      this.#hooks.onRead();
    });
    return true;
  }

  take(job: PoolJob): void {
    this.#count(job, 1);
  }

  giveBack(job: PoolJob): void {
    this.#count(job, -1);
  }

  /** A job has gone on to another location. */
  move(job: PoolJob, location: string): void {
    this.#count(job, -1);
    job.location = location;
    this.#count(job, 1);
  }

  /** Azure has refused a group: for want of room of its own, or of the quota, which others may use, too. */
  refuse({ location }: PoolJob, kind: "capacity" | "quota"): void {
    for (const place of this.#places) {
      if (location === undefined || !isSame(place.location, location)) continue;
      place.avoidedUntil = this.#clock.now() + AVOIDED_FOR_IN_MS;
      // The group that was refused is counted among those that are under way there.
      if (kind === "quota") place.groupsFree = Math.min(place.groupsFree, place.groups - 1);
    }
  }

  #count({ location, cores }: PoolJob, sign: 1 | -1): void {
    for (const place of this.#places) {
      if (location === undefined || !isSame(place.location, location)) continue;
      place.groups += sign;
      place.cores += sign * cores;
    }
  }

  // A quota that cannot be read is left to Azure, which refuses what goes beyond it.
  async #readOne(place: Place): Promise<void> {
    place.readAt = this.#clock.now();
    const usages = await this.#gateway.usages(place.location, { abortSignal: this.#hooks.stopSignal }).catch(() => []);
    const of = (resource: string): Usage | undefined => usages.find((one) => one.resource.toLowerCase() === resource);
    place.groupsFree = freeOf(of("containergroups"), place.groups);
    place.coresFree = freeOf(of("standardcores"), place.cores);
    place.coresInAll = of("standardcores")?.limit ?? Infinity;
  }
}

// What is left for this pool, what it has included.
function freeOf(usage: Usage | undefined, own: number): number {
  return usage === undefined ? Infinity : usage.limit - Math.max(0, usage.used - own);
}

// One that asks for more than there is at all is for Azure to refuse.
function hasRoom({ groups, cores, groupsFree, coresFree, coresInAll }: Place, job: PoolJob): boolean {
  return groups < groupsFree && (cores + job.cores <= coresFree || job.cores > coresInAll);
}

function isSame(one: string, other: string): boolean {
  return locationName(one) === locationName(other);
}
