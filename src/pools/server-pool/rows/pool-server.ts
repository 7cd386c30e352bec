import type { Server } from "../../servers/server.js";
import { sessionsOn, type ServerRow } from "./row.js";

/** A server of a {@link ServerPool}. @public */
export interface PoolServer extends Server {
  readonly state: "creating" | "running" | "draining" | "deleting";
  readonly sessions: number;
  /** Something is wrong with it, so that it takes no new sessions. */
  readonly isSuspected: boolean;
  /** Why it is suspected, drained or deleted. */
  readonly because?: string | undefined;
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
}

export function poolServerOf(row: ServerRow, now: number): PoolServer {
  const { id, groupName, ip, fqdn, ports, phase, because } = row;
  return {
    id,
    groupName,
    ...(ip !== undefined && { ip }),
    ...(fqdn !== undefined && { fqdn }),
    ports,
    state: phase,
    sessions: sessionsOn(row, now),
    isSuspected: row.suspectedAt !== undefined,
    ...(because !== undefined && { because }),
    createdAt: new Date(row.createdAt).toISOString(),
  };
}
