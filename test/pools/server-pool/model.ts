import type { Snapshot } from "../../../src/index.js";
import { apply } from "../../../src/pools/server-pool/plan/apply.js";
import { backOff, type ScalerMemory } from "../../../src/pools/server-pool/plan/memory.js";
import type { Look, PoolObservation } from "../../../src/pools/server-pool/plan/observation.js";
import { plan } from "../../../src/pools/server-pool/plan/plan.js";
import type { PoolRules } from "../../../src/pools/server-pool/plan/rules.js";
import { isInUse, newRow, sessionsOn, type ServerRow } from "../../../src/pools/server-pool/rows/row.js";
import { bySessions } from "../../../src/index.js";

export const CAPACITY = 12;
export const EVERY_IN_MS = 15_000;

export function rulesOf(more: Partial<PoolRules> = {}): PoolRules {
  return {
    scaling: bySessions({ capacityPerServer: CAPACITY }),
    min: 0,
    max: 100,
    scaleOutCooldownInMs: 60_000,
    scaleInCooldownInMs: 300_000,
    startTimeoutInMs: 600_000,
    reportsWithinInMs: 120_000,
    lostAfterInMs: 60_000,
    groupLeaseInMs: 3_600_000,
    isReachable: false,
    hasHealthCheck: false,
    ...more,
  };
}

/** A group as a look shows it. */
export function snapshotOf(groupName: string, more: Partial<Snapshot> = {}, state = "Running"): Snapshot {
  const container = { containerName: "main", image: "arena", restartCount: 0, currentState: { state }, events: [] };
  const tags = { "aci-lifecycle-lease": "2100-01-01T00:00:00.000Z" };
  return { id: `/groups/${groupName}`, groupName, location: "westeurope", tags, provisioningState: "Succeeded", state: "Running", containers: [container], initContainers: [], ports: [], events: [], ip: "10.0.0.1", ...more };
}

/** A pool over a world that does what it is asked, so that a plan can be followed for days in a moment. */
export class Model {
  readonly rows = new Map<string, ServerRow>();
  /** When each group is up. */
  readonly groups = new Map<string, number>();
  /** What was done, and when. */
  readonly log: { readonly at: number; readonly kind: string; readonly id: string }[] = [];
  memory: ScalerMemory | undefined;
  now = 0;
  startsInMs = 30_000;
  refusesCreates = false;
  refusesDeletes = false;
  /** How long a program runs before it ends by itself. */
  runsInMs = Infinity;
  waiting = 0;
  measured = 0;
  #ids = 0;
  #session = 0;

  constructor(readonly rules: PoolRules) {}

  // Passes an interval, and reconciles.
  tick(): void {
    this.now += EVERY_IN_MS;
    const { actions, memory } = plan(this.rules, { rows: [...this.rows.values()], memory: this.memory }, this.#observe(), this.now);
    this.memory = memory;
    for (const action of actions) {
      if (action.kind === "create") this.#create();
      else this.#change(action);
    }
  }

  // Has so many sessions on servers that run, as far as there is room. Answers for how many there was none.
  load(sessions: number): number {
    let lacking = sessions - this.sessions;
    const rows = [...this.rows.values()].filter(({ phase }) => phase !== "deleting");
    for (const row of rows) {
      const kept = Object.entries(row.sessions).slice(Math.min(Math.max(0, -lacking), Object.keys(row.sessions).length));
      lacking += Object.keys(row.sessions).length - kept.length;
      if (kept.length < Object.keys(row.sessions).length) this.rows.set(row.id, { ...row, sessions: Object.fromEntries(kept) });
    }
    for (const row of rows.filter(({ phase }) => phase === "running").sort((a, b) => sessionsOn(b, this.now) - sessionsOn(a, this.now))) {
      const added = Math.max(0, Math.min(lacking, CAPACITY - sessionsOn(row, this.now)));
      lacking -= added;
      const more = Array.from({ length: added }, () => [`s${++this.#session}`, Infinity] as const);
      if (added > 0) this.rows.set(row.id, { ...row, sessions: { ...row.sessions, ...Object.fromEntries(more) } });
    }
    return Math.max(0, lacking);
  }

  get sessions(): number {
    return [...this.rows.values()].reduce((sum, row) => sum + sessionsOn(row, this.now), 0);
  }

  count(...phases: readonly string[]): number {
    return [...this.rows.values()].filter(({ phase }) => phases.includes(phase)).length;
  }

  #observe(): PoolObservation {
    const looks = new Map([...this.rows.values()].map((row): [string, Look] => [row.id, this.#look(row.groupName)]));
    return { looks, orphans: [], waiting: this.waiting, measured: this.measured, azureNow: this.now };
  }

  #look(groupName: string): Look {
    const upAt = this.groups.get(groupName);
    if (upAt === undefined) return { kind: "absent" };
    if (this.now >= upAt + this.runsInMs) return { kind: "seen", snapshot: snapshotOf(groupName, { state: "Succeeded" }, "Terminated"), isHealthy: false };
    return { kind: "seen", snapshot: upAt <= this.now ? snapshotOf(groupName) : snapshotOf(groupName, { provisioningState: "Pending" }, "Waiting"), isHealthy: true };
  }

  #create(): void {
    const id = String(++this.#ids);
    this.log.push({ at: this.now, kind: "create", id });
    if (this.refusesCreates) {
      this.memory = backOff(this.memory as ScalerMemory, this.now);
      return;
    }
    this.rows.set(id, { ...newRow(id, `g${id}`, this.now), acceptedAt: this.now });
    this.groups.set(`g${id}`, this.now + this.startsInMs);
  }

  #change(action: Parameters<typeof apply>[0]): void {
    const row = this.rows.get(action.id);
    const next = apply(action, row, this.now, 0);
    if (next === undefined) return;
    this.log.push({ at: this.now, kind: action.kind, id: action.id });
    this.rows.set(action.id, next);
    if (action.kind === "forget") this.rows.delete(action.id);
    if (next.phase !== "deleting" || row?.phase === "deleting") return;
    if (row !== undefined && isInUse(row, this.now)) throw new Error(`Server ${action.id} is deleted in use`);
    if (!this.refusesDeletes) this.groups.delete(next.groupName);
  }
}
