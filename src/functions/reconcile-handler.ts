import type { TimerHandler } from "@azure/functions";
import type { PoolAction, ReconcileReport, ServerPool } from "aci-lifecycle";

/** Options for {@link reconcileHandler}. @public */
export interface ReconcileHandlerOptions {
  /** Told what each run has done, and waited for; what it throws fails the run. */
  readonly onReport?: ((report: ReconcileReport) => unknown) | undefined;
}

/**
 * Reconciles a pool of servers each time a timer of Azure Functions fires. What was done, and what Azure refused, goes to the log
 * of the function; an error, of the store for instance, fails the run. Needs the package `@azure/functions` for its types.
 *
 * @param pool - The pool; every process that runs the function has one of the same name and store.
 * @param options - What else is to be done at each run.
 * @returns The handler of a timer.
 *
 * @throws TypeError if `onReport` is no function.
 *
 * @example
 * ```ts
 * app.timer("fleet", { schedule: "*\/15 * * * * *", handler: reconcileHandler(pool) });
 * ```
 * @public
 */
export function reconcileHandler(pool: ServerPool, options: ReconcileHandlerOptions = {}): TimerHandler {
  const { onReport } = options;
  if (onReport !== undefined && typeof (onReport as unknown) !== "function") throw new TypeError(`Expected \`onReport\` to be a function, got ${typeof onReport}.`);
  return async (_timer, context) => {
    const report = await pool.reconcile();
    for (const action of report.actions) context[levelOf(action)](`${action.kind} ${action.serverId}${action.because === undefined ? "" : `: ${action.because}`}`);
    for (const { request, serverId, fault } of report.faults) context.warn(`${request} ${serverId} failed: ${fault.text} [${fault.code}]`);
    if (report.skipped > 0) context.warn(`${report.skipped} actions are left to the next run: this one was too slow`);
    if (!report.isActing) context.debug("another process scales this pool");
    await onReport?.(report);
  };
}

// Leases are renewed at each run: who reads the log wants the rest.
function levelOf({ kind }: PoolAction): "debug" | "info" {
  return kind === "renewLease" ? "debug" : "info";
}
