import { AciError } from "../../../errors.js";
import type { Pool } from "../pool.js";
import { isHeld, type ServerRow } from "../rows/row.js";
import { serverOfSession } from "./session.js";

// Until when a session is kept that is renewed now: twice its lease, so that clocks and pauses may differ.
export function leaseEnd({ options }: Pool, now: number): number {
  return now + 2 * options.sessionLeaseInMs;
}

// Renews a session, or rejects where it is over.
export async function renew(pool: Pool, id: string): Promise<void> {
  const { clock } = pool.parts;
  await pool.rows.change(serverOfSession(id), (row) => {
    const now = clock.now();
    if (row === undefined || row.isLost === true) throw over(id, "ACI_SERVER_LOST", row === undefined ? "the pool does not know it, or has deleted it" : (row.because ?? "it is gone"));
    if (!isKept(row, id, now)) throw over(id, "ACI_SESSION_EXPIRED", row.sessions[id] === undefined ? "has no place any more: it was released, or not renewed in time" : "was not renewed in time, and its place was given back");
    return { ...row, sessions: { ...row.sessions, [id]: leaseEnd(pool, now) } };
  });
}

// Gives a session's place back. One that is over is released.
export async function release(pool: Pool, id: string): Promise<void> {
  await pool.rows.change(serverOfSession(id), (row) => {
    if (row?.sessions[id] === undefined) return undefined;
    return { ...row, sessions: Object.fromEntries(Object.entries(row.sessions).filter(([one]) => one !== id)) };
  });
}

// Whether a session has its place. On an adopted server whose sessions were lost with its row, who renews is taken at their word.
function isKept(row: ServerRow, id: string, now: number): boolean {
  if (row.phase === "deleting") return false;
  return (row.sessions[id] ?? 0) > now || isHeld(row, now);
}

function over(id: string, code: "ACI_SERVER_LOST" | "ACI_SESSION_EXPIRED", why: string): AciError {
  return new AciError(code === "ACI_SERVER_LOST" ? `The server of session "${id}" is lost: ${why}` : `Session "${id}" ${why}`, { code });
}
