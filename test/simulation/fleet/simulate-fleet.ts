import type { History } from "../world/history.js";
import { OWNER } from "../world/world.js";
import { checkFleet } from "./check/check-fleet.js";
import type { FleetPlan } from "./fleet-plan.js";
import { FleetWorld, POOL } from "./fleet-world.js";
import { matchPlayers } from "./matchmaker.js";
import { changeMind, drainSome, scaleOn, sweepOn } from "./scalers.js";
import { settle } from "./settle.js";
import { comeAndGo, rushIn } from "./users.js";

/** What became of one schedule of a pool of servers. */
export interface SimulatedFleet {
  readonly plan: FleetPlan;
  readonly violations: readonly string[];
  readonly hits: Readonly<Record<string, number>>;
  readonly history: History;
  readonly sessions: number;
  readonly groups: number;
  readonly requests: number;
  readonly virtualMs: number;
}

/** After this long nothing goes wrong any more. */
const FAULTS_FOR_IN_MS = 180_000;

/** Plays one schedule of a pool of servers from a seed, and judges what happened. */
export async function simulateFleet(seed: number): Promise<SimulatedFleet> {
  const world = new FleetWorld(seed);
  const { time, history, faults, azure, plan } = world;
  const startedAt = time.now;
  placeForeign(world);
  let isOver = false;
  const everything = run(world).then(
    () => (isOver = true),
    (error: unknown) => {
      history.add({ kind: "failed", by: "world", call: "everything", code: "UNEXPECTED", text: String((error as Error).stack) });
      isOver = true;
    },
  );
  time.in(FAULTS_FOR_IN_MS, () => world.calm());
  const end = await time.pass(() => isOver);
  if (end === "over") await everything;
  const violations = [...(end === "over" ? [] : [`L3 ${end}: somebody waits for ever`]), ...checkFleet(world)];
  const count = (kind: string): number => history.entries.filter((entry) => entry.kind === kind).length;
  return {
    plan,
    violations,
    hits: faults.hits,
    history,
    sessions: history.entries.filter((entry) => entry.kind === "held" && entry.isNew).length,
    groups: azure.past.filter(({ isForeign }) => !isForeign).length,
    requests: count("request"),
    virtualMs: time.now - startedAt,
  };
}

async function run(world: FleetWorld): Promise<void> {
  const { plan, dice, time } = world;
  const rushes: Promise<void>[] = [];
  world.rush = () => {
    if (rushes.length < 8) rushes.push(rushIn(world));
  };
  // Who is in the middle of something when the world ends is not waited for.
  void Promise.all([
    ...Array.from({ length: plan.scalers }, (_, index) => scaleOn(world, index)),
    ...(plan.scaling === "lot" ? [changeMind(world)] : []),
    ...(plan.hasMatchmaker ? [matchPlayers(world)] : []),
    ...(plan.hasOperator ? [drainSome(world)] : []),
    ...(plan.isSwept ? [sweepOn(world)] : []),
    ...Array.from({ length: plan.users }, (_, index) => comeAndGo(world, index, dice.between(0, FAULTS_FOR_IN_MS))),
  ]);
  await time.sleep(FAULTS_FOR_IN_MS + 1);
  await settle(world);
}

// Groups of others: of another owner, of another pool, and one whose tags are those of a server of this one, by another name.
function placeForeign({ azure, dice }: FleetWorld): void {
  const properties = { containers: [{ name: "main" }] };
  const copied = { "aci-lifecycle-pool": POOL, "aci-lifecycle-server": "01234567", "aci-lifecycle-lease": "2100-01-01T00:00:00.000Z" };
  for (let index = dice.between(0, 2); index > 0; index--) {
    const tags = dice.pick<Record<string, string>>([{}, { ...copied, "aci-lifecycle-owner": "team2" }, { ...copied, "aci-lifecycle-owner": OWNER.toUpperCase() }]);
    azure.place(`foreign-${index}`, { location: "westeurope", tags, properties }, "others");
  }
}
