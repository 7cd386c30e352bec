// A process that reconciles a pool of servers until it is killed. Where it is to stop by itself it says so by a line on stdout,
// and stands there. It never ends.
import { AciClient, folderStore, ServerPool, type JobStore } from "aci-lifecycle";
import { stopWithin } from "../points/stop-within.js";
import { poolOptions } from "./pool-options.js";
import type { RowStop } from "./points.js";

export interface PoolChildInput {
  readonly work: "reconcile";
  readonly folder: string;
  /** How many servers there are to be. */
  readonly wanted: number;
  readonly stop?: RowStop | undefined;
}

const { folder, wanted, stop } = JSON.parse(process.argv[2] ?? "{}") as PoolChildInput;

function stand(): Promise<never> {
  process.stdout.write(`${JSON.stringify({ stands: true })}\n`);
  return new Promise(() => undefined);
}

// Stops at the write of a row: before it, within it, or when it is on the disk.
function stopping(store: JobStore, { row, at }: RowStop): JobStore {
  return {
    ...store,
    async write(key, value, ifVersion) {
      const isIt = row === "scaler" ? key.endsWith("/scaler") : (value as { readonly phase?: string } | null)?.phase === row;
      if (isIt && at === "before") await stand();
      if (isIt) stopWithin(at, stand);
      const version = await store.write(key, value, ifVersion);
      return isIt && at === "after" && version !== undefined ? stand() : version;
    },
  };
}

setInterval(() => undefined, 60_000);
const kept = folderStore(folder);
const pool = new ServerPool(AciClient.fromEnvironment(), poolOptions(stop === undefined ? kept : stopping(kept, stop), () => wanted));
await pool.run({ intervalInMs: 50, abortSignal: new AbortController().signal });
