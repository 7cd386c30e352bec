import { sweep } from "../../src/index.js";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import type { TruthGroup } from "./azure/truth.js";
import { check } from "./check/check.js";
import { clientIn } from "./jobs/client.js";
import { drawJob, type JobPlan } from "./jobs/job-plan.js";
import { cancelFromElsewhere, live } from "./jobs/life.js";
import type { History } from "./world/history.js";
import { OWNER, World } from "./world/world.js";

/** What became of one schedule. */
export interface Simulated {
  readonly plans: readonly JobPlan[];
  readonly violations: readonly string[];
  readonly hits: Readonly<Record<string, number>>;
  readonly history: History;
  readonly jobs: number;
  readonly requests: number;
  readonly virtualMs: number;
}

const SWEEP_EVERY_IN_MS = 900_000;
const GRACE_IN_MS = 600_000;
/** After this long nothing goes wrong any more. */
const FAULTS_FOR_IN_MS = 10_800_000;

/** Plays one schedule from a seed, and judges what happened. */
export async function simulate(seed: number): Promise<Simulated> {
  const world = new World(seed);
  const plans = Array.from({ length: world.dice.between(1, 3) }, (_, index) => drawJob(index, world.dice.fork(`job${index}`), world.faults));
  return play(world, plans);
}

/** Plays some jobs in a world: faults, then none, and then all must come right. */
export async function play(world: World, plans: readonly JobPlan[], isSwept = true, lives = plans.flatMap((plan) => livesOf(world, plan))): Promise<Simulated> {
  const { time, history, faults } = world;
  const startedAt = time.now;
  placeForeign(world, plans);
  let isOver = false;
  const everything = run(world, plans, isSwept, lives).then(
    () => (isOver = true),
    (error: unknown) => {
      history.add({ kind: "rejected", by: "world", job: -1, code: "UNEXPECTED", text: String((error as Error).stack) });
      isOver = true;
    },
  );
  time.in(FAULTS_FOR_IN_MS, () => world.calm());
  const end = await time.pass(() => isOver);
  if (end === "over") await everything;
  const violations = [...(end === "over" ? [] : [`L1 ${end}: somebody waits for ever`]), ...check(world, plans, isSwept)];
  return { plans, violations, hits: faults.hits, history, jobs: plans.length, requests: history.entries.filter(({ kind }) => kind === "request").length, virtualMs: time.now - startedAt };
}

async function run(world: World, plans: readonly JobPlan[], isSwept: boolean, lives: readonly Promise<void>[]): Promise<void> {
  let areSettled = false;
  const settled = Promise.all(lives).then(() => (areSettled = true));
  const sweeps = isSwept ? sweepNowAndThen(world, plans, () => areSettled) : Promise.resolve();
  await settled;
  await sweeps;
}

/** Those who care for a job. */
export function livesOf(world: World, plan: JobPlan): readonly Promise<void>[] {
  const { time } = world;
  const later = async (ms: number, act: () => Promise<void>): Promise<void> => {
    await time.sleep(ms);
    await act();
  };
  return [
    live(world, plan),
    ...(plan.twinAfter === undefined ? [] : [later(plan.twinAfter, () => live(world, { ...plan, mode: "run", heir: "sameCall", abortAfter: undefined, detachAfter: undefined }, "twin"))]),
    ...(plan.otherAfter === undefined ? [] : [later(plan.otherAfter, () => live(world, { ...plan, mode: "run", heir: "nobody", spec: { ...plan.spec, command: ["other"] } }, "other"))]),
    ...(plan.cancelAfter === undefined ? [] : [later(plan.cancelAfter, () => cancelFromElsewhere(world, plan))]),
  ];
}

// A timer sweeps, two of them at times, and goes on until nothing of ours is left or should be long gone.
async function sweepNowAndThen(world: World, plans: readonly JobPlan[], areSettled: () => boolean): Promise<void> {
  const { time, azure, dice, faults } = world;
  const store = plans.every(({ hasStore }) => hasStore) && dice.chance(0.7);
  let quietSince: number | undefined;
  for (let idle = 0; idle < 400; idle++) {
    await time.sleep(SWEEP_EVERY_IN_MS);
    const isLeft = [...azure.groups.values()].some((group) => group.tags["aci-lifecycle-owner"] === OWNER);
    if (areSettled() && !isLeft) return;
    const passes = [sweepOnce(world, store)];
    if (faults.strikes("D8")) passes.push(sweepOnce(world, store));
    await Promise.all(passes);
    if (areSettled() && !faults.isOver) world.calm();
    // By a store a group's time counts from when its driver began, by the driver's clock.
    // What could not be deleted for faults is gone two sweeps after the last of them.
    if (faults.isOver) quietSince ??= time.now;
    if (areSettled() && time.now > Math.max(lastExpiry(world) + Math.max(0, world.callersAheadInMs) + 60_000, quietSince ?? Infinity) + 2 * SWEEP_EVERY_IN_MS) return;
  }
}

/** When nothing that is there now can be wanted any more. */
export function lastExpiry({ azure }: World): number {
  // Where Azure tells no ages, the time of a group counts from when a sweep first met it, by Azure's clock.
  const bornAt = ({ tags, createdAt }: TruthGroup): number => Math.max(createdAt, (Date.parse(tags["aci-lifecycle-seen"] ?? "") || 0) - azure.aheadInMs);
  const ends = [...azure.groups.values()].map((group) => bornAt(group) + limitsOf(group.tags));
  return Math.max(0, ...ends) + GRACE_IN_MS;
}

function limitsOf(tags: Readonly<Record<string, string>>): number {
  return (tags["aci-lifecycle-limits"] ?? "").split(" ").slice(0, 3).reduce((sum, part) => sum + Number(part), 0) || 0;
}

/** One pass of a sweep, in a process of its own. */
export async function sweepOnce(world: World, hasStore: boolean): Promise<void> {
  const { history, faults, azure } = world;
  const process = world.spawn("sweep");
  const isAnybodyBusy = [...azure.groups.values()].some((group) => !group.isForeign && azure.now < group.createdAt + limitsOf(group.tags));
  if (isAnybodyBusy && !faults.isOver) faults.count("D7");
  // Some take few at a time, as long as things go wrong.
  const maxDeletes = !faults.isOver && world.processes.length % 3 === 0 ? 1 : undefined;
  const work = async (): Promise<void> => {
    try {
      const { counts, groups } = await sweep(clientIn(world, process), { graceInMs: GRACE_IN_MS, maxDeletes, ...(hasStore && { store: world.store.for(process) }) });
      history.add({ kind: "swept", by: process.name, hasFailed: false, deleted: counts.deleted + counts.pending, owned: groups.length, maxDeletes });
    } catch {
      history.add({ kind: "swept", by: process.name, hasFailed: true, deleted: 0, owned: 0 });
    }
  };
  await Promise.race([work(), process.died]);
}

// Groups of others: some under names like ours, some with tags almost like ours.
function placeForeign({ azure, dice }: World, plans: readonly JobPlan[]): void {
  const properties = { containers: [{ name: "main" }] };
  for (let index = dice.between(0, 4); index > 0; index--) {
    const tags = dice.pick<Record<string, string>>([{}, { "aci-lifecycle-owner": "team2" }, { owner: OWNER }, { "aci-lifecycle-job": "0123456789abcdef", "aci-lifecycle-limits": "1 1 1 never" }]);
    azure.place(`foreign-${index}`, { location: "westeurope", tags, properties }, "others");
  }
  for (const { spec, isNameTaken } of plans) {
    if (!isNameTaken || spec.key === undefined) continue;
    const tags = dice.pick<Record<string, string>>([{}, { "aci-lifecycle-owner": "team2", "aci-lifecycle-job": jobHash(spec.key), "aci-lifecycle-attempt": "1" }]);
    azure.place(`${nameBaseOf(jobHash(spec.key))}-1`, { location: "westeurope", tags, properties }, "others");
  }
}
