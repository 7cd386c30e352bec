import type { FleetRecord, HeldSession } from "./fleet-record.js";

/** S6, and that no server has more sessions than it takes: what a caller is handed is good at that moment. */
export function checkPlaces(record: FleetRecord): void {
  const { plan } = record.world;
  for (const session of record.sessions.values()) {
    const [first] = session.held;
    if (first === undefined) continue;
    const beside = record.of(session.group).sessions.filter((other) => isActive(other, first.at)).length;
    if (beside > plan.capacity && record.wipes.length === 0) record.broken("S1", `${session.group} has ${beside} sessions, and takes ${plan.capacity}`);
    if (plan.hasHealthCheck) checkAddress(record, session);
  }
}

function isActive({ held, let: end }: HeldSession, at: number): boolean {
  return (end?.at ?? Infinity) > at && held.some((one) => one.at <= at && one.until > at);
}

// Whoever is sent to a server was not sent to an address at which nobody answered a moment ago.
function checkAddress(record: FleetRecord, { id, held: [first], group }: HeldSession): void {
  if (first === undefined) return;
  const asked = record.all("health").findLast((one) => one.by === first.by && one.group === group && one.at <= first.at);
  if (asked?.isWell !== true || asked.ip !== first.ip) record.broken("S6", `session ${id} was sent to ${group} at ${first.ip ?? "no address"}, where nobody answered`);
}
