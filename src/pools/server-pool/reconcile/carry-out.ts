import { orAbsent } from "../../../client/find-group.js";
import { randomHex } from "../../../internal/random.js";
import { resolveSecrets } from "../../../lifecycle/resolve-secrets.js";
import { renewLease } from "../../servers/group-lease.js";
import { groupNameOf, groupOf } from "../rows/naming.js";
import type { Action, RowAction } from "../plan/action.js";
import { apply } from "../plan/apply.js";
import type { Pool } from "../pool.js";
import { faultOf, type PoolAction, type PoolFault } from "./reconcile-report.js";
import { newRow } from "../rows/row.js";

/** What one who carries out a plan needs besides the pool. */
export interface Errand {
  readonly pool: Pool;
  /** Whether the pool may be acted on still. */
  readonly mayAct: () => boolean;
  readonly abortSignal: AbortSignal | undefined;
  readonly done: PoolAction[];
  /** What came too late to be begun. */
  readonly skipped: Action[];
  readonly faults: PoolFault[];
  /** How long Azure asked to wait with creates, for each that failed. */
  readonly createFaults: (number | undefined)[];
}

// Carries out one action: first the row, on condition, then what is asked of Azure.
export async function carryOut(errand: Errand, action: Action): Promise<void> {
  if (!errand.mayAct()) return void errand.skipped.push(action);
  await (action.kind === "create" ? create(errand) : change(errand, action));
}

// Where no group may be created now, nobody is to wait for it: a later reconcile creates it.
async function create(errand: Errand): Promise<void> {
  const { budget, clock } = errand.pool.parts;
  const id = randomHex(4);
  const groupName = groupNameOf(errand.pool.identity, id);
  const turn = budget?.creates.take(clock.now(), groupName) ?? 0;
  try {
    if (turn <= clock.now()) await createServer(errand, id);
  } finally {
    budget?.creates.drop(groupName);
  }
}

async function createServer({ pool, mayAct, abortSignal, done, skipped, faults, createFaults }: Errand, id: string): Promise<void> {
  const { parts, rows, identity, options } = pool;
  const { clock, gateway } = parts;
  const written = await rows.change(id, (row) => (row === undefined ? newRow(id, groupNameOf(identity, id), clock.now()) : undefined));
  if (written === undefined) return;
  // It may have been long on its way, so that another acts by now, who knows nothing of it.
  if (!mayAct()) {
    skipped.push({ kind: "create" });
    return rows.remove(id);
  }
  try {
    const group = groupOf(identity, options.server, id, parts.azureClock.now() + options.rules.groupLeaseInMs);
    const resolved = await resolveSecrets(group, options.secrets);
    pool.hider.learn(resolved);
    await gateway.put(resolved, { isDue: true, abortSignal });
    done.push({ kind: "create", serverId: id });
    await rows.change(id, (row) => row && { ...row, acceptedAt: clock.now() });
  } catch (error) {
    abortSignal?.throwIfAborted();
    const fault = await faultOf(error, pool.hider);
    faults.push({ request: "create", serverId: id, fault: fault.data });
    createFaults.push(fault.error.retryAfterInMs);
    // One that may have come is looked for by the next reconciles.
    if (!fault.error.mayHaveStarted) await rows.remove(id);
  }
}

async function change(errand: Errand, action: RowAction): Promise<void> {
  const { pool, done } = errand;
  const { rows, parts, options } = pool;
  const written = await rows.change(action.id, (row) => apply(action, row, parts.clock.now(), options.heldInMs));
  if (written === undefined) return;
  const because = "because" in action ? action.because : undefined;
  done.push({ kind: action.kind, serverId: action.id, ...(because !== undefined && { because }) });
  if (action.kind === "forget") await rows.remove(action.id);
  else await ask(errand, action, written.groupName);
}

// What an action asks of Azure, if anything.
async function ask({ pool: { parts, options, hider }, abortSignal, faults }: Errand, action: RowAction, groupName: string): Promise<void> {
  const request = action.kind === "renewLease" ? "renewLease" : DELETING.has(action.kind) ? "delete" : undefined;
  if (request === undefined) return;
  try {
    if (action.kind === "renewLease") await renewLease(parts, action.snapshot, options.rules.groupLeaseInMs, abortSignal);
    else await orAbsent(parts.gateway.delete(groupName, { abortSignal }), "gone" as const);
  } catch (error) {
    abortSignal?.throwIfAborted();
    faults.push({ request, serverId: action.id, fault: (await faultOf(error, hider)).data });
  }
}

const DELETING: ReadonlySet<RowAction["kind"]> = new Set(["remove", "lose", "deleteAgain"]);
