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
  /** What its group costs each hour, in USD. */
  readonly pricePerHour: number;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: unknown) => void;
  /** It was begun before, by this process or another: its group may be there, and its result. It waits for nothing but a place. */
  readonly isBegun: boolean;
  /** Once it has its turn. */
  startedAt?: number | undefined;
  location?: string | undefined;
  /** Whether its group was accepted, or found: it needs no turn to create any more. */
  isCreated?: boolean | undefined;
  /** When its container was last seen. */
  lookedAt?: number | undefined;
  /** Lets go of the caller's signal. */
  release?: (() => void) | undefined;
}
