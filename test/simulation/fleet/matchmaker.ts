import type { PoolServer, ServerPool } from "../../../src/index.js";
import type { Process } from "../world/process.js";
import { attempt } from "./calls.js";
import type { FleetWorld } from "./fleet-world.js";

/** Who is on a server, as the one who puts them there knows it. */
interface Table {
  readonly id: string;
  readonly group: string;
  players: number;
}

/**
 * Puts players on servers by a count of its own, and reports it: again and again, a lower one late, and an old one once more
 * after a later one.
 */
export async function matchPlayers(world: FleetWorld): Promise<void> {
  const process = world.spawn("matchmaker", world.faults.isOn("P1") && world.dice.chance(0.2) ? world.dice.spread(20, 2000) : Infinity);
  await Promise.race([new Matchmaker(world, process).work(), process.died]);
}

class Matchmaker {
  readonly #pool: ServerPool;
  readonly #tables = new Map<string, Table>();
  #observedAt = 0;

  constructor(
    private readonly world: FleetWorld,
    private readonly process: Process,
  ) {
    this.#pool = world.poolIn(process);
  }

  async work(): Promise<void> {
    const { faults, dice, plan } = this.world;
    const pause = Math.min(20_000, plan.rules.reportsWithinInMs / 4);
    while (!faults.isOver) {
      await this.process.sleep(dice.between(2000, pause));
      for (const table of [...this.#tables.values()]) await this.#turn(table);
      if (dice.chance(0.4)) await this.#seat();
    }
    // Everybody goes home.
    for (const table of [...this.#tables.values()]) {
      this.#leave(table, 0);
      while (!(await this.#report(table, 0, this.#observe()))) await this.process.sleep(1000);
    }
  }

  // Somebody leaves a server, or it is only reported of.
  async #turn(table: Table): Promise<void> {
    const { dice, time } = this.world;
    if (table.players > 0 && dice.chance(0.4)) {
      const before = { count: table.players, observedAt: this.#observe() };
      this.#leave(table, dice.between(0, table.players - 1));
      const now = { count: table.players, observedAt: this.#observe() };
      // The report of it is late, or comes before that of an earlier count.
      if (dice.chance(0.5)) {
        const isSwapped = dice.chance(0.3);
        time.in(dice.spread(100, 30_000), () => void this.#report(table, now.count, now.observedAt));
        if (isSwapped) time.in(dice.spread(100, 30_000), () => void this.#report(table, before.count, before.observedAt));
        return;
      }
    }
    await this.#report(table, table.players, this.#observe());
  }

  // Another player comes: first the count, so that the server is sure to stay, then the player.
  async #seat(): Promise<void> {
    const { dice, plan, faults, time, servers, history } = this.world;
    const listed = await attempt(this.world, this.process, "servers", () => collect(this.#pool.servers()));
    if (!("value" in listed)) return;
    const running = listed.value.filter(({ state }) => state === "running" || (state === "draining" && dice.chance(0.3)));
    if (running.length === 0) return;
    const { id, groupName } = dice.pick(running);
    const table = this.#tables.get(id) ?? { id, group: groupName, players: 0 };
    if (table.players >= plan.capacity) return;
    this.#tables.set(id, table);
    const count = table.players + 1;
    if (!(await this.#report(table, count, this.#observe())) || !this.#tables.has(id)) return;
    table.players = count;
    history.add({ kind: "players", by: this.process.name, group: table.group, count });
    if (faults.strikes("S2", 0.5)) time.in(dice.spread(1, 30_000), () => servers.kill(table.group));
  }

  #leave(table: Table, players: number): void {
    table.players = players;
    this.world.history.add({ kind: "players", by: this.process.name, group: table.group, count: players });
  }

  // When it counts: never twice at the same time.
  #observe(): number {
    this.#observedAt = Math.max(this.process.now(), this.#observedAt + 1);
    return this.#observedAt;
  }

  // True once the pool has taken a count, or needs none any more.
  async #report(table: Table, sessions: number, observedAt: number): Promise<boolean> {
    const { history, time } = this.world;
    const since = time.now;
    const told = await attempt(this.world, this.process, "report", () => this.#pool.report(table.id, { sessions, observedAt: new Date(observedAt).toISOString() }));
    if ("value" in told || told.failure === "STORE") history.add({ kind: "counted", by: this.process.name, group: table.group, count: sessions, since, isTaken: "value" in told });
    else if (told.failure === "ACI_SERVER_LOST") {
      if (table.players > 0) this.#leave(table, 0);
      this.#tables.delete(table.id);
      return sessions === 0;
    }
    return "value" in told;
  }
}

export async function collect(servers: AsyncIterable<PoolServer>): Promise<PoolServer[]> {
  const all: PoolServer[] = [];
  for await (const server of servers) all.push(server);
  return all;
}
