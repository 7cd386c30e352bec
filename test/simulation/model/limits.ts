import type { Model, ModelJob } from "./model.js";
import type { Reality } from "./reality.js";

interface Limit {
  readonly text: RegExp;
  readonly applies: (job: ModelJob, real: Reality) => boolean;
}

/** What two callers of one job cannot know of each other, and what comes of it. Everything else that the checks say counts. */
const LIMITS: readonly Limit[] = [
  // The checks know only the second of two groups of one name that a caller may have taken for one.
  { text: /^(?:I1|I2|I8): /u, applies: (job, real) => real.isReplaced(job) },
  // An abort between two attempts is heard by who aborts, when another caller may have gone on to the next attempt.
  { text: /^I1: .* canceled /u, applies: ({ plan, callers, isCanceled }) => isCanceled && callers.length > 1 && plan.limits.retry !== undefined },
];

/** Whether a violation is one of the known limits. */
export function isKnownLimit(text: string, model: Model, real: Reality): boolean {
  const index = /\bjob (\d+)\b/u.exec(text)?.[1];
  const job = model.jobs.find(({ plan }) => String(plan.index) === index);
  return job !== undefined && LIMITS.some((limit) => limit.text.test(text) && limit.applies(job, real));
}
