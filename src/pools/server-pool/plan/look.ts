import { isLeaseDue } from "../../servers/group-lease.js";
import { judgeServer, type Standing } from "../../servers/judge-server.js";
import { whyNotReady } from "../../servers/why-not-ready.js";
import { hasAddressOf, isInUse, type ServerRow } from "../rows/row.js";
import type { RowAction } from "./action.js";
import { doubt, isBlind } from "./doubt.js";
import type { Look } from "./observation.js";
import { SCALER_LEASE_IN_MS, type PoolRules } from "./rules.js";

const DELETE_EVERY_IN_MS = 10_000;
// A 202 to a delete is no promise, and one 404 no proof.
const GONE_AFTER_MISSES = 2;

export interface Circumstances {
  readonly now: number;
  /** The time by Azure's clock. */
  readonly azureNow: number;
  /** So many are unwell at once that it is likelier whoever looks or reports. */
  readonly isBlind: boolean;
}

type Inspect = (row: ServerRow, look: Look, circumstances: Circumstances, rules: PoolRules) => RowAction[];

// What is to be done about a server for its own sake.
export const inspect: Inspect = (row, look, circumstances, rules) => inspections[row.phase](row, look, circumstances, rules);

// Whether so many of those that serve are unwell at once that it is likelier whoever looks or reports.
export function isBlindAt(rows: readonly ServerRow[], lookAt: (row: ServerRow) => Look, now: number, rules: PoolRules): boolean {
  const serving = rows.filter(({ phase }) => phase === "running" || phase === "draining");
  return isBlind(serving.map((row) => [row, { look: lookAt(row), standing: standingOf(lookAt(row), rules) }] as const), now, rules);
}

const inspections: { readonly [P in ServerRow["phase"]]: Inspect } = {
  creating(row, look, { now }, rules) {
    const { id, phase } = row;
    const standing = standingOf(look, rules);
    if (look.kind === "seen" && standing?.kind === "up" && look.isHealthy) return [{ kind: "start", id, snapshot: look.snapshot }];
    const because = failureOf(row, look, standing, now, rules);
    return because === undefined ? [] : [{ kind: "lose", id, because, seen: { phase } }];
  },
  running: watch,
  draining(row, look, circumstances, rules) {
    const actions = watch(row, look, circumstances, rules);
    return actions.some(({ kind }) => kind === "lose") || isInUse(row, circumstances.now) ? actions : [{ kind: "remove", id: row.id }];
  },
  deleting({ id, deletedAt = 0, misses = 0 }, look, { now }) {
    if (look.kind === "absent") return [{ kind: misses + 1 < GONE_AFTER_MISSES ? "miss" : "forget", id }];
    return look.kind === "seen" && now - deletedAt >= DELETE_EVERY_IN_MS ? [{ kind: "deleteAgain", id }] : [];
  },
};

// Looks after a server that may have sessions.
function watch(row: ServerRow, look: Look, circumstances: Circumstances, rules: PoolRules): RowAction[] {
  const { id } = row;
  const standing = standingOf(look, rules);
  if (standing?.kind === "dead") return [{ kind: "lose", id, because: standing.because, seen: {} }];
  const actions: RowAction[] = [];
  if (look.kind === "seen" && standing?.kind === "up" && !hasAddressOf(row, look.snapshot)) actions.push({ kind: "move", id, snapshot: look.snapshot });
  if (look.kind === "seen" && isLeaseDue(look.snapshot, circumstances.azureNow, rules.groupLeaseInMs)) actions.push({ kind: "renewLease", id, snapshot: look.snapshot });
  return [...actions, ...doubt(row, { look, standing }, circumstances, rules)];
}

// Why a server will not come up.
function failureOf(row: ServerRow, look: Look, standing: Standing | undefined, now: number, rules: PoolRules): string | undefined {
  if (standing?.kind === "dead" || standing?.kind === "failed") return standing.because;
  const because = look.kind === "absent" ? missing(row, now, rules) : undefined;
  if (because !== undefined || now - row.createdAt < rules.startTimeoutInMs) return because;
  const why = look.kind === "seen" ? `: ${whyNotReady(look.snapshot, standing?.kind === "up")}` : "";
  return `it was not ready after ${rules.startTimeoutInMs} ms${why}`;
}

// Why a server that is not there will not come. While its create may be on its way, it may.
function missing({ acceptedAt, createdAt }: ServerRow, now: number, { lostAfterInMs }: PoolRules): string | undefined {
  if (acceptedAt === undefined) return now - createdAt >= SCALER_LEASE_IN_MS ? "its create was never taken" : undefined;
  return now - acceptedAt >= lostAfterInMs ? "its group is gone" : undefined;
}

function standingOf(look: Look, { isReachable }: PoolRules): Standing | undefined {
  return look.kind === "seen" ? judgeServer(look.snapshot, isReachable) : undefined;
}
