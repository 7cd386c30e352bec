import { orAbsent } from "../../../client/find-group.js";
import { retry } from "../../../client/retry.js";
import type { Snapshot } from "../../../container-group.js";
import { itemsOf } from "../../../lifecycle/items-of.js";
import { each } from "../../servers/each.js";
import { answers } from "../../servers/health-check.js";
import { judgeServer } from "../../servers/judge-server.js";
import { serverOf } from "../../servers/server.js";
import { groupNameOf, serverIdOf } from "../rows/naming.js";
import type { Look, PoolObservation } from "../plan/observation.js";
import { WIDTH, type Pool } from "../pool.js";
import { faultOf, type PoolFault } from "./reconcile-report.js";
import type { PoolRecord } from "../rows/pool-rows.js";
import type { ServerRow } from "../rows/row.js";

// Looks at all that a plan goes by, and calls `keep` before each look. A list that is not read to its end, a rule that cannot measure: it rejects.
export async function observe(pool: Pool, { rows, waiting }: PoolRecord, keep: () => Promise<void>, abortSignal: AbortSignal | undefined): Promise<PoolObservation & { readonly faults: readonly PoolFault[] }> {
  const faults: PoolFault[] = [];
  const measured = (await pool.options.rules.scaling.measure?.()) ?? 0;
  const listed = await listServers(pool, abortSignal);
  const looks = new Map<string, Look>();
  const orphans: { id: string; groupName: string }[] = [];
  await each(rows, WIDTH, async (row) => {
    await keep();
    looks.set(row.id, await lookAt(pool, row, listed.has(row.id), faults, abortSignal));
  });
  const known = new Set(rows.map(({ id }) => id));
  await each([...listed].filter((id) => !known.has(id)), WIDTH, async (id) => {
    await keep();
    const snapshot = await see(pool, { id, groupName: groupNameOf(pool.identity, id) }, faults, abortSignal);
    if (typeof snapshot === "object" && serverIdOf(pool.identity, snapshot) === id) orphans.push({ id, groupName: snapshot.groupName });
  });
  return { looks, orphans, waiting, measured, azureNow: pool.parts.azureClock.now(), faults };
}

// The ids of the pool's servers whose groups are listed.
async function listServers({ parts: { gateway, clock }, identity }: Pool, abortSignal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  const groups = itemsOf((page) => retry(clock, () => gateway.list(page, { abortSignal }), abortSignal));
  for await (const group of groups) {
    const id = serverIdOf(identity, group);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}

async function lookAt(pool: Pool, row: ServerRow, isListed: boolean, faults: PoolFault[], abortSignal: AbortSignal | undefined): Promise<Look> {
  const snapshot = await see(pool, row, faults, abortSignal);
  if (snapshot === "absent") return { kind: isListed ? "unknown" : "absent" };
  if (snapshot === "unknown") return { kind: "unknown" };
  const { rules, isHealthy } = pool.options;
  const isUp = judgeServer(snapshot, rules.isReachable).kind === "up";
  return { kind: "seen", snapshot: await pool.hider.inSnapshot(snapshot, rules.isReachable), isHealthy: isUp && (await answers(isHealthy, serverOf(row.id, snapshot), pool.parts.clock, abortSignal)) };
}

// One look, without another try: the next reconcile looks again.
async function see({ parts: { gateway }, hider }: Pool, { id, groupName }: Pick<ServerRow, "id" | "groupName">, faults: PoolFault[], abortSignal: AbortSignal | undefined): Promise<Snapshot | "absent" | "unknown"> {
  try {
    return await orAbsent(gateway.get(groupName, { abortSignal }), "absent" as const);
  } catch (error) {
    abortSignal?.throwIfAborted();
    faults.push({ request: "look", serverId: id, fault: (await faultOf(error, hider)).data });
    return "unknown";
  }
}
