import { sweep, type ServerPool } from "../../../src/index.js";
import { clientIn } from "../jobs/client.js";
import type { Process } from "../world/process.js";
import { attempt } from "./calls.js";
import type { FleetWorld } from "./fleet-world.js";

/** Reconciles now and then for as long as things go wrong, in one process after another. */
export async function scaleOn(world: FleetWorld, index: number): Promise<void> {
  const { time, faults, dice } = world;
  while (!isOver(world)) {
    const isMortal = faults.isOn("S4") && dice.chance(0.6);
    const process = world.spawn(`scaler${index}`, isMortal ? dice.spread(5, 600) : undefined);
    await Promise.race([reconcileOn(world, process), process.died]);
    if (isOver(world)) {
      process.die();
      return;
    }
    if (isMortal) faults.count("S4");
    // What comes after it finds nothing at all, at times: the store is lost with the machine.
    if (isMortal && dice.chance(0.1)) {
      world.rows.wipe();
      world.history.add({ kind: "row", by: process.name, key: "*", phase: "wiped", sentAt: time.now });
    }
    await time.sleep(dice.spread(100, 30_000));
  }
}

async function reconcileOn(world: FleetWorld, process: Process): Promise<void> {
  const { faults, dice } = world;
  const pool = world.poolIn(process);
  const interval = dice.pick([15_000, 20_000, 30_000]);
  while (!faults.isOver) {
    await reconcileOnce(world, process, pool);
    await process.sleep(interval + dice.between(0, 1000));
  }
}

/** One reconcile. What has failed is tried again by the next. */
export async function reconcileOnce(world: FleetWorld, process: Process, pool: ServerPool): Promise<void> {
  const since = world.time.now;
  const reconciled = await attempt(world, process, "reconcile", () => pool.reconcile());
  if ("value" in reconciled) world.history.add({ kind: "reconciled", by: process.name, since, isActing: reconciled.value.isActing });
}

/** Where the number of servers does not go by the load, it is another now and then. */
export async function changeMind(world: FleetWorld): Promise<void> {
  const { time, faults, dice, plan } = world;
  while (!faults.isOver) {
    world.wanted = dice.between(0, plan.rules.max);
    await time.sleep(dice.spread(5000, 80_000));
  }
}

/** Somebody has servers replaced, one now and one then. */
export async function drainSome(world: FleetWorld): Promise<void> {
  const { time, dice } = world;
  const process = world.spawn("operator", Infinity);
  const pool = world.poolIn(process);
  while (!isOver(world)) {
    await time.sleep(dice.spread(20_000, 120_000));
    const names = [...world.azure.groups.values()].filter(({ isForeign }) => !isForeign).map(({ name }) => name);
    if (names.length === 0 || isOver(world)) continue;
    const id = dice.pick(names).split("-").at(-1) ?? "";
    await attempt(world, process, "drain", () => pool.drain(id));
  }
}

// A function, because the compiler takes it for something that does not change.
function isOver({ faults }: FleetWorld): boolean {
  return faults.isOver;
}

/** A timer sweeps. */
export async function sweepOn(world: FleetWorld): Promise<void> {
  const { time, faults } = world;
  while (!faults.isOver) {
    await time.sleep(90_000);
    const process = world.spawn("sweep");
    await Promise.race([attempt(world, process, "sweep", () => sweep(clientIn(world, process))), process.died]);
  }
}
