import { isAciError, memoryStore, ServerPool, type PoolServer, type ScalingRule, type ServerPoolOptions, type Session } from "../../../../src/index.js";
import { partsOf, setParts } from "../../../../src/client/parts.js";
import { FakeAzure } from "../../../jobs/fake-azure.js";
import { seedRandom } from "../../../simulation/seeded-random.js";
import { Dice } from "../../../simulation/world/dice.js";
import { Process, Turns } from "./turns.js";

const CAPACITY = 3;
const MAX = 3;
const LEASE_IN_MS = 20_000;

/** What a race has come to: what is wrong, and how often things of interest happened. */
export interface Outcome {
  readonly violations: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Several processes scale a pool up and down, use and report it, and one may die, in an order drawn by lot. */
export async function race(seed: number): Promise<Outcome> {
  seedRandom(seed);
  const race = new Race(seed);
  await race.run();
  return { violations: race.violations, counts: race.counts };
}

class Race {
  readonly azure = new FakeAzure();
  readonly dice: Dice;
  readonly turns: Turns;
  readonly violations: string[] = [];
  readonly counts: Record<string, number> = { deletes: 0, sessions: 0, refused: 0, reports: 0, lost: 0, deaths: 0, passive: 0 };
  readonly #store = memoryStore();
  /** Sessions that their holders believe in, and until when they may. */
  readonly #active = new Map<string, { readonly groupName: string; until: number }>();
  /** Players that a matchmaker has put on servers, by group. */
  readonly #players = new Map<string, number>();
  #wanted = 1;
  #time = 0;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.turns = new Turns(this.dice.fork("turns"), this.azure.clock);
    this.azure.runsInMs = 1e12;
    this.azure.before = (verb, subject) => this.#judge(verb, subject);
    this.azure.after = (verb) => this.#count(verb);
  }

  async run(): Promise<void> {
    const { dice } = this;
    const mortal = dice.chance(0.5) ? new Process(this.turns, dice.between(20, 400)) : new Process(this.turns);
    const scalers = [this.#scaler(mortal), this.#scaler(new Process(this.turns))];
    const users = [this.#user(), this.#user(), this.#user(), this.#matchmaker()];
    const immortal = Promise.all([...scalers.slice(1), ...users]);
    await this.turns.until(immortal);
    if (mortal.isDead) this.counts["deaths"] = 1;
    else await this.turns.until(scalers[0] as Promise<void>);
    await this.turns.until(this.#settle());
  }

  #pool(process: Process, more: Partial<ServerPoolOptions> = {}): ServerPool {
    const client = this.azure.client();
    setParts(client, { ...partsOf(client), gateway: process.over(partsOf(client).gateway) });
    const scaling: ScalingRule = { name: "by lot", capacityPerServer: CAPACITY, desired: () => this.#wanted };
    return new ServerPool(client, { name: "arena", server: { image: "arena" }, scaling, store: process.over(this.#store), max: MAX, scaleOutCooldownInMs: 0, scaleInCooldownInMs: 0, sessionLeaseInMs: LEASE_IN_MS, reportsWithinInMs: 1e9, ...more });
  }

  async #scaler(process: Process): Promise<void> {
    const pool = this.#pool(process);
    for (let passes = 0; passes < 8; passes++) {
      this.#wanted = this.dice.between(0, MAX);
      const { isActing, actions } = await pool.reconcile();
      if (!isActing) this.counts["passive"] = (this.counts["passive"] ?? 0) + 1;
      for (const { kind } of actions) if (kind === "lose") this.counts["lost"] = (this.counts["lost"] ?? 0) + 1;
      await this.azure.clock.sleep(this.dice.between(0, 4000));
    }
  }

  async #user(): Promise<void> {
    const pool = this.#pool(new Process(this.turns));
    for (let times = 0; times < 5; times++) {
      // A lease counts from when it was written, which is not before this: a process may be held up for longer than a lease.
      const since = this.azure.clock.now();
      const session = await pool.acquire({ waitInMs: 5000 });
      if (session === undefined) continue;
      this.counts["sessions"] = (this.counts["sessions"] ?? 0) + 1;
      this.#believe(session.id, session.server.groupName, since + LEASE_IN_MS);
      await this.#play(pool, session);
    }
  }

  // Uses a session and renews it, unless the user hangs for longer than it is kept.
  async #play(pool: ServerPool, { id, server }: Session): Promise<void> {
    for (let renewals = this.dice.between(0, 3); renewals > 0; renewals--) {
      await this.azure.clock.sleep(this.dice.chance(0.25) ? 3 * LEASE_IN_MS : this.dice.between(0, LEASE_IN_MS / 2));
      const since = this.azure.clock.now();
      try {
        await pool.renew(id);
        this.#believe(id, server.groupName, since + LEASE_IN_MS);
      } catch (error) {
        if (!isAciError(error) || !["ACI_SESSION_EXPIRED", "ACI_SERVER_LOST"].includes(error.code)) throw error;
        this.counts["refused"] = (this.counts["refused"] ?? 0) + 1;
        this.#active.delete(id);
        return;
      }
    }
    await this.azure.clock.sleep(this.dice.between(0, 3000));
    this.#active.delete(id);
    await pool.release(id);
  }

  // Puts players on servers by its own count. What it reports may come in another order than it was sent.
  async #matchmaker(): Promise<void> {
    const pool = this.#pool(new Process(this.turns));
    const late: Promise<unknown>[] = [];
    for (let times = 0; times < 12; times++) {
      const servers: PoolServer[] = [];
      for await (const server of pool.servers()) if (server.state === "running") servers.push(server);
      await this.azure.clock.sleep(this.dice.between(0, 2000));
      if (servers.length === 0) continue;
      const { id, groupName } = this.dice.pick(servers);
      const players = this.#players.get(groupName) ?? 0;
      // The last one goes, and the report of it may be late; another comes, once the server is sure to stay.
      if (players > 0) {
        this.#players.set(groupName, 0);
        late.push(pool.report(id, this.#counted(0)).catch(() => undefined));
        if (this.dice.chance(0.3)) continue;
      }
      try {
        await pool.report(id, this.#counted(1));
        this.#players.set(groupName, 1);
        this.counts["reports"] = (this.counts["reports"] ?? 0) + 1;
      } catch (error) {
        if (!isAciError(error)) throw error;
      }
    }
    await Promise.all(late);
    for await (const { id, groupName } of pool.servers()) {
      this.#players.set(groupName, 0);
      await pool.report(id, this.#counted(0)).catch(() => undefined);
    }
  }

  #counted(sessions: number): { readonly sessions: number; readonly observedAt: string } {
    return { sessions, observedAt: new Date(this.azure.clock.now() - 10_000 + this.#time++).toISOString() };
  }

  // A holder takes a session for good: it is on a group that is there, with no more beside it than there is room for.
  #believe(id: string, groupName: string, until: number): void {
    this.#active.set(id, { groupName, until });
    const now = this.azure.clock.now();
    if (until < now) return;
    if (!this.azure.groups.has(groupName)) this.violations.push(`I14: a session is good on ${groupName}, which was deleted`);
    const beside = [...this.#active.values()].filter((one) => one.groupName === groupName && one.until >= now).length;
    if (beside > CAPACITY) this.violations.push(`${beside} sessions are good on ${groupName}, which takes ${CAPACITY}`);
  }

  // I14: what is deleted has no session on it that its holder may believe in.
  #judge(verb: string, subject: unknown): void {
    if (verb !== "delete" || !this.azure.groups.has(String(subject))) return;
    this.counts["deletes"] = (this.counts["deletes"] ?? 0) + 1;
    const used = [...this.#active.values()].filter(({ groupName, until }) => groupName === subject && until >= this.azure.clock.now());
    if (used.length > 0) this.violations.push(`I14: ${String(subject)} is deleted with ${used.length} sessions on it`);
    if ((this.#players.get(String(subject)) ?? 0) > 0) this.violations.push(`I14: ${String(subject)} is deleted with players on it`);
  }

  // Not one group more than the pool may have, apart from those that are being deleted.
  #count(verb: string): void {
    if (verb !== "put") return;
    void (async () => {
      const deleting = new Set<string>();
      for await (const { value } of this.#store.list?.("servers/") ?? []) {
        const { phase, groupName } = value as { phase?: string; groupName?: string };
        if (phase === "deleting") deleting.add(groupName ?? "");
      }
      const count = [...this.azure.groups.keys()].filter((name) => !deleting.has(name)).length;
      if (count > MAX) this.violations.push(`${count} groups, where ${MAX} are the most`);
    })();
  }

  // L3: once all have ended, the pool comes to what is wanted, with nothing left over.
  async #settle(): Promise<void> {
    const pool = this.#pool(new Process(this.turns));
    this.#wanted = 1;
    for (let passes = 0; passes < 40; passes++) {
      await pool.reconcile();
      await this.azure.clock.sleep(15_000);
    }
    const servers: PoolServer[] = [];
    for await (const server of pool.servers()) servers.push(server);
    const states = servers.map(({ state }) => state).join(", ");
    if (states !== "running" || this.azure.groups.size !== 1) this.violations.push(`L3: at the end there are ${this.azure.groups.size} groups, and servers that are ${states}`);
  }
}
