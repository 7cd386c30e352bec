import type { JobResult } from "../../job-result.js";
import type { ContainerJobSpec } from "../../jobs/spec/job-spec.js";
import type { PoolRunOptions } from "./options.js";

/** What a job costs that is under way, in USD. */
export interface Meter {
  /** For a millisecond, since its group is there, as far as is known; 0 while none is. */
  rate: number;
  since: number;
  /** The groups before it. */
  before: number;
}

/** A job in the hands of a pool. */
export interface PoolJob {
  readonly id: number;
  /** Its secrets may come later than it does, with a caller who has them. */
  spec: ContainerJobSpec<string>;
  readonly options: PoolRunOptions;
  /** vCPUs of its group, as a quota counts them. */
  readonly cores: number;
  /** What it comes to. */
  readonly result: Promise<JobResult>;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: unknown) => void;
  /** It was begun before, by this process or another, as the store says: its group may be there, and its result. It waits for nothing but a place. */
  isBegun: boolean;
  /** The pool is done with it. */
  isOver?: true | undefined;
  /** Where it runs, or was to run last. */
  location?: string | undefined;
  /** When it needs a turn to create its group; undefined once that is there or asked for. */
  createsAt?: number | undefined;
  /** What it costs; undefined before it has had a group. */
  meter?: Meter | undefined;
  /** When its container was last seen. */
  lookedAt?: number | undefined;
  /** How often it was put off, because the store failed for instance. */
  putOff?: number | undefined;
  /** Lets go of the caller's signal. */
  release?: (() => void) | undefined;
}
