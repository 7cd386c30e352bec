import type { FleetRecord, HeldSession, ServerRecord } from "./fleet-record.js";

const SWEEP_GRACE_IN_MS = 600_000;
/** How long what is written on a group may be on its way. */
const WRITTEN_WITHIN_IN_MS = 120_000;

/** I14: nobody is on a group that we delete, unless it was not to be saved; and nobody comes to one that we have deleted. */
export function checkUse(record: FleetRecord): void {
  for (const [group, server] of record.servers) {
    let isGivenUp = false;
    for (const { at, sentAt, by } of server.deletes) {
      // What is given up is deleted until it is gone.
      isGivenUp ||= isExcused(record, group, server, at, by);
      for (const session of server.sessions) {
        if (isOn(record, session, { at, sentAt, by }, isGivenUp)) record.broken("I14", `${by} deletes ${group} with session ${session.id} on it`);
      }
      const players = server.players.findLast((entry) => entry.at <= at);
      if (!isGivenUp && (players?.count ?? 0) > 0) record.broken("I14", `${by} deletes ${group} with ${players?.count ?? 0} players on it`);
      const late = server.players.find((entry) => entry.count > 0 && entry.at > at && !record.isWiped(sentAt, entry.at));
      if (!isGivenUp && late !== undefined) record.broken("I14", `players come to ${group}, which ${by} has deleted`);
    }
  }
  for (const session of record.sessions.values()) checkLoss(record, session);
}

// Whether somebody believes in a session while its group is deleted, or after that. Who was on a server that was given up is
// told so the next time he asks.
function isOn(record: FleetRecord, { held, let: end }: HeldSession, { at, sentAt, by }: Pick<ServerRecord["deletes"][number], "at" | "sentAt" | "by">, isGivenUp: boolean): boolean {
  const endAt = end === undefined || end.how === "ACI_SERVER_LOST" ? Infinity : end.at;
  return held.some((one) => {
    // The pool has not to know of a sweep.
    if (isGivenUp) return one.since > at && !by.startsWith("sweep") && !record.isWiped(sentAt, one.since);
    return Math.min(one.until, endAt) > at && !(one.at > at && record.isWiped(sentAt, one.at));
  });
}

// A server may be given up that is dead, that nobody has been shown alive for as long as a suspected one has, or whose lease is over.
function isExcused(record: FleetRecord, group: string, server: ServerRecord, at: number, by: string): boolean {
  const { world, skewInMs } = record;
  const { lostAfterInMs, groupLeaseInMs } = world.plan.rules;
  const life = world.servers.lives.get(group);
  if (life === undefined || life.diedAt <= at || (life.group.goneAt <= at && server.deletes.every((one) => one.at >= life.group.goneAt))) return true;
  // A lease begins when it is written, whatever the clocks say.
  if (by.startsWith("sweep")) return at > life.group.taggedAt + groupLeaseInMs + SWEEP_GRACE_IN_MS - WRITTEN_WITHIN_IN_MS;
  const seen = server.shown.findLast((one) => one.at <= at && !isSilent(record, server, one.at));
  return at - (seen?.at ?? -Infinity) >= lostAfterInMs - skewInMs;
}

// Whether those who report of a server have not done so for too long.
function isSilent(record: FleetRecord, { counted }: ServerRecord, at: number): boolean {
  const { reportsWithinInMs } = record.world.plan.rules;
  const first = counted[0];
  if (first === undefined || first.since > at) return false;
  const last = counted.findLast((one) => one.isTaken && one.at <= at);
  return at - (last?.since ?? first.since) > reportsWithinInMs - record.skewInMs;
}

// S5: whoever renews in time keeps his session, and who does not is told; nobody is told that a server is lost which is there.
function checkLoss(record: FleetRecord, { id, group, held, let: end }: HeldSession): void {
  const { sessionLeaseInMs } = record.world.plan.rules;
  const last = held.at(-1);
  if (last === undefined) return;
  if (end?.how === "ACI_SESSION_EXPIRED" && end.at < last.since + 2 * sessionLeaseInMs - record.skewInMs && !record.isWiped(last.since, end.at)) record.broken("S5", `session ${id} was over ${last.since + 2 * sessionLeaseInMs - end.at} ms before its time`);
  const isThere = record.of(group).deletes.length === 0 && (record.world.servers.lives.get(group)?.group.goneAt ?? Infinity) === Infinity;
  if (end?.how === "ACI_SERVER_LOST" && isThere && record.wipes.length === 0 && !record.isDying(group)) record.broken("L3", `session ${id} was told that ${group} is lost, which is there`);
  for (const [index, one] of held.entries()) {
    const before = held[index - 1];
    const isLate = before !== undefined && one.since > before.at + 2 * sessionLeaseInMs + record.skewInMs;
    if (isLate && record.wipes.length === 0 && !record.hasFailed(one.by, "renew", before.at, one.since)) record.broken("S5", `session ${id} was renewed ${one.since - before.at} ms after it was last`);
  }
}
