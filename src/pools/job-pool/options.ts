import { checkRunOptions, type DriveOptions, type JobLimitOptions, type RunContainerJobOptions } from "../../jobs/options/run-options.js";
import { expectFields, expectForm, expectFunction, expectKeys, expectPositive, expectText, fail } from "../../lifecycle/expect.js";
import { locationName } from "../../lifecycle/identity.js";
import type { JobStore } from "../../store.js";
import type { PoolEvent, PoolJobEvent } from "./pool-event.js";
import type { PoolJob } from "./pool-job.js";

/** A location of a pool, and its share of the jobs. @public */
export interface PoolLocation {
  readonly location: string;
  /** How many jobs it has for one of a location of weight 1, where both have room. @defaultValue `1` */
  readonly weight?: number | undefined;
}

/**
 * Options of a {@link JobPool}. Limits and live things are those of all of its jobs; a job may have limits of its own.
 *
 * @public
 */
export interface JobPoolOptions extends Omit<DriveOptions, "onEvent">, Omit<JobLimitOptions, "locations"> {
  /** How many jobs are under way at a time; {@link JobPool.concurrency} changes it. @defaultValue `100`, the usual quota of groups of a location */
  readonly concurrency?: number | undefined;
  /** How many jobs may wait, besides those that there is a place for. One more is refused with `ACI_POOL_FULL`. @defaultValue no limit */
  readonly maxQueue?: number | undefined;
  /**
   * Where jobs may run. Each goes where there is room by the quota, in proportion to the weights, and on to another location where
   * Azure has no room after all. A spec with a `location` stays there.
   *
   * @defaultValue the location of the client
   */
  readonly locations?: readonly (string | PoolLocation)[] | undefined;
  /**
   * How much all jobs together may cost, in USD at list prices. When that much is spent nothing more is started: jobs under way
   * go on to their ends, and the others come back as `notRun`. What the store has a result of counts, too, when it is given again; each process counts for itself.
   *
   * @defaultValue no limit
   */
  readonly spendingLimit?: number | undefined;
  /**
   * The name under which jobs that wait are kept in the `store`. Processes with the same name over one store are one pool.
   *
   * @defaultValue `"default"`
   */
  readonly name?: string | undefined;
  /** Told everything that happens in the pool, and to its jobs; {@link PoolReport} listens to it. A listener that throws or rejects is ignored. */
  readonly onEvent?: ((event: PoolJobEvent | PoolEvent) => void) | undefined;
}

/** Options for {@link JobPool.run}: what differs from those of the pool. @public */
export interface PoolRunOptions extends Omit<JobLimitOptions, "locations"> {
  /** Jobs of a higher priority are started first; equal ones in the order in which they came. @defaultValue `0` */
  readonly priority?: number | undefined;
  /** Cancels the job, whether it waits or runs. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** Options for {@link JobPool.map}. @public */
export interface MapOptions extends PoolRunOptions {
  /** Whether results come in the order of the specs. @defaultValue `false`: as soon as they are there */
  readonly ordered?: boolean | undefined;
}

const LIMIT_FIELDS = ["startTimeoutInMs", "pullTimeoutInMs", "heartbeatTimeoutInMs", "runTimeoutInMs", "cleanupTimeoutInMs", "keep", "retry", "retryOnLost", "onRestart", "doneWhen"] as const satisfies readonly (keyof JobLimitOptions)[];
const RUN_FIELDS = [...LIMIT_FIELDS, "priority", "abortSignal"] as const satisfies readonly (keyof PoolRunOptions)[];
const POOL_FIELDS = ["concurrency", "maxQueue", "locations", "spendingLimit", "name", "onEvent", "secrets", "store", "completion", "fileStore", "outputFolder", "logSink", ...LIMIT_FIELDS] as const satisfies readonly (keyof JobPoolOptions)[];

/** A location of a pool with its weight. */
export interface ResolvedPoolLocation {
  readonly location: string;
  readonly weight: number;
}

/** The options of a pool with their defaults. */
export interface ResolvedJobPoolOptions {
  /** Those of each of its jobs. */
  readonly job: RunContainerJobOptions;
  readonly onEvent: JobPoolOptions["onEvent"];
  readonly concurrency: number;
  readonly maxQueue: number;
  readonly locations: readonly ResolvedPoolLocation[];
  readonly spendingLimit: number;
  readonly name: string;
}

// Checks the options of a pool. `home` is where jobs run if nothing else is said.
export function resolveJobPoolOptions(options: JobPoolOptions, home: string): ResolvedJobPoolOptions {
  expectKeys("options", options, POOL_FIELDS);
  const { concurrency = 100, maxQueue = Infinity, locations = [home], spendingLimit = Infinity, name = "default", onEvent, ...job } = options;
  checkRunOptions(job);
  expectFunction("onEvent", onEvent);
  checkConcurrency(concurrency);
  if (maxQueue !== Infinity) expectPositive("maxQueue", maxQueue, 1);
  if (spendingLimit !== Infinity) expectPositive("spendingLimit", spendingLimit);
  expectForm("name", name, /^[\w.-]{1,100}$/u, "1 to 100 letters, digits, dots, hyphens and underscores");
  expectList(job.store);
  return { job, onEvent, concurrency, maxQueue, locations: resolveLocations(locations), spendingLimit, name };
}

// Jobs that wait are to be found again.
function expectList(store: JobStore | undefined): void {
  if (store === undefined || typeof store.list === "function") return;
  throw new TypeError("Expected `store` to have a `list`, as those of aci-lifecycle have: a pool finds there what was waiting.");
}

/** The options of a job as {@link runContainerJob} takes them: what is undefined is left to the pool. */
export function jobOptionsOf(options: PoolRunOptions): RunContainerJobOptions {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => name !== "priority" && value !== undefined));
}

/** What a job of a pool is run with: its own options before those of the pool, and where it may run, best first, unless its spec says so. */
export function runOptionsOf(pool: ResolvedJobPoolOptions, { spec, options }: Pick<PoolJob, "spec" | "options">, chosen: readonly string[] = []): RunContainerJobOptions {
  const locations = chosen.length > 0 ? chosen : pool.locations.map(({ location }) => location);
  // Not written with spreads: what is put together by those has a shape of its own for each of ten thousand jobs.
  return Object.assign({}, pool.job, jobOptionsOf(options), spec.location === undefined ? { locations } : {});
}

function resolveLocations(locations: unknown): readonly ResolvedPoolLocation[] {
  if (!Array.isArray(locations) || locations.length === 0) fail("locations", "an array of one location or more", locations, "type");
  const resolved = (locations as readonly (string | PoolLocation)[]).map((given, index) => {
    const field = `locations[${index}]`;
    if (typeof given !== "string") expectFields(field, given, ["location", "weight"]);
    const { location, weight = 1 } = typeof given === "string" ? { location: given } : given;
    expectText(typeof given === "string" ? field : `${field}.location`, location);
    expectPositive(`${field}.weight`, weight);
    return { location, weight };
  });
  const names = resolved.map(({ location }) => locationName(location));
  const again = names.findIndex((name, index) => names.indexOf(name) < index);
  if (again >= 0) fail(`locations[${again}]`, "a location that is not named before", resolved[again]?.location);
  return resolved;
}

// Throws for what is no number of jobs.
export function checkConcurrency(value: unknown): void {
  if (value === Infinity) return;
  if (typeof value !== "number") fail("concurrency", "a whole number of at least 1, or Infinity", value, "type");
  if (!Number.isInteger(value) || value < 1) fail("concurrency", "a whole number of at least 1, or Infinity", value);
}

// Checks what a job has that differs from its pool.
export function checkPoolRunOptions(options: PoolRunOptions, ...more: readonly string[]): void {
  expectKeys("options", options, [...RUN_FIELDS, ...more]);
  const { priority } = options;
  if (priority === undefined) return;
  if (typeof priority !== "number") fail("priority", "a number", priority, "type");
  if (!Number.isFinite(priority)) fail("priority", "a finite number", priority);
}

// Checks the options of a map but for those of its jobs.
export function checkMapOptions(options: MapOptions): void {
  checkPoolRunOptions(options, "ordered");
  const ordered: unknown = options.ordered;
  if (ordered !== undefined && typeof ordered !== "boolean") fail("ordered", "a boolean", ordered, "type");
}
