import type { WireContainer, WireGroup } from "../../../src/azure/wire.js";
import type { Program } from "../azure/program.js";
import type { TruthGroup } from "../azure/truth.js";
import type { FleetWorld } from "./fleet-world.js";

/** What becomes of one server, known to nobody in the world. */
export interface ServerLife {
  readonly group: TruthGroup;
  /** Its address, and from which run of its container on it has it. */
  readonly addresses: { readonly fromRun: number; readonly ip: string }[];
  /** Its containers have ended, or somebody has stopped it. */
  diedAt: number;
  death: "stopped" | "ended";
  /** When its program does not answer. */
  readonly deaf: { readonly from: number; readonly to: number }[];
  /** When Azure tells of its last operation what has no bearing on its containers. */
  readonly odd: { readonly from: number; readonly to: number; readonly state: string }[];
}

/** A container that runs until it is deleted. */
const FOR_EVER = 1e13;

/** The servers as they really are. */
export class Servers {
  readonly lives = new Map<string, ServerLife>();
  #count = 0;
  /** Azure has no room until then, and says so at once or later. */
  #fullUntil = -Infinity;
  #isFullLater = false;

  constructor(private readonly world: FleetWorld) {}

  /** What a create meets: undefined where there is room. */
  outage(): "atOnce" | "later" | undefined {
    const { time, faults, dice } = this.world;
    if (faults.isOver) return undefined;
    const isFull = time.now < this.#fullUntil;
    if (isFull) faults.count("S3");
    else if (faults.strikes("S3", 0.5)) {
      this.#fullUntil = time.now + dice.spread(5000, 300_000);
      this.#isFullLater = dice.chance(0.4);
    } else return undefined;
    return this.#isFullLater ? "later" : "atOnce";
  }

  drawProgram(): Program {
    const { dice, faults, time } = this.world;
    const lacksRoom = this.#isFullLater && time.now < this.#fullUntil && !faults.isOver;
    const neverStarts = lacksRoom ? undefined : faults.strike(["C12", "C15", "C16"]);
    return {
      startsAfter: neverStarts === undefined && !lacksRoom ? dice.spread(500, 40_000) : undefined,
      pullFails: neverStarts === "C16",
      runsFor: FOR_EVER,
      exitCode: 0,
      detail: "",
      tells: "all",
      lines: 0,
      lineLength: 12,
      oddLines: false,
      printsSecret: false,
      initFails: false,
      hasSidecar: false,
      provisioning: "Succeeded",
      lacksRoom: lacksRoom || neverStarts === "C12",
      deletedAfter: undefined,
      restartedAfter: undefined,
      logsLateBy: 0,
      logEmptyFor: 0,
    };
  }

  meet(group: TruthGroup): void {
    const { dice, faults } = this.world;
    const number = ++this.#count;
    const life: ServerLife = { group, addresses: [{ fromRun: 0, ip: `10.0.${number}.1` }], diedAt: Infinity, death: "ended", deaf: [], odd: [] };
    this.lives.set(group.name, life);
    group.dress = (wire, at) => dress(life, wire, at);
    const startsAfter = group.program.startsAfter ?? 5000;
    const isDeleted = faults.strike(["C17", "R3"]);
    if (isDeleted !== undefined) this.#later(isDeleted === "C17" ? dice.between(100, startsAfter) : startsAfter + dice.spread(1000, 240_000), life, () => this.#delete(life));
    for (const id of ["R4", "S6"]) if (faults.isOn(id) && dice.chance(0.5)) this.#later(startsAfter + dice.spread(1000, 200_000), life, () => this.#restart(life, id));
    for (const id of ["C14", "R5"]) if (faults.strikes(id)) this.#mislead(life, startsAfter, id);
  }

  /** A server dies in one of the ways in which they do. */
  kill(name: string): void {
    const { dice, history, time, plan } = this.world;
    const life = this.lives.get(name);
    if (life === undefined || !this.isUp(name, time.now)) return;
    // Where nobody asks nobody learns that there is no answer.
    const how = dice.pick(["stopped", "ended", "deleted", ...(plan.hasHealthCheck ? (["deaf", "deafForAWhile"] as const) : [])] as const);
    history.add({ kind: "server", group: name, what: how });
    if (how === "deleted") this.#delete(life);
    else if (how === "deaf" || how === "deafForAWhile") life.deaf.push({ from: time.now, to: how === "deaf" ? Infinity : time.now + dice.spread(1000, 3 * plan.rules.lostAfterInMs) });
    else [life.diedAt, life.death] = [time.now, how];
  }

  /** Whether its container runs. */
  isUp(name: string, at: number): boolean {
    const life = this.lives.get(name);
    if (life === undefined || at >= life.diedAt || at >= life.group.goneAt) return false;
    const run = life.group.runs[life.group.runAt(at)];
    return run !== undefined && at < run.endAt;
  }

  /** Whether it answers, at an address or wherever it is. */
  answers(name: string, at: number, ip?: string): boolean {
    const life = this.lives.get(name);
    if (life === undefined || !this.isUp(name, at)) return false;
    return !life.deaf.some(({ from, to }) => at >= from && at < to) && (ip === undefined || ip === addressOf(life, at));
  }

  ipOf(name: string, at: number): string | undefined {
    const life = this.lives.get(name);
    return life && addressOf(life, at);
  }

  // Happens unless nothing goes wrong any more by then.
  #later(ms: number, { group }: ServerLife, act: () => void): void {
    const { time, faults } = this.world;
    time.in(ms, () => {
      if (!faults.isOver && time.now < group.goneAt) act();
    });
  }

  #delete({ group }: ServerLife): void {
    this.world.azure.remove(group, "somebody");
  }

  // The platform begins the container anew, at another address at times.
  #restart(life: ServerLife, id: string): void {
    const { time, faults, history } = this.world;
    const { group, addresses } = life;
    const before = group.runs.length;
    if (!this.isUp(group.name, time.now)) return;
    group.restart(time.now);
    if (group.runs.length === before) return;
    faults.count(id);
    if (id === "S6") addresses.push({ fromRun: group.runs.length - 1, ip: (addresses.at(-1)?.ip ?? "").replace(/\d+$/u, (last) => String(Number(last) + 1)) });
    history.add({ kind: "server", group: group.name, what: id === "S6" ? "moved" : "restarted" });
  }

  #mislead({ odd, group }: ServerLife, startsAfter: number, id: string): void {
    const { dice, time } = this.world;
    const from = time.now + startsAfter + dice.spread(1000, 150_000);
    odd.push({ from, to: from + dice.spread(1000, 600_000), state: id === "C14" ? "Failed" : dice.pick(["Unhealthy", "Repairing", "Updating"]) });
    this.world.history.add({ kind: "server", group: group.name, what: `says ${odd.at(-1)?.state ?? ""} later` });
  }
}

function addressOf({ group, addresses }: ServerLife, at: number): string | undefined {
  const run = group.runAt(at);
  return addresses.findLast(({ fromRun }) => fromRun <= run)?.ip;
}

// What Azure shows of a server besides what it shows of every group.
function dress(life: ServerLife, wire: WireGroup, at: number): WireGroup {
  const { group, diedAt, death, odd } = life;
  const properties = wire.properties ?? {};
  const ports = [{ port: 27015, protocol: "TCP" }];
  const ip = addressOf(life, at);
  const run = group.runs[group.runAt(at)];
  const state = odd.find(({ from, to }) => at >= from && at < to)?.state;
  const shown = at >= diedAt ? ended(properties.containers ?? [], death) : run !== undefined && at >= run.endAt ? between(properties.containers ?? []) : {};
  return { ...wire, properties: { ...properties, ...(state !== undefined && { provisioningState: state }), ...(isAddressed(group) && { ipAddress: { ports, ...(ip !== undefined && { ip }) } }), ...shown } };
}

function isAddressed({ body }: TruthGroup): boolean {
  return "ipAddress" in body.properties && body.properties.ipAddress !== undefined;
}

function ended(containers: readonly WireContainer[], death: ServerLife["death"]): Partial<NonNullable<WireGroup["properties"]>> {
  const state = { state: "Terminated", exitCode: 0, detailStatus: "Completed" };
  return { containers: containers.map((one) => withState(one, state)), instanceView: { state: death === "stopped" ? "Stopped" : "Succeeded", events: [] } };
}

// A group that starts its containers again has not ended.
function between(containers: readonly WireContainer[]): Partial<NonNullable<WireGroup["properties"]>> {
  return { containers: containers.map((one) => withState(one, { state: "Waiting", detailStatus: "CrashLoopBackOff" })), instanceView: { state: "Running", events: [] } };
}

function withState(one: WireContainer, currentState: object): WireContainer {
  const { previousState, ...view } = one.properties?.instanceView ?? {};
  return { ...one, properties: { ...one.properties, instanceView: { ...view, currentState, ...(previousState && { previousState }) } } };
}
