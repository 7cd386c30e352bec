import type { JobHandle } from "../../../src/index.js";
import { drawJob, type JobPlan } from "../jobs/job-plan.js";
import { handleFrom } from "../jobs/calls.js";
import { live } from "../jobs/life.js";
import { livesOf, play, type Simulated } from "../simulate.js";
import { World } from "../world/world.js";

/** Plays one schedule of a job that several hosts drive at once, each from a handle that it was given, be it an old one. */
export async function simulateCrowd(seed: number): Promise<Simulated> {
  const world = new World(seed);
  const shelf: JobHandle[] = [];
  const plan = { ...drawCrowded(world), shelf };
  drawStore(world);
  return play(world, [plan], true, [...livesOf(world, plan), ...hostsOf(world, plan)]);
}

// A job that a store has, and of which handles go from hand to hand.
function drawCrowded({ dice, faults }: World): JobPlan {
  const drawn = drawJob(0, dice.fork("job0"), faults);
  const own = dice.fork("crowd");
  const mode = own.pick(["step", "step", "start", "poller"] as const);
  const twinAfter = own.chance(0.5) ? own.spread(1, 600_000) : undefined;
  return { ...drawn, spec: { ...drawn.spec, key: `crowd-${dice.seed}` }, hasStore: true, heir: "handle", mode, twinAfter, forgetsLimits: false };
}

// They come when it has just begun, while it goes on, or long after its end.
function hostsOf(world: World, plan: JobPlan & { readonly shelf: JobHandle[] }): readonly Promise<void>[] {
  const { dice, time } = world;
  return Array.from({ length: dice.between(1, 3) }, async (_, index) => {
    const own = dice.fork(`host${index}`);
    await time.sleep(own.pick([own.between(0, 3000), own.spread(1000, 1_200_000)]));
    const when = (share: number): number | undefined => (own.chance(share) ? own.spread(1, 300_000) : undefined);
    await live(world, { ...plan, abortAfter: when(0.25), detachAfter: undefined }, "job", { handle: handleFrom(plan.shelf, own) });
  });
}

// One that is slow, or that takes nothing for a while.
function drawStore({ dice, store, time, faults }: World): void {
  const own = dice.fork("store");
  store.slowestInMs = own.pick([20, 20, 1000, 5000]);
  if (!faults.isOn("P3")) return;
  const from = time.now + own.spread(1, 600_000);
  const until = from + own.spread(1000, 300_000);
  store.isFull = () => !faults.isOver && time.now >= from && time.now < until;
}
