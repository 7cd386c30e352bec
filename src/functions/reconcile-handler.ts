import type { TimerHandler } from "@azure/functions";
import type { PoolAction, ReconcileReport, ServerPool } from "aci-lifecycle";

/**
 * Reconciles a pool of servers each time a timer of Azure Functions fires. What was done, and what Azure refused, goes to the log
 * of the function; an error, of the store for instance, fails the run.
 *
 * @example
 * ```ts
 * app.timer("fleet", { schedule: "*\/15 * * * * *", handler: reconcileHandler(pool) });
 * ```
 * @public
 */
export function reconcileHandler(pool: ServerPool, options: { readonly onReport?: ((report: ReconcileReport) => unknown) | undefined } = {}): TimerHandler {
  return async (_timer, context) => {
    const report = await pool.reconcile();
    for (const action of report.actions) context[levelOf(action)](`${action.kind} ${action.serverId}${action.because === undefined ? "" : `: ${action.because}`}`);
    for (const { request, serverId, fault } of report.faults) context.warn(`${request} ${serverId} failed: ${fault.text} [${fault.code}]`);
    await options.onReport?.(report);
  };
}

// Leases are renewed at each run: who reads the log wants the rest.
function levelOf({ kind }: PoolAction): "debug" | "info" {
  return kind === "renewLease" ? "debug" : "info";
}
