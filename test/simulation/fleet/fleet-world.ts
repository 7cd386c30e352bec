import { ServerPool, type Server } from "../../../src/index.js";
import { drawTrip } from "../azure/network.js";
import { lackOfRoom } from "../azure/responses.js";
import { clientIn } from "../jobs/client.js";
import { POOL_FAULTS } from "../world/faults.js";
import type { Process } from "../world/process.js";
import { World } from "../world/world.js";
import { drawFleet, ruleOf, type FleetPlan } from "./fleet-plan.js";
import { RowStore } from "./row-store.js";
import { Servers } from "./servers.js";

export const POOL = "arena";

/** A world with one pool of servers in it. */
export class FleetWorld extends World {
  readonly plan: FleetPlan;
  readonly rows: RowStore;
  readonly servers: Servers;
  /** How many servers there are to be, where that does not go by the load. */
  wanted: number;
  /** Somebody comes in just this moment. */
  rush: () => void = () => undefined;

  constructor(seed: number) {
    super(seed, false, POOL_FAULTS);
    this.plan = drawFleet(this.dice.fork("fleet"));
    this.rows = new RowStore(this);
    this.servers = new Servers(this);
    this.wanted = this.plan.rules.min;
    // A session is kept for twice its lease, so that clocks may differ; and a scaler for longer than it acts.
    this.skewInMs = this.faults.isOn("R10") ? Math.min(4000, this.plan.rules.sessionLeaseInMs / 5) : 500;
    const { azure, servers } = this;
    azure.drawProgramOf = () => servers.drawProgram();
    azure.onPlaced = (group) => {
      if (!group.isForeign) servers.meet(group);
    };
    this.tripOf = (call) => {
      const outage = call.verb === "put" ? servers.outage() : undefined;
      return outage === "atOnce" ? { fault: "S3", instead: lackOfRoom(this.dice) } : drawTrip(this, call);
    };
  }

  /** The pool, as a process has it. */
  poolIn(process: Process): ServerPool {
    const { plan, rows } = this;
    const server = { image: "arena:1", ...(plan.isReachable && { address: {}, ports: [{ port: 27015 }] }) };
    return new ServerPool(clientIn(this, process), {
      name: POOL,
      server,
      scaling: ruleOf(plan, () => this.wanted),
      store: rows.for(process),
      ...plan.rules,
      ...(plan.hasHealthCheck && { isHealthy: (one: Server) => this.#ask(process, one) }),
    });
  }

  // Asks a server's program, over a network that loses nothing.
  async #ask(process: Process, { groupName, ip }: Server): Promise<boolean> {
    await process.sleep(this.dice.between(1, 40));
    const isWell = this.servers.answers(groupName, this.time.now, this.plan.isReachable ? ip : undefined);
    this.history.add({ kind: "health", by: process.name, group: groupName, ip, isWell });
    return isWell;
  }
}
