import { isOf } from "../check/record.js";
import type { Model, ModelJob } from "./model.js";
import type { Reality } from "./reality.js";

interface Limit {
  readonly text: RegExp;
  readonly applies: (job: ModelJob, real: Reality) => boolean;
}

/** What two callers of one job cannot know of each other, and what comes of it. Everything else that the checks say counts. */
const LIMITS: readonly Limit[] = [
  // Who comes after a death has only the intent, and not the cancel that the one before had seen. If the group is gone by then, it is lost.
  { text: /^I2: .* lost, but it was seen to be canceled/u, applies: ({ callers, isCanceled }) => isCanceled && callers.some(({ isCrashed }) => isCrashed) },
  // The checks know only the second of two groups of one name that a caller may have taken for one.
  { text: /^(?:I1|I2|I8): /u, applies: (job, real) => real.isReplaced(job) },
  // An abort between two attempts is heard by who aborts, when another caller may have gone on to the next attempt.
  { text: /^I1: .* canceled /u, applies: ({ plan, callers, isCanceled }) => isCanceled && callers.length > 1 && plan.limits.retry !== undefined },
  // Who comes after a death has only the intent. If the group is gone by then, and his create is refused or lost, he does not
  // know that the one before had seen it run.
  { text: /^I2: .* neverStarted, but it had been seen to run/u, applies: ({ plan, callers }, real) => callers.some(({ isCrashed }) => isCrashed) && hadTroubleToCreate(plan.index, real) },
];

/** Whether a violation is one of the known limits. */
export function isKnownLimit(text: string, model: Model, real: Reality): boolean {
  const index = /\bjob (\d+)\b/u.exec(text)?.[1];
  const job = model.jobs.find(({ plan }) => String(plan.index) === index);
  return job !== undefined && LIMITS.some((limit) => limit.text.test(text) && limit.applies(job, real));
}

function hadTroubleToCreate(index: number, { world }: Reality): boolean {
  return world.history.entries.some((entry) => entry.kind === "request" && entry.verb === "put" && entry.fault !== undefined && isOf(entry.by, index));
}
