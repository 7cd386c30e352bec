import type { JobPlan } from "../jobs/job-plan.js";
import { isOfKey } from "../world/names.js";
import { isOf, isOfLine, lineOf, type Of, type Record } from "./record.js";
import { wasDue } from "./requests.js";

// Where nothing was said of an end, nobody who waits for a call looks again sooner than this.
const OUT_OF_TURN_IN_MS = 9000;
// And where everybody is silent somebody looks by then: after the safety interval, and a wait for its turn.
const SILENT_IN_MS = 120_000 + 20_000;
const LOOKS_WITHIN_IN_MS = 20_000;
// However often an end is told that is not to be seen: so many looks, and some of the next time that it is believed.
const WINDOW_IN_MS = 30_000;
const MOST_IN_WINDOW = { webhook: 14, both: 24 } as const;

/** I10, I12: a signal makes those look whom it is about, not too often, and goes when what came of it is kept. */
export function checkHints(record: Record): void {
  for (const plan of record.plans) {
    const { completion } = plan;
    if (completion === "own" || !isHeard(record, plan)) continue;
    for (const [by, looks] of looksOf(record, plan)) {
      const underWay = looks.filter((look) => isUnderWay(record, look));
      checkFlood(record, by, underWay, MOST_IN_WINDOW[completion]);
      if (completion === "webhook") checkTurns(record, plan, looks, underWay);
    }
    for (const read of record.all("read", ({ by }) => isOf(by, plan.index))) checkEnded(record, plan, read);
    if (completion === "webhook") for (const read of record.all("read", ({ by }) => isOf(by, plan.index))) checkStarted(record, plan, read);
  }
  for (const acknowledged of record.all("acknowledged")) checkAcknowledged(record, acknowledged);
}

// Whether signals alone say when its callers look, as far as it can be told from outside.
function isHeard({ world: { faults } }: Record, { wrongs, forgetsStrategy, mode, twinAfter, otherAfter }: JobPlan): boolean {
  const isOwn = wrongs.some((wrong) => wrong.startsWith("prepare") || wrong.startsWith("nextCheck"));
  const isAlone = twinAfter === undefined && otherAfter === undefined && !(mode === "step" && faults.isOn("P6"));
  return !isOwn && !forgetsStrategy && isAlone && !faults.isOn("R11");
}

// The looks of each caller at a group that is under way, as they were sent: one that was broken off may have its effect later.
function looksOf(record: Record, { index }: JobPlan): ReadonlyMap<string, readonly Of<"request">[]> {
  const gets = [...record.all("request", ({ by, verb }) => verb === "get" && isOf(by, index))].sort((a, b) => a.sentAt - b.sentAt);
  const names = new Set(gets.map(nameOf));
  return new Map([...names].map((name) => [name, gets.filter((get) => nameOf(get) === name)]));
}

function nameOf({ by, group }: Of<"request">): string {
  return `${by} ${group}`;
}

function checkFlood(record: Record, name: string, underWay: readonly Of<"request">[], most: number): void {
  for (const [index, look] of underWay.entries()) {
    const last = underWay[index + most];
    if (last !== undefined && last.sentAt - look.sentAt < WINDOW_IN_MS && !isDisturbed(record, look, last)) record.broken("I10", `${name}: ${most + 1} looks in ${last.sentAt - look.sentAt} ms`);
  }
}

function checkTurns(record: Record, plan: JobPlan, looks: readonly Of<"request">[], underWay: readonly Of<"request">[]): void {
  for (const look of underWay) {
    const before = looks[looks.indexOf(look) - 1];
    if (before !== undefined && underWay.includes(before)) checkTurn(record, plan, before, look);
  }
}

// L1: of whom somebody was told that it has started it is known by when it must have ended, whatever the looks for safety.
function checkStarted(record: Record, { limits: { runTimeoutInMs = 0 }, mode }: JobPlan, { by, group, ids, at }: Of<"read">): void {
  const due = at + runTimeoutInMs + LOOKS_WITHIN_IN_MS;
  if (mode === "step" || mode === "poller" || !ids.includes(`${group}/started`)) return;
  const isDisturbed = record.faultsOn(({ by: asker, at: answeredAt }) => asker === by && answeredAt <= due) > 0;
  const isLooking = record.all("request", ({ by: asker, sentAt }) => asker === by && sentAt >= at && sentAt <= due).length > 0;
  const isDone = (["died", "result", "rejected"] as const).some((kind) => record.all(kind, (entry: { readonly by: string; readonly at: number }) => entry.by === by && entry.at <= due).length > 0);
  if (!isDisturbed && !isLooking && !isDone) record.broken("L1", `${by} did not look at ${group} when its time was over that was told to have started`);
}

// Of what is said to have ended somebody looks soon, where that is not said again and again.
function checkEnded(record: Record, { mode, wrongs }: JobPlan, { by, group, ids, at }: Of<"read">): void {
  if (mode === "step" || mode === "poller" || wrongs.length > 0 || !ids.some((id) => id === `${group}/ended`)) return;
  const before = record.all("read", (read) => read.by === by && read.group === group && read.at < at);
  if (before.some((read) => read.ids.some((id) => !id.endsWith("/started")))) return;
  const due = at + LOOKS_WITHIN_IN_MS;
  // Who takes it up waits as long as the one before him was told to.
  const asked = record.all("request", ({ by: asker, at: answeredAt }) => isOfLine(asker, lineOf(by)) && answeredAt <= at);
  const last = (record.isCrowd ? asked.findLast(({ by: asker }) => asker === by) : undefined) ?? (record.isCrowd ? asked.findLast(({ fault }) => fault !== undefined) : asked.at(-1));
  const hasFault = last?.fault !== undefined || record.faultsOn(({ by: asker, at: answeredAt }) => asker === by && answeredAt >= at && answeredAt <= due) > 0;
  const isLooking = record.all("request", ({ by: asker, sentAt }) => asker === by && sentAt >= at && sentAt <= due).length > 0;
  const isDone = (["died", "result", "rejected"] as const).some((kind) => record.all(kind, (entry: { readonly by: string; readonly at: number }) => entry.by === by && entry.at <= due).length > 0);
  if (!hasFault && !isLooking && !isDone && !isOver(record, by, group, due)) record.broken("L1", `${by} did not look at ${group} when it was told that it has ended`);
}

// Whether it showed a container that waits or runs, while nobody had said how the job ends.
function isUnderWay(record: Record, { by, group, at, fault }: Of<"request">): boolean {
  const [answer] = record.all("answer", (one) => one.by === by && one.group === group && one.verb === "get" && one.at >= at);
  return fault === undefined && !isOver(record, by, group, at) && ["Waiting", "Running"].includes(answer?.shows ?? "");
}

// Whether a process knew how it ends: it has said so, or begun to delete what others had seen to be over, or goes on from there.
function isOver(record: Record, by: string, group: string, until: number): boolean {
  const isTold = record.all("event", (event) => event.by === by && ["jobEnded", "jobDeleting"].includes(event.type) && group.endsWith(`-${event.attempt}`) && event.at <= until).length > 0;
  const handle = record.all("handed", ({ by: giver, at }) => isOfLine(giver, lineOf(by)) && at <= until).at(-1);
  // What another of many has kept he hears of when he keeps what he knows.
  const isKept = record.isCrowd && record.all("stored", ({ decided, job, at }) => decided && isOfKey(group, job) && at <= until).length > 0;
  return isTold || isKept || (handle?.phase === "deleting" && group.endsWith(`-${handle.attempt}`));
}

function checkTurn(record: Record, plan: JobPlan, before: Of<"request">, look: Of<"request">): void {
  const { by, group, sentAt } = look;
  if (isDisturbed(record, before, look)) return;
  if (sentAt - before.at > SILENT_IN_MS && plan.mode !== "step" && plan.mode !== "poller") record.broken("L1", `${by} did not look at ${group} for ${sentAt - before.at} ms`);
  // After a look that shows what is older another follows soon.
  const isOld = record.all("answer", (answer) => answer.by === by && answer.group === group && answer.verb === "get" && answer.at >= before.at)[0]?.isFresh === false;
  if (sentAt - before.sentAt >= OUT_OF_TURN_IN_MS || isOld) return;
  // A mailbox that broke down after it had kept something answers nobody's call.
  const isTold = [...record.all("call", (call) => call.kept > 0), ...record.all("read", (read) => read.by === by)].some((told) => told.group === group && told.at <= sentAt);
  const isAsked = record.all("asked", ({ job, at }) => job === plan.index && at <= sentAt).length > 0;
  if (!isTold && !isAsked && !wasDue(record, plan, before.at, look)) record.broken("I12", `${by} looked at ${group} again after ${sentAt - before.sentAt} ms, and nobody had told it anything`);
}

function isDisturbed(record: Record, from: Of<"request">, until: Of<"request">): boolean {
  return record.all("request", ({ by, fault, at }) => by === from.by && fault !== undefined && at >= from.at - 1 && at <= until.at).length > 0;
}

// What is acknowledged was saved since it was read. Of a job whose end is known nothing need be read any more.
function checkAcknowledged(record: Record, { by, group, ids, at }: Of<"acknowledged">): void {
  const plan = record.planOf(by);
  // Who finds that another has carried the job further goes on from there, which is saved.
  if (plan === undefined || !plan.hasStore || plan.mode === "step" || plan.twinAfter !== undefined || record.isCrowd) return;
  const isOver = record.all("event", (event) => event.by === by && event.type === "jobEnded" && event.at <= at).length > 0;
  const readAt = Math.min(...ids.map((id) => record.all("read", (read) => read.by === by && read.group === group && read.ids.includes(id))[0]?.at ?? at));
  const isSaved = record.all("stored", (stored) => isOfKey(group, stored.job) && stored.at >= readAt && stored.at <= at).length > 0;
  if (!isOver && !isSaved) record.broken("I12", `${by} acknowledged signals of ${group} before they were saved`);
}
