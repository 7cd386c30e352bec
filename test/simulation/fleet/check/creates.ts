import type { FleetRecord } from "./fleet-record.js";

const PAUSE_IN_MS = 60_000;
const ACTS_FOR_IN_MS = 25_000;
/** What is lost is replaced in the same moment. */
const MOMENT_IN_MS = 3000;

/** I3, I5, S3: no more groups than there may be, none that is another's, and no storm of creates where there is no room. */
export function checkCreates(record: FleetRecord): void {
  const { world } = record;
  for (const { by, group } of record.all("updated")) record.broken("I5", `${by} sent a PUT for ${group}, which was there`);
  for (const request of record.all("request")) {
    if (request.truth === "foreign" && ["put", "patch", "delete"].includes(request.verb)) record.broken("I5", `${request.by} sent a ${request.method} for a group of others`);
  }
  for (const group of world.azure.past) if (group.isForeign && group.goneAt !== Infinity) record.broken("I5", `the group of others ${group.name} is gone`);
  checkCount(record);
  checkStorms(record);
}

// Groups that are on their way out, by the pool's own records, do not count.
function checkCount(record: FleetRecord): void {
  const { azure, plan } = record.world;
  const leaving = new Map<string, number>();
  for (const { key, phase, at } of record.all("row")) if (phase === "deleting") leaving.set(key.split("/").at(-1) ?? "", Math.min(at, leaving.get(key.split("/").at(-1) ?? "") ?? Infinity));
  const ours = azure.past.filter(({ isForeign }) => !isForeign);
  const isCounted = (name: string, at: number): boolean => (leaving.get(name.split("-").at(-1) ?? "") ?? Infinity) > at + MOMENT_IN_MS;
  for (const { createdAt } of ours) {
    const count = ours.filter((group) => group.createdAt <= createdAt && group.goneAt > createdAt && isCounted(group.name, createdAt)).length;
    if (count > plan.rules.max && record.wipes.length === 0) record.broken("I3", `there are ${count} groups, and ${plan.rules.max} are the most`);
  }
}

// After a create that met no room nobody creates anything for a minute, once that is on record.
function checkStorms(record: FleetRecord): void {
  const refusals = record.all("answer").filter(({ verb, status }) => verb === "put" && status === 409);
  if (refusals.length === 0) return;
  const puts = record.all("request").filter(({ verb }) => verb === "put");
  for (const { by, since, at } of record.all("reconciled")) {
    const refusal = refusals.findLast((answer) => answer.by === by && answer.at >= since && answer.at <= at);
    // Who takes longer acts no more: another may have begun.
    if (refusal === undefined || at - since > ACTS_FOR_IN_MS) continue;
    const next = puts.find((put) => put.sentAt > at);
    if (next !== undefined && next.sentAt < refusal.at + PAUSE_IN_MS - record.skewInMs && !record.isWiped(refusal.at, next.sentAt)) record.broken("S3", `${next.by} creates a server ${next.sentAt - refusal.at} ms after ${by} met no room`);
  }
}
