import { each } from "../../servers/each.js";
import { carryOut, type Errand } from "./carry-out.js";
import { observe } from "./observe.js";
import type { Action } from "../plan/action.js";
import { backOff, type ScalerMemory } from "../plan/memory.js";
import { plan } from "../plan/plan.js";
import { WIDTH, type Pool } from "../pool.js";
import type { ReconcileReport } from "./reconcile-report.js";
import { sessionsOn, type ServerPhase, type ServerRow } from "../rows/row.js";
import type { Scaler, ScalerLease } from "../rows/scaler.js";

// Looks at a pool and does what is to be done, once. One process at a time: who comes while another acts does nothing.
export async function reconcile(pool: Pool, scaler: Scaler, abortSignal: AbortSignal | undefined): Promise<ReconcileReport> {
  const { rows, parts } = pool;
  abortSignal?.throwIfAborted();
  const lease = await scaler.take(rows, parts.clock.now());
  if (lease === undefined) return { ...reportOf([], 0, 0, 0), isActing: false };
  try {
    return await act(pool, lease, abortSignal);
  } finally {
    // What could not be given back is over after a while. What was done, or failed, is to be known.
    await lease.release().catch(() => undefined);
  }
}

async function act(pool: Pool, lease: ScalerLease, abortSignal: AbortSignal | undefined): Promise<ReconcileReport> {
  const { rows, parts, options } = pool;
  const { clock } = parts;
  const record = await rows.list(clock.now());
  await rows.tidy(record.stale);
  const observation = await observe(pool, record, () => lease.keep(clock.now()), abortSignal);
  const { actions, memory } = plan(options.rules, { rows: record.rows, memory: lease.memory }, observation, clock.now());
  const report = reportOf(record.rows, memory.target, record.waiting, clock.now());
  // Before anything is sent: who has lost the lease meanwhile learns it here.
  if (!(await lease.remember(memory, clock.now()))) return { ...report, isActing: false, skipped: actions.length };
  const errand: Errand = { pool, mayAct: () => lease.isHeld(clock.now()), abortSignal, done: [], skipped: [], faults: [...observation.faults], createFaults: [] };
  await each(inOrder(actions), WIDTH, async (chain) => {
    for (const action of chain) await carryOut(errand, action);
  });
  if (errand.createFaults.length > 0) await lease.remember(afterFaults(memory, errand.createFaults, clock.now()), clock.now());
  return { ...report, actions: errand.done, skipped: errand.skipped.length, faults: errand.faults };
}

// Those of one server one after the other; those of others beside them.
function inOrder(actions: readonly Action[]): Action[][] {
  const chains = new Map<string, Action[]>();
  const creates = actions.flatMap((action) => (action.kind === "create" ? [[action]] : []));
  for (const action of actions) if (action.kind !== "create") chains.set(action.id, [...(chains.get(action.id) ?? []), action]);
  return [...chains.values(), ...creates];
}

// Creates that fail together have failed once.
function afterFaults(memory: ScalerMemory, faults: readonly (number | undefined)[], now: number): ScalerMemory {
  return backOff(memory, now, Math.max(...faults.map((retryAfterInMs) => retryAfterInMs ?? 0)));
}

function reportOf(rows: readonly ServerRow[], target: number, waiting: number, now: number): ReconcileReport {
  const count = (phase: ServerPhase): number => rows.filter((row) => row.phase === phase).length;
  return {
    isActing: true,
    target,
    servers: { creating: count("creating"), running: count("running"), draining: count("draining"), deleting: count("deleting") },
    sessions: rows.reduce((sum, row) => sum + (row.phase === "deleting" ? 0 : sessionsOn(row, now)), 0),
    waiting,
    actions: [],
    skipped: 0,
    faults: [],
  };
}
