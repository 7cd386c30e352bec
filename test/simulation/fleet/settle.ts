import type { PoolServer, ServerPool, Session } from "../../../src/index.js";
import type { Process } from "../world/process.js";
import type { FleetWorld } from "./fleet-world.js";
import { collect } from "./matchmaker.js";
import { reconcileOnce } from "./scalers.js";
import { enter, leave, renewOnce } from "./users.js";

const EVERY_IN_MS = 20_000;
/** Nobody asks more often than this where it takes long. */
const SELDOM_IN_MS = 60_000;
/** A pause after failed creates may be an hour, if Azure asks for it, a start may take ten minutes, and either may have just begun. */
const SETTLES_WITHIN_IN_MS = 100 * 60_000;
/** So many passes in a row without a change. */
const STEADY_PASSES = 2;

/**
 * What must come right when nothing goes wrong any more: everybody gets a session, as far as there is room for them in the
 * largest pool, and keeps it; and there are as many servers as that takes, and then, when they are gone, as few as may be.
 */
export async function settle(world: FleetWorld): Promise<void> {
  const { plan, history, time, dice } = world;
  const { min, max } = plan.rules;
  const process = world.spawn("last", Infinity);
  const pool = world.poolIn(process);
  const needed = Math.ceil(plan.load / plan.capacity);
  world.wanted = Math.max(needed, min, dice.between(needed, max));
  const since = time.now;
  const steady = { isOver: false };
  const users = Array.from({ length: plan.load }, () => steadyUser(world, steady));
  const loaded = await until(world, process, pool, (servers) => users.every(({ isIn }) => isIn()) && isFit(world, servers, plan.load));
  history.add({ kind: "settled", what: loaded === undefined ? "loaded" : `never loaded: ${loaded}; ${users.filter(({ isIn }) => isIn()).length} of ${users.length} have a session`, afterMs: time.now - since });
  steady.isOver = true;
  await Promise.all(users.map(({ ended }) => ended));
  world.wanted = min;
  const emptied = time.now;
  const empty = await until(world, process, pool, (servers) => isFit(world, servers, 0));
  history.add({ kind: "settled", what: empty === undefined ? "empty" : `never empty: ${empty}`, afterMs: time.now - emptied });
}

// Reconciles until the pool is what it should be, and stays so; tells what it is if that never comes.
async function until(world: FleetWorld, process: Process, pool: ServerPool, isRight: (servers: readonly PoolServer[]) => boolean): Promise<string | undefined> {
  const since = world.time.now;
  const deadline = since + SETTLES_WITHIN_IN_MS;
  let servers: readonly PoolServer[] = [];
  for (let passes = 0; world.time.now < deadline; ) {
    await reconcileOnce(world, process, pool);
    servers = await collect(pool.servers());
    passes = isRight(servers) ? passes + 1 : 0;
    if (passes === STEADY_PASSES) return undefined;
    await process.sleep(world.time.now - since < 600_000 ? EVERY_IN_MS : SELDOM_IN_MS);
  }
  return `${servers.map(({ id, state, sessions, isSuspected }) => `${id} ${state} ${sessions}${isSuspected ? " suspected" : ""}`).join(", ")}; groups ${groupsOf(world).join(", ")}`;
}

// By what is really there: each server that the pool has is up, at the address that the pool gives; there are as many as the
// load takes, none that nobody needs, and no group besides.
function isFit(world: FleetWorld, servers: readonly PoolServer[], load: number): boolean {
  const { plan, servers: truth, time } = world;
  const running = servers.filter(({ state }) => state === "running");
  const others = servers.filter(({ state, sessions }) => state !== "running" && !(state === "draining" && sessions > 0));
  const areUp = running.every(({ groupName, ip, isSuspected }) => !isSuspected && (plan.hasHealthCheck ? truth.answers(groupName, time.now) : truth.isUp(groupName, time.now)) && (!plan.isReachable || ip === truth.ipOf(groupName, time.now)));
  return areUp && others.length === 0 && groupsOf(world).length === servers.length && isEnough(world, running.length, servers.length, load);
}

function isEnough({ plan, wanted }: FleetWorld, running: number, all: number, load: number): boolean {
  const { min, max } = plan.rules;
  if (running < min || all > max) return false;
  if (plan.scaling === "lot") return running === Math.min(max, Math.max(min, wanted));
  // Between the marks, 0.8 and 0.6, unless fewer would be too few, or there may not be others.
  const use = (count: number): number => load / (count * plan.capacity);
  const isTooFew = load > 0 && (running === 0 || use(running) > 0.8) && all < max;
  const isTooMany = running > min && (load === 0 || (use(running) < 0.6 && use(running - 1) <= 0.7));
  return !isTooFew && !isTooMany;
}

function groupsOf({ azure }: FleetWorld): string[] {
  return [...azure.groups.values()].filter(({ isForeign }) => !isForeign).map(({ name }) => name);
}

interface SteadyUser {
  readonly isIn: () => boolean;
  readonly ended: Promise<void>;
}

// A user who waits as long as it takes, renews in time, and stays until all may go.
function steadyUser(world: FleetWorld, steady: { readonly isOver: boolean }): SteadyUser {
  const process = world.spawn("steady", Infinity);
  const pool = world.poolIn(process);
  let session: Session | undefined;
  let tries = 0;
  const live = async (): Promise<void> => {
    const deadline = world.time.now + SETTLES_WITHIN_IN_MS;
    while (!steady.isOver && world.time.now < deadline) {
      // Who has waited for long asks now and then.
      session ??= await enter(world, process, pool, tries++ === 0 ? 60_000 : 0);
      await process.sleep(session === undefined ? 30_000 : Math.round(world.plan.rules.sessionLeaseInMs * 0.8));
      if (session !== undefined && (await renewOnce(world, process, pool, session, world.time.now))) session = undefined;
    }
    if (session !== undefined) await leave(world, process, pool, session);
  };
  return { isIn: () => session !== undefined, ended: live() };
}
