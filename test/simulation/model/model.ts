import type { JobPlan } from "../jobs/job-plan.js";

/** What the container of a job does, by its spec. All times in milliseconds. */
export interface Work {
  /** From the create; undefined: it never starts. */
  readonly startsAfter: number | undefined;
  readonly runsFor: number;
  /** By attempt; the last counts for all that follow. */
  readonly exitCodes: readonly number[];
  readonly lines: number;
}

/** Somebody who asked for a job, in a process of his own. */
export interface ModelCaller {
  readonly by: string;
  readonly line: "job" | "twin";
  /** He gave another spec with the same key. */
  readonly isOther: boolean;
  readonly isTakenUp: boolean;
  readonly calledAt: number;
  /** Nobody else had asked when he did. */
  readonly isFirst: boolean;
  isOpen: boolean;
  isCrashed: boolean;
  isDetached: boolean;
  abortedAt?: number;
}

/** All that the model knows of a job: what was asked, what its container does, what came between. */
export interface ModelJob {
  readonly plan: JobPlan;
  readonly work: Work;
  readonly callers: ModelCaller[];
  /** Somebody deleted a group of it. */
  isDeleted: boolean;
  /** The platform began a container of it anew. */
  isRestarted: boolean;
  isCanceled: boolean;
}

/** So many jobs are in a world, at most. */
const MOST_JOBS = 4;

export class Model {
  readonly jobs: ModelJob[] = [];

  get hasRoom(): boolean {
    return this.jobs.length < MOST_JOBS;
  }

  /** One of the jobs of which something holds. */
  pick(draw: number, fits: (job: ModelJob) => boolean = () => true): ModelJob | undefined {
    const fitting = this.jobs.filter(fits);
    return fitting[draw % fitting.length];
  }

  pickCaller(draw: number, fits: (caller: ModelCaller, job: ModelJob) => boolean): { job: ModelJob; caller: ModelCaller } | undefined {
    const fitting = this.jobs.flatMap((job) => job.callers.filter((caller) => caller.isOpen && fits(caller, job)).map((caller) => ({ job, caller })));
    return fitting[draw % fitting.length];
  }
}

/** The same spec again, or another, can be asked for by who knows the key; one at a time here, so that the checks can tell them apart. */
export function mayBeAskedAgain({ plan, callers }: ModelJob): boolean {
  return plan.spec.key !== undefined && !callers.some(({ line, isOpen }) => line === "twin" && isOpen);
}

/** Its caller is gone and somebody may come who carries on. */
export function mayBeTakenUp({ plan, callers }: ModelJob): boolean {
  const last = callers.findLast(({ line }) => line === "job");
  return plan.heir !== "nobody" && last !== undefined && !last.isOpen && (last.isCrashed || last.isDetached);
}
