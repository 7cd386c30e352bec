import type { JobResult } from "../../job-result.js";
import type { ContainerJobSpec } from "../../jobs/spec/job-spec.js";
import type { PoolRunOptions } from "./options.js";

/** A job in the hands of a pool. */
export interface PoolJob {
  readonly id: number;
  readonly spec: ContainerJobSpec<string>;
  readonly options: PoolRunOptions;
  /** vCPUs of its group, as a quota counts them. */
  readonly cores: number;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: unknown) => void;
  /** It was begun before, by this process or another: its group may be there, and its result. It waits for nothing but a place. */
  readonly isBegun: boolean;
  /** Where it runs, or was to run last. */
  location?: string | undefined;
  /** When it needs a turn to create its group; undefined once that is there or asked for. */
  createsAt?: number | undefined;
  /** Since when its present group is there, as far as is known, and what those before it have cost in USD. */
  thereSince?: number | undefined;
  costBefore?: number | undefined;
  /** When its container was last seen. */
  lookedAt?: number | undefined;
  /** Lets go of the caller's signal. */
  release?: (() => void) | undefined;
}
