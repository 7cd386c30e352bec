import type { Entry, Happened } from "../../world/history.js";
import type { FleetWorld } from "../fleet-world.js";

type Of<K extends Entry["kind"]> = Happened & { readonly kind: K };

/** One session, as its holder knows it. */
export interface HeldSession {
  readonly id: string;
  readonly group: string;
  readonly held: Of<"held">[];
  let: Of<"let"> | undefined;
}

/** All that is known of one server. */
export interface ServerRecord {
  readonly sessions: HeldSession[];
  readonly players: Of<"players">[];
  readonly counted: Of<"counted">[];
  /** Deletes that Azure has had. */
  readonly deletes: Of<"request">[];
  /** When somebody who scales was shown, truly, that it runs. */
  readonly shown: { readonly at: number; readonly by: string }[];
}

/** What happened in the world of a pool, asked in the ways that the rules need. */
export class FleetRecord {
  readonly violations: string[] = [];
  readonly servers = new Map<string, ServerRecord>();
  readonly sessions = new Map<string, HeldSession>();
  readonly wipes: number[] = [];
  readonly calmAt: number;

  constructor(readonly world: FleetWorld) {
    for (const entry of world.history.entries) this.#note(entry);
    this.calmAt = this.all("calm")[0]?.at ?? Infinity;
  }

  /** How much the clocks of two processes may differ. */
  get skewInMs(): number {
    return 9000;
  }

  all<K extends Entry["kind"]>(kind: K): readonly Of<K>[] {
    return this.world.history.entries.filter((entry): entry is Of<K> => entry.kind === kind);
  }

  /** Notes what must not be. */
  broken(rule: string, what: string): void {
    this.violations.push(`${rule}: ${what}`);
  }

  isWiped(from: number, until: number): boolean {
    return this.wipes.some((at) => at >= from && at <= until);
  }

  /** Whether the pool has noted that a server is to go. */
  isDying(group: string): boolean {
    return this.all("row").some(({ key, phase }) => phase === "deleting" && group.endsWith(`-${key.split("/").at(-1) ?? ""}`));
  }

  /** Whether a call has failed, so that nobody knows whether it had its effect. */
  hasFailed(who: string, what: string, from: number, until: number): boolean {
    return this.all("failed").some(({ by, call, at }) => by === who && call === what && at >= from && at <= until);
  }

  of(group: string): ServerRecord {
    let found = this.servers.get(group);
    if (found === undefined) this.servers.set(group, (found = { sessions: [], players: [], counted: [], deletes: [], shown: [] }));
    return found;
  }

  #note(entry: Happened): void {
    switch (entry.kind) {
      case "held":
        this.#session(entry).held.push(entry);
        break;
      case "let": {
        const session = this.sessions.get(entry.session);
        if (session !== undefined) session.let ??= entry;
        break;
      }
      case "players":
        this.of(entry.group).players.push(entry);
        break;
      case "counted":
        this.of(entry.group).counted.push(entry);
        break;
      case "request":
        if (entry.verb === "delete" && entry.status !== undefined) this.of(entry.group).deletes.push(entry);
        break;
      case "answer":
        if (entry.verb === "get" && entry.isFresh && entry.shows === "Running") this.#show(entry);
        break;
      case "health":
        // What was shown is not all that there was to see.
        if (!entry.isWell) this.#forget(entry);
        break;
      case "row":
        if (entry.phase === "wiped") this.wipes.push(entry.at);
        break;
      default:
    }
  }

  #session({ session, group }: Of<"held">): HeldSession {
    let found = this.sessions.get(session);
    if (found === undefined) {
      found = { id: session, group, held: [], let: undefined };
      this.sessions.set(session, found);
      this.of(group).sessions.push(found);
    }
    return found;
  }

  #show({ group, at, by }: Of<"answer">): void {
    if (this.world.servers.isUp(group, at)) this.of(group).shown.push({ at, by });
  }

  #forget({ group, by }: Of<"health">): void {
    const { shown } = this.of(group);
    const last = shown.findLastIndex((one) => one.by === by);
    if (last >= 0) shown.splice(last, 1);
  }
}
