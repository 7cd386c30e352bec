import { addressOf, isInUse, isLive, leasedOn, newRow, withoutExpired, type ServerRow } from "../rows/row.js";
import type { RowAction, Seen } from "./action.js";

// What an action makes of a row as it is now, which may be another than the plan saw; nothing where the action does not hold any
// more. Pure: whoever writes it on the condition that the row is still this one may then carry the action out.
export function apply(action: RowAction, row: ServerRow | undefined, now: number, heldInMs: number): ServerRow | undefined {
  if (action.kind === "adopt") return row === undefined ? { ...newRow(action.id, action.groupName, now), acceptedAt: now, heldUntil: now + heldInMs } : undefined;
  if (row === undefined) return undefined;
  const next = changes[action.kind](row, action as never, now);
  return next && withoutExpired(next, now);
}

type Change<K> = (row: ServerRow, action: Extract<RowAction, { kind: K }>, now: number) => ServerRow | undefined;

const changes: { readonly [K in Exclude<RowAction["kind"], "adopt">]: Change<K> } = {
  start: (row, { snapshot }) => (row.phase === "creating" ? { ...row, phase: "running", ...addressOf(snapshot), suspectedAt: undefined, because: undefined } : undefined),
  move: (row, { snapshot }) => (isServing(row) ? { ...row, ...addressOf(snapshot) } : undefined),
  suspect: (row, { because }, now) => (isServing(row) && row.suspectedAt === undefined ? { ...row, suspectedAt: now, because } : undefined),
  trust: (row) => (isServing(row) && row.suspectedAt !== undefined ? { ...row, suspectedAt: undefined, because: undefined } : undefined),
  drain: (row, { because }) => (isLive(row) ? { ...row, phase: "draining", because } : undefined),
  resume: (row) => (row.phase === "draining" && row.isDismissed !== true ? { ...row, phase: "running", because: undefined } : undefined),
  remove: (row, _action, now) => (row.phase === "draining" && !isInUse(row, now) ? { ...row, phase: "deleting", deletedAt: now } : undefined),
  lose: (row, { because, seen }, now) => (row.phase === "deleting" || !isAsSeen(row, seen, now) ? undefined : { ...row, phase: "deleting", deletedAt: now, isLost: true, sessions: {}, because }),
  deleteAgain: (row, _action, now) => (row.phase === "deleting" ? { ...row, deletedAt: now, misses: 0 } : undefined),
  miss: (row) => (row.phase === "deleting" ? { ...row, misses: (row.misses ?? 0) + 1 } : undefined),
  // Neither changes the row: the one is removed, the other only touches the group.
  forget: (row) => (row.phase === "deleting" ? row : undefined),
  renewLease: (row) => (row.phase === "deleting" ? undefined : row),
};

function isServing({ phase }: ServerRow): boolean {
  return phase === "running" || phase === "draining";
}

function isAsSeen(row: ServerRow, seen: Seen, now: number): boolean {
  const { phase, suspectedAt, reported } = row;
  if (seen.isUnleased === true && leasedOn(row, now) > 0) return false;
  return phase === (seen.phase ?? phase) && suspectedAt === (seen.suspectedAt ?? suspectedAt) && reported?.heardAt === (seen.heardAt ?? reported?.heardAt);
}
