import { AciError } from "../../../errors.js";
import { fail } from "../../../lifecycle/expect.js";
import type { Pool } from "../pool.js";

/** What a server, or a matchmaker, reports of a server. @public */
export interface SessionCount {
  /** How many sessions it has. */
  readonly sessions: number;
  /** When they were counted, ISO 8601 in UTC. What is older than the last that was reported is ignored. */
  readonly observedAt: string;
}

// A clock that is ahead by more would have the last word for as long.
const AHEAD_BY_IN_MS = 60_000;

// Keeps a count of the sessions on a server, unless a later one is known.
export async function report(pool: Pool, serverId: string, { sessions, observedAt }: SessionCount): Promise<void> {
  const { clock } = pool.parts;
  if (typeof sessions !== "number") fail("sessions", "a whole number of at least 0", sessions, "type");
  if (typeof observedAt !== "string") fail("observedAt", "a time in ISO 8601, such as `new Date().toISOString()`", observedAt, "type");
  const observed = Date.parse(observedAt);
  if (!Number.isInteger(sessions) || sessions < 0) fail("sessions", "a whole number of at least 0", sessions);
  if (Number.isNaN(observed)) fail("observedAt", "a time in ISO 8601", observedAt);
  if (observed > clock.now() + AHEAD_BY_IN_MS) fail("observedAt", "a time that is not in the future", observedAt);
  await pool.rows.change(serverId, (row) => {
    if (row === undefined || row.phase === "deleting") throw new AciError(`Server "${serverId}" is not known to the pool, or is deleted, so nothing can be reported of it`, { code: "ACI_SERVER_LOST" });
    const isLate = row.reported !== undefined && observed < row.reported.observedAt;
    return isLate ? undefined : { ...row, reported: { sessions, observedAt: observed, heardAt: clock.now() }, heldUntil: undefined };
  });
}
