import type { TruthGroup } from "../azure/truth.js";
import { isByLine } from "../jobs/job-plan.js";
import type { Record } from "./record.js";
import { attemptOf, baseOf, isOfKey } from "../world/names.js";
import { OWNER } from "../world/world.js";

const RACE_IN_MS = 10_000;
// Who is held up between its look and its create, looked that much earlier.
const HELD_UP_IN_MS = 60_000;
const STORE_READ_IN_MS = 25;

/** I3, I4, I5: one group at a time, none left, none of others touched. */
export function checkGroups(record: Record, isSwept: boolean): void {
  for (const plan of record.plans) checkOneAtATime(record, record.groupsOf(plan));
  for (const request of record.all("request", ({ verb, truth }) => truth === "foreign" && ["put", "patch", "delete"].includes(verb))) {
    record.broken("I5", `${request.by} sent a ${request.method} for a group of others`);
  }
  for (const { by, group, verb } of record.all("request")) {
    const plan = record.planOf(by);
    if (verb === "delete" && plan !== undefined && !record.groupsOf(plan).some(({ name }) => baseOf(name) === baseOf(group)) && record.world.azure.past.some(({ name }) => name === group)) record.broken("I5", `${by} deleted ${group}, which is another job's`);
  }
  for (const { by, group, at } of record.all("updated")) checkUpdate(record, by, group, at);
  for (const group of record.world.azure.past) {
    if (group.isForeign && (group.goneAt !== Infinity || JSON.stringify(group.tags) !== JSON.stringify(group.body.tags))) record.broken("I5", `the group of others ${group.name} is not what it was`);
  }
  if (isSwept) checkNoneLeft(record);
}

function checkOneAtATime(record: Record, groups: readonly TruthGroup[]): void {
  const inOrder = [...groups].sort((a, b) => a.createdAt - b.createdAt);
  for (const [index, group] of inOrder.entries()) {
    // A caller without a key that begins again begins another job.
    const later = inOrder.slice(index + 1).filter(({ name, createdAt }) => baseOf(name) === baseOf(group.name) && createdAt < group.goneAt);
    for (const next of later) if (!isRace(record, group, next)) record.broken("I3", `${group.name} and ${next.name} were there at once`);
    if (group.incarnation > 0) checkReuse(record, group);
  }
}

// Azure has no create on condition. Of two callers of one key at once, one may be refused for want of room and go on to
// the next attempt in the same seconds in which the other's create is on its way.
function isRace(record: Record, one: TruthGroup, other: TruthGroup): boolean {
  const [first, second] = [one, other].map((group) => record.all("created", (entry) => entry.group === group.name && entry.incarnation === group.incarnation)[0]?.by);
  // Who sends his create after he could see the other's is in no race.
  const [put] = record.all("request", ({ by, verb, group, at }) => by === second && verb === "put" && group === other.name && at === other.createdAt);
  const looked = record.all("request", ({ by, verb, fault, at }) => by === second && verb === "list" && fault === undefined && at > one.createdAt && at < (put?.sentAt ?? 0));
  if (looked.length > 0) return false;
  return first !== second && baseOf(one.name) === baseOf(other.name) && one.name !== other.name && other.createdAt - one.createdAt < RACE_IN_MS + (record.world.faults.isOn("R11") ? HELD_UP_IN_MS : 0);
}

// A name is used again only by those who cannot know of the group before.
function checkReuse(record: Record, group: TruthGroup): void {
  const [created] = record.all("created", (entry) => entry.group === group.name && entry.incarnation === group.incarnation);
  const by = created?.by ?? "";
  const before = record.world.azure.past.find((one) => one.name === group.name && one.incarnation === group.incarnation - 1) as TruthGroup;
  const isKnown = record.all("answer", (answer) => answer.by === by && answer.group === group.name && answer.shows !== undefined && answer.at < group.createdAt && !record.isForgotten(by, answer.at)).length > 0;
  const [put] = record.all("request", (request) => request.by === by && request.verb === "put" && request.group === group.name && request.at === group.createdAt);
  // It was under way already when the group before was there.
  if (put !== undefined && put.sentAt < before.goneAt) return;
  // The store is asked right before it is sent.
  const askedAt = (put?.sentAt ?? group.createdAt) - STORE_READ_IN_MS - (record.world.faults.isOn("R11") ? HELD_UP_IN_MS : 0);
  const isStored = record.all("stored", (entry) => isOfKey(group.name, entry.job) && entry.attempt >= attemptOf(group.name) && !["intended", "creating", "notRun"].includes(entry.phase) && entry.at < askedAt).length > 0;
  if (isKnown) record.broken("I3", `${by} used the name ${group.name} again, whose group it had seen before ${before.goneAt}`);
  else if (isStored && record.planOf(by)?.hasStore === true) record.broken("I3", `${by} used the name ${group.name} again, of which its store knew`);
}

// A PUT on a group that is there is forgiven to who could not know of it.
function checkUpdate(record: Record, by: string, group: string, at: number): void {
  const who = by.replace(" otherwise", "");
  const [put] = record.all("request", (request) => request.by === who && request.verb === "put" && request.group === group).slice(-1);
  const hasSeen = record.all("answer", (answer) => answer.by === who && answer.group === group && answer.shows !== undefined && answer.at < (put?.sentAt ?? 0)).length > 0;
  const puts = record.all("request", (request) => request.by === who && request.verb === "put" && request.group === group && [undefined, "C2", "C3", "C10"].includes(request.fault));
  const creator = record.all("created", (entry) => entry.group === group && entry.at <= at).at(-1)?.by;
  const { createdAt = Infinity, goneAt = Infinity } = record.world.azure.past.findLast((one) => one.name === group && one.createdAt <= at) ?? {};
  const hasListed = record.all("request", (request) => request.by === who && request.verb === "list" && request.fault === undefined && request.status === 200 && request.at > createdAt && request.at < Math.min(put?.sentAt ?? 0, goneAt)).length > 2;
  if (hasListed) record.broken("I5", `${by} sent a PUT for ${group}, which a list had shown`);
  if (creator === who) record.broken("I5", `${who} sent a second PUT for ${group}, which a list would have shown`);
  if (hasSeen) record.broken("I5", `${by} sent a PUT for ${group}, which it had seen`);
  const first = puts[0];
  if (first !== undefined && put !== undefined && first !== put && put.sentAt - first.sentAt < 10_000) record.broken("C1", `${by} sent a second PUT for ${group} after ${put.sentAt - first.sentAt} ms`);
}

function checkNoneLeft(record: Record): void {
  for (const group of record.world.azure.groups.values()) {
    if (group.tags["aci-lifecycle-owner"] !== OWNER) continue;
    const plan = record.plans.find((one) => record.groupsOf(one).includes(group));
    const mayBeKept = plan?.limits.keep !== undefined && plan.limits.keep !== "never";
    const end = group.runs.at(-1);
    const hasEnded = end !== undefined && end.endAt <= record.world.time.now;
    const isSuccess = !record.all("result", ({ result }) => result.groupName === group.name && result.cleanup === "kept").length && plan?.limits.keep === "onFailure" && !isByLine(plan) && group.others === undefined && end?.exitCode === 0 && group.program.tells !== "noExitCode" && group.runs.length === 1;
    if (!mayBeKept || !hasEnded || isSuccess) record.broken("I4", `${group.name} was left behind`);
  }
}
