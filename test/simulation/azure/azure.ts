import type { ArmRequest } from "../../../src/azure/arm-client.js";
import type { Dice } from "../world/dice.js";
import type { Faults } from "../world/faults.js";
import type { History } from "../world/history.js";
import type { Time } from "../world/time.js";
import { windowOf } from "./log.js";
import { drawProgram, drawTasks, type Program } from "./program.js";
import { ABSENT, refuse, respond, TRANSITIONING, type SimResponse } from "./responses.js";
import { TruthGroup, type GroupBody } from "./truth.js";

/** What a request is about. */
export interface Call {
  readonly verb: "put" | "get" | "list" | "listCreated" | "patch" | "logs" | "delete" | "operation";
  readonly name: string;
  /** The container. */
  readonly part?: string | undefined;
  readonly request: ArmRequest;
  readonly by: string;
}

/** A group that is not where it was looked for may be on another server that knows it already. */
const REPLICATED_WITHIN_IN_MS = 25_000;

/** Azure in memory: what really is, who did it, and what it tells when nothing goes wrong on the way. */
export class Azure {
  readonly groups = new Map<string, TruthGroup>();
  /** All groups that there ever were. */
  readonly past: TruthGroup[] = [];
  /** Which of the two answers that nobody has found out holds in this world. */
  readonly restartsOnSamePut: boolean;
  readonly cutsEndedLogs: boolean;
  readonly tellsAges: boolean;
  readonly aheadInMs: number;
  /** What is known beforehand of the program of a group. The rest of it is drawn. */
  programOf: (body: GroupBody) => Partial<Program> = () => ({});
  /** Draws it. */
  drawProgramOf: (body: GroupBody) => Program = (body) => drawProgram(this.dice, this.faults, runTimeoutOf(body), (body.properties.initContainers ?? []).length > 0);
  /** Told of each group that is made. */
  onPlaced: (group: TruthGroup) => void = () => undefined;
  /** From when on a group can be seen by its name. */
  readonly #visibleAt = new Map<TruthGroup, number>();
  /** Who asks a server that hears nothing new of a group. */
  readonly #stuck = new Map<string, { readonly group: TruthGroup; readonly at: number; readonly until: number }>();

  constructor(
    private readonly time: Time,
    private readonly faults: Faults,
    private readonly history: History,
    private readonly dice: Dice,
  ) {
    this.restartsOnSamePut = dice.chance(0.5);
    this.cutsEndedLogs = dice.chance(0.5);
    this.tellsAges = dice.chance(0.7);
    this.aheadInMs = faults.strikes("R10") ? dice.between(-600_000, 600_000) : 0;
  }

  /** The time by its own clock. */
  get now(): number {
    return this.time.now + this.aheadInMs;
  }

  handle(call: Call): SimResponse {
    const group = this.groups.get(call.name);
    switch (call.verb) {
      case "put":
        return this.#put(call, group);
      case "get":
        return this.#get(group, call.by);
      case "list":
        return this.#list(call, (one) => this.#listed(one));
      case "listCreated":
        return this.#list(call, (one) => ({ id: `/groups/${one.name}`, name: one.name, location: one.body.location, tags: this.#listed(one).tags, ...(this.tellsAges && { createdTime: new Date(one.createdAt + this.aheadInMs).toISOString() }) }));
      case "patch":
        return this.#patch(call, group);
      case "logs":
        return this.#logs(call, group);
      case "delete":
        return this.#delete(call, group);
      case "operation":
        return group === undefined ? ABSENT : respond(200, { status: group.view(this.time.now).properties?.provisioningState, properties: { events: group.view(this.time.now).properties?.instanceView?.events } });
    }
  }

  /** What a server tells that has not heard anything for a while. Some stay so, and this caller asks them again and again. */
  stale(group: TruthGroup, by: string): SimResponse {
    const at = this.time.now - this.dice.between(500, 20_000);
    if (group.isForeign) return this.#get(group, by);
    if (at < group.createdAt) return ABSENT;
    if (this.dice.chance(0.05)) this.#stuck.set(by, { group, at, until: this.time.now + this.dice.spread(30_000, 3_600_000) });
    return { ...respond(200, group.view(at)), isOld: true };
  }

  remove(group: TruthGroup, by: string): void {
    if (this.groups.get(group.name) !== group) return;
    this.groups.delete(group.name);
    group.goneAt = this.time.now;
    this.history.add({ kind: "gone", group: group.name, incarnation: group.incarnation, by });
  }

  place(name: string, body: GroupBody, by: string): TruthGroup {
    const drawn = { ...this.drawProgramOf(body), ...this.programOf(body) };
    const program = { ...drawn, ...drawTasks(this.dice.fork(name), body.properties.containers.map(({ properties }) => properties?.command ?? []), drawn) };
    const incarnation = this.past.filter((group) => group.name === name).length;
    const group = new TruthGroup(name, incarnation, body, JSON.stringify(body), this.time.now, program, this.aheadInMs);
    this.groups.set(name, group);
    this.past.push(group);
    this.history.add({ kind: "created", group: name, incarnation, by });
    if (!group.isForeign && this.faults.strikes("R1")) this.#visibleAt.set(group, this.time.now + this.dice.between(500, REPLICATED_WITHIN_IN_MS));
    if (program.deletedAfter !== undefined && !group.isForeign) this.time.in(program.deletedAfter, () => this.remove(group, "somebody"));
    this.onPlaced(group);
    return group;
  }

  #put({ name, request, by }: Call, group: TruthGroup | undefined): SimResponse {
    const body = request.body as unknown as GroupBody;
    if (group === undefined) return this.#accepted(201, this.place(name, body, by));
    if (group.isDeleting) return TRANSITIONING;
    if (group.body.location !== body.location) return refuse(409, "InvalidResourceLocation", `The resource '${name}' already exists in location '${group.body.location ?? ""}'.`);
    // An update of a live group.
    const isSame = JSON.stringify(body) === group.bytes;
    this.history.add({ kind: "updated", group: name, incarnation: group.incarnation, by: isSame ? by : `${by} otherwise` });
    if (!isSame) group.update(body);
    if (!isSame || this.restartsOnSamePut) group.restart(this.time.now);
    return this.#accepted(200, group);
  }

  #accepted(status: number, group: TruthGroup): SimResponse {
    return respond(status, group.view(this.time.now), { "azure-asyncoperation": `/operations/${group.name}` });
  }

  #get(group: TruthGroup | undefined, by: string): SimResponse {
    const stuck = this.#stuck.get(by);
    if (stuck !== undefined && stuck.group === group && this.time.now < stuck.until && !this.faults.isOver) return { ...respond(200, group.view(stuck.at)), isOld: true };
    if (group === undefined || this.time.now < (this.#visibleAt.get(group) ?? 0)) return ABSENT;
    return respond(200, group.view(this.time.now));
  }

  #list({ request }: Call, show: (group: TruthGroup) => object): SimResponse {
    const from = Number(/[?&]from=(\d+)/u.exec(request.url)?.[1] ?? 0);
    const named = /name%20eq%20'([^']+)'/u.exec(request.url)?.[1];
    // A page goes on behind the last one that was shown, whatever has gone meanwhile.
    const all = this.past.slice(from).filter((group) => this.groups.get(group.name) === group && (named === undefined || group.name === named));
    const page = all.slice(0, 3);
    const behind = this.past.indexOf(page.at(-1) as TruthGroup) + 1;
    const next = all.length > page.length ? { nextLink: `${request.url.replace(/[?&]from=\d+/u, "")}${request.url.includes("?") ? "&" : "?"}from=${behind}` } : {};
    return respond(200, { value: page.map(show), ...next }, { date: new Date(this.now).toUTCString() });
  }

  // A list shows no states, and at times tags in other letters.
  #listed(group: TruthGroup): { readonly tags: Record<string, string> } {
    const tags = this.faults.strikes("D6", 0.1) ? Object.fromEntries(Object.entries(group.tags).map(([name, value]) => [name.toUpperCase(), value])) : { ...group.tags };
    return { ...group.view(this.time.now), tags };
  }

  #patch({ request }: Call, group: TruthGroup | undefined): SimResponse {
    if (group === undefined) return ABSENT;
    group.tags = { ...(request.body as { tags: Record<string, string> }).tags };
    group.taggedAt = this.time.now;
    return respond(200, group.view(this.time.now));
  }

  #logs({ request }: Call, group: TruthGroup | undefined): SimResponse {
    if (group === undefined) return ABSENT;
    const run = group.runAt(this.time.now);
    if (run < 0) return refuse(404, "ContainerLogNotAvailable", "The log is not available yet.");
    const { endAt } = group.runs[run] as { endAt: number };
    if (this.time.now >= endAt && this.time.now < endAt + group.program.logsLateBy) return refuse(404, "ContainerLogNotAvailable", "The log is not available yet.");
    if (!request.url.includes(`/containers/${group.body.properties.containers[group.decider]?.name ?? ""}/`)) return respond(200, { content: "" });
    return respond(200, { content: windowOf(group, this.time.now, request.url.includes("timestamps=true"), this.cutsEndedLogs) });
  }

  #delete({ by }: Call, group: TruthGroup | undefined): SimResponse {
    if (group === undefined) return respond(204);
    if (this.faults.strikes("D1")) return respond(202);
    if (group.isDeleting) return respond(202);
    if (this.dice.chance(0.5)) {
      this.remove(group, by);
      return respond(200, group.view(this.time.now));
    }
    group.isDeleting = true;
    this.time.in(this.faults.strikes("D2") ? this.dice.between(30_000, 300_000) : this.dice.between(500, 15_000), () => this.remove(group, by));
    return respond(202);
  }
}

function runTimeoutOf({ tags = {} }: GroupBody): number {
  return Number((tags["aci-lifecycle-limits"] ?? "").split(" ")[1]) || 3_600_000;
}
