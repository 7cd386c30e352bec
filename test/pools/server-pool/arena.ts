import { memoryStore, ServerPool, type AciClient, type JobStore, type ScalingRule, type ServerPoolOptions } from "../../../src/index.js";
import { FakeAzure } from "../../jobs/fake-azure.js";

const EVERY_IN_MS = 15_000;

/** An Azure in memory whose servers run for ever, and a store: what pools of several processes have in common. */
export class Arena {
  readonly azure = new FakeAzure();
  readonly store: JobStore = memoryStore();

  constructor() {
    this.azure.runsInMs = 1e12;
  }

  newPool(client: AciClient, options: Partial<ServerPoolOptions> & { readonly scaling: ScalingRule }): ServerPool {
    return new ServerPool(client, { name: "arena", server: { image: "arena" }, store: this.store, ...options });
  }

  // Lets time pass, with a reconcile every 15 seconds.
  async pass(pool: ServerPool, ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= EVERY_IN_MS) {
      await this.azure.clock.advance(EVERY_IN_MS);
      await pool.reconcile();
    }
  }
}
