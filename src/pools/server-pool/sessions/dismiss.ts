import { AciError } from "../../../errors.js";
import type { Pool } from "../pool.js";

// Has a server drained for good. One that is being deleted is on its way already.
export async function dismiss(pool: Pool, serverId: string): Promise<void> {
  await pool.rows.change(serverId, (row) => {
    if (row === undefined) throw new AciError(`There is no server "${serverId}" in the pool`, { code: "ACI_NOT_FOUND" });
    return row.phase === "deleting" ? undefined : { ...row, phase: "draining", isDismissed: true, because: row.because ?? "it was asked for" };
  });
}
