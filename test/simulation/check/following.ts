import type { JobPlan } from "../jobs/job-plan.js";
import { isOf, type Of, type Record } from "./record.js";

/** What is to be tried again is, and not sooner than was asked for. */
export function checkFollowing(record: Record): void {
  for (const plan of record.plans) {
    for (const told of record.resultsOf(plan)) checkFollows(record, plan, told);
    for (const retrying of record.all("event", ({ job, type }) => job === plan.index && type === "jobRetrying")) checkDelay(record, plan, retrying);
  }
}

// An exit code that is to be tried again, or a lack of room where there is another location, does not end a job.
function checkFollows(record: Record, plan: JobPlan, { by, result }: Of<"result">): void {
  const { retry, locations } = plan.limits;
  const most = retry?.maxAttempts ?? Math.max(2, locations?.length ?? 1);
  // Where nothing is kept, another caller may have made one of a number that was had before.
  const made = Math.max(result.attempt, result.earlier.length + 1);
  // Where it was given up that the group goes, that is the last attempt for all of many.
  const isGone = (record.isCrowd ? record.resultsOf(plan).map((one) => one.result) : [result]).every(({ cleanup }) => cleanup === "done");
  const isCanceled = record.all("asked", ({ job, what }) => job === plan.index && what !== "detach").length > 0;
  if (plan.forgetsLimits || plan.heir === "key" || isCanceled || !isGone || made >= most) return;
  if (result.outcome === "failed" && retry?.exitCodes === "nonZero" && (result.exitCode ?? 0) !== 0) record.broken("R", `${by} did not try again what ended with ${result.exitCode ?? "?"}, in attempt ${result.attempt} of ${most}`);
  const isShort = result.outcome === "neverStarted" && (result.code === "ACI_CAPACITY" || result.code === "ACI_QUOTA_EXCEEDED");
  if (isShort && locations !== undefined && result.earlier.length + 1 < locations.length) record.broken("R", `${by} was told ${result.code ?? "?"}, and there was another location`);
}

// Between two attempts there is a pause that doubles, of which half may be left out; none before another location.
function checkDelay(record: Record, { limits: { retry, locations }, index }: JobPlan, { by, attempt, at, outcome }: Of<"event">): void {
  if (retry?.firstDelayInMs === undefined || (outcome === "neverStarted" && locations !== undefined)) return;
  const next = record.all("request", (request) => request.by === by && request.verb === "put" && isOf(by, index) && request.group.endsWith(`-${attempt + 1}`) && request.sentAt >= at)[0];
  const least = (retry.firstDelayInMs * 2 ** (attempt - 1)) / 2;
  if (next !== undefined && next.sentAt - at < Math.min(60_000, least) - 1) record.broken("R", `${by} tried again after ${next.sentAt - at} ms, not ${least}`);
}
