import type { Snapshot } from "../../../container-group.js";
import type { Server } from "../../servers/server.js";

/** What the store keeps of a server. Times are in milliseconds since 1970, by the clock of whoever wrote. */
export interface ServerRow {
  readonly kind: typeof SERVER_KIND;
  readonly id: string;
  readonly groupName: string;
  readonly phase: ServerPhase;
  /** When the row was written, which is before the create is sent. */
  readonly createdAt: number;
  /** When Azure took the create. */
  readonly acceptedAt?: number | undefined;
  readonly ip?: string | undefined;
  readonly fqdn?: string | undefined;
  readonly ports: Server["ports"];
  /** Until when each session is kept that nobody renews. */
  readonly sessions: Readonly<Record<string, number>>;
  readonly reported?: { readonly sessions: number; readonly observedAt: number; readonly heardAt: number } | undefined;
  /** Until when an adopted server counts as used and takes nobody, because what was known of its sessions is lost. */
  readonly heldUntil?: number | undefined;
  readonly suspectedAt?: number | undefined;
  /** Why it is suspected, drained or deleted. */
  readonly because?: string | undefined;
  /** Somebody asked for it to be drained, so that the pool does not change its mind. */
  readonly isDismissed?: boolean | undefined;
  /** When its delete was last sent. */
  readonly deletedAt?: number | undefined;
  /** It died before it was deleted, with the sessions that it had. */
  readonly isLost?: boolean | undefined;
  /** How often in a row its deleted group was not to be seen. */
  readonly misses?: number | undefined;
}

export type ServerPhase = "creating" | "running" | "draining" | "deleting";

export const SERVER_KIND = "aci-lifecycle/server/1";

export function newRow(id: string, groupName: string, now: number): ServerRow {
  return { kind: SERVER_KIND, id, groupName, phase: "creating", createdAt: now, ports: [], sessions: {} };
}

// A row as it was written, or an Error for what another version has written.
export function rowFrom(key: string, value: unknown): ServerRow {
  const { kind } = (value ?? {}) as Partial<ServerRow>;
  if (kind !== SERVER_KIND) throw new Error(`What the store has under "${key}" is no server of this version of aci-lifecycle.`);
  return value as ServerRow;
}

// The row without sessions that nobody has renewed in time.
export function withoutExpired(row: ServerRow, now: number): ServerRow {
  const kept = Object.entries(row.sessions).filter(([, until]) => until > now);
  return kept.length === Object.keys(row.sessions).length ? row : { ...row, sessions: Object.fromEntries(kept) };
}

// The sessions that were handed out, and are kept.
export function leasedOn({ sessions }: ServerRow, now: number): number {
  return Object.values(sessions).filter((until) => until > now).length;
}

// The sessions on a server: those that were handed out, or as many as were reported, whichever is more.
export function sessionsOn(row: ServerRow, now: number): number {
  return Math.max(leasedOn(row, now), row.reported?.sessions ?? 0);
}

// Whether a server may have sessions that are not known of.
export function isHeld({ heldUntil = 0 }: ServerRow, now: number): boolean {
  return heldUntil > now;
}

// Whether a server must not be deleted yet.
export function isInUse(row: ServerRow, now: number): boolean {
  return sessionsOn(row, now) > 0 || isHeld(row, now);
}

// Whether a server is one of those that serve, or are about to.
export function isLive({ phase }: ServerRow): boolean {
  return phase === "creating" || phase === "running";
}

export function hasAddressOf(row: ServerRow, other: Pick<Snapshot, "ip" | "fqdn">): boolean {
  return row.ip === other.ip && row.fqdn === other.fqdn;
}

// The address of a snapshot, for a row.
export function addressOf({ ip, fqdn, ports }: Snapshot): Pick<ServerRow, "ip" | "fqdn" | "ports"> {
  return { ip, fqdn, ports };
}
