import type { JobPlan } from "../jobs/job-plan.js";
import type { Of, Record } from "./record.js";

const HOUR = 3_600_000;
/** Clocks of several machines differ, and each may be wrong by so much. */
const CLOCKS_DIFFER_IN_MS = 6000;
/** By the hour, what each container here is billed: one processor and one gigabyte, where that is dearest. */
const DEAREST_PER_HOUR = 0.052;
/** An amount has three digits. */
const ROUNDED = 1.01;

/** What else a result tells is so: where it ran, how long it took, and what it cost. */
export function checkFacts(record: Record): void {
  for (const plan of record.plans) {
    for (const told of record.resultsOf(plan)) {
      checkLocation(record, plan, told);
      checkTime(record, plan, told);
      checkCost(record, plan, told);
    }
  }
}

function checkLocation(record: Record, plan: JobPlan, { by, result, at }: Of<"result">): void {
  const groups = record.groupsOf(plan).filter(({ name, createdAt }) => name === result.groupName && createdAt <= at);
  // Nor does who has nothing but his own, and made none of that name, know of another's.
  const isUnknown = !plan.hasStore && plan.heir !== "handle" && !record.hasMet(by, result.groupName, at);
  const isThere = groups.some(({ body }) => body.location === result.location);
  // Who never reached Azure knows of no other; nor of what another has asked for by the same key.
  if (groups.length > 0 && !isThere && result.outcome !== "notRun" && plan.otherAfter === undefined && !isUnknown) record.broken("I2", `${by} was told that ${result.groupName} was in ${result.location}`);
}

function checkTime(record: Record, { index }: JobPlan, { by, result, at }: Of<"result">): void {
  const calledAt = record.all("called", ({ job }) => job === index)[0]?.at ?? 0;
  const tookInMs = at - calledAt;
  if (result.totalInMs < 0 || result.totalInMs > tookInMs + CLOCKS_DIFFER_IN_MS) record.broken("I2", `${by} was told that it took ${result.totalInMs} ms, and it was called ${tookInMs} ms before`);
}

// It counts all attempts, and none for longer than since its group was made: somebody may see late that it is gone.
function checkCost(record: Record, plan: JobPlan, { by, result, at }: Of<"result">): void {
  const earlier = result.earlier.reduce((sum, { cost }) => sum + cost, 0);
  const agesInMs = record.groupsOf(plan).reduce((sum, { createdAt }) => sum + Math.max(0, at - createdAt) + CLOCKS_DIFFER_IN_MS, 0);
  if (result.cost * ROUNDED < earlier) record.broken("I2", `${by} was told that it cost ${result.cost}, and its attempts before cost ${earlier}`);
  // Whom Azure has not told its time goes by his own clock, and may have kept that for others.
  const knows = (who: string): boolean => record.all("answer", (answer) => answer.by === who && answer.isFresh && answer.status !== "none").length > 0;
  const keepers = record.isCrowd ? record.all("stored", ({ decided, at: keptAt }) => decided && keptAt <= at).map((kept) => kept.by) : [];
  if (![by, ...keepers].every(knows)) return;
  if (result.cost === 0 && result.exitCode !== undefined) record.broken("I2", `${by} was told that what ended with ${result.exitCode} cost nothing`);
  const containers = 1 + (plan.spec.sidecars?.length ?? 0);
  if (result.cost > (agesInMs / HOUR) * DEAREST_PER_HOUR * containers * ROUNDED) record.broken("I2", `${by} was told that it cost ${result.cost}, and its groups were made ${agesInMs} ms before`);
}
