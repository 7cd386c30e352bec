import type { ServerPool, Session } from "../../../src/index.js";
import type { Process } from "../world/process.js";
import { attempt } from "./calls.js";
import type { FleetWorld } from "./fleet-world.js";

/** Somebody who comes some time, and again at times, and may die while a session lasts. */
export async function comeAndGo(world: FleetWorld, index: number, inMs: number): Promise<void> {
  const { time, dice } = world;
  await time.sleep(inMs);
  const process = world.spawn(`user${index}`);
  await Promise.race([visit(world, process, dice.between(1, 2)), process.died]);
}

/** Somebody who comes just now. */
export async function rushIn(world: FleetWorld): Promise<void> {
  const process = world.spawn("rush", Infinity);
  await visit(world, process, 1);
}

async function visit(world: FleetWorld, process: Process, times: number): Promise<void> {
  const { dice } = world;
  const pool = world.poolIn(process);
  for (let visit = 0; visit < times; visit++) {
    const session = await enter(world, process, pool, dice.pick([0, 0, dice.spread(1000, 30_000)]));
    if (session !== undefined) await stay(world, process, pool, session);
    await process.sleep(dice.spread(1000, 30_000));
  }
}

/** Asks for a session, and believes in it if one comes. */
export async function enter(world: FleetWorld, process: Process, pool: ServerPool, waitInMs: number): Promise<Session | undefined> {
  const asked = await attempt(world, process, "acquire", () => pool.acquire({ waitInMs }));
  if (!("value" in asked) || asked.value === undefined) return undefined;
  const session = asked.value;
  // Its lease counts from when its row was on its way: who hears of it late has less of it.
  const since = world.rows.wroteAt(process);
  hold(world, process, session, since, true);
  if (world.faults.strikes("S2")) world.time.in(world.dice.spread(1, 30_000), () => world.servers.kill(session.server.groupName));
  return session;
}

function hold({ history, plan }: FleetWorld, process: Process, { id, server }: Session, since: number, isNew: boolean): void {
  history.add({ kind: "held", by: process.name, session: id, group: server.groupName, ip: server.ip, isNew, since, until: since + plan.rules.sessionLeaseInMs });
}

// Keeps a session for a while, and gives it back.
async function stay(world: FleetWorld, process: Process, pool: ServerPool, session: Session): Promise<void> {
  const { dice, faults, time, plan } = world;
  const { sessionLeaseInMs } = plan.rules;
  for (let left = dice.spread(1000, 120_000); left > 0 && !faults.isOver; ) {
    // Who hangs does not renew in time. The place is somebody else's when it wakes.
    const isHanging = faults.strikes("S5");
    const pause = isHanging ? 2 * sessionLeaseInMs + dice.spread(100, 60_000) : dice.between(sessionLeaseInMs / 4, sessionLeaseInMs * 0.9);
    await process.sleep(Math.round(Math.min(isHanging ? Infinity : left, pause)));
    left -= pause;
    const since = time.now;
    const ended = await renewOnce(world, process, pool, session, since);
    if (ended) return;
  }
  await leave(world, process, pool, session);
}

/** Renews a session. True if it is over. */
export async function renewOnce(world: FleetWorld, process: Process, pool: ServerPool, session: Session, since: number): Promise<boolean> {
  const renewed = await attempt(world, process, "renew", () => pool.renew(session.id));
  if ("value" in renewed) hold(world, process, session, since, false);
  else if (renewed.failure === "ACI_SESSION_EXPIRED" || renewed.failure === "ACI_SERVER_LOST") {
    world.history.add({ kind: "let", by: process.name, session: session.id, how: renewed.failure });
    return true;
  }
  return false;
}

export async function leave(world: FleetWorld, process: Process, pool: ServerPool, session: Session): Promise<void> {
  world.history.add({ kind: "let", by: process.name, session: session.id, how: "released" });
  await attempt(world, process, "release", () => pool.release(session.id));
}
