import type { TruthGroup } from "../azure/truth.js";
import type { JobPlan } from "../jobs/job-plan.js";
import type { Entry, Happened, Told } from "../world/history.js";
import type { World } from "../world/world.js";

/** One kind of entry, with its time. */
export type Of<K extends Entry["kind"]> = Happened & { readonly kind: K };

/** What happened in a world, asked in the ways that the rules need. */
export class Record {
  readonly violations: string[] = [];
  readonly calmAt: number;
  readonly #byKind = new Map<string, Happened[]>();

  constructor(
    readonly world: World,
    readonly plans: readonly JobPlan[],
  ) {
    for (const entry of world.history.entries) {
      const same = this.#byKind.get(entry.kind);
      if (same === undefined) this.#byKind.set(entry.kind, [entry]);
      else same.push(entry);
    }
    this.calmAt = this.all("calm")[0]?.at ?? Infinity;
  }

  /** What was put on record for others. Where hosts are given any handle that there ever was, what one of them has need not reach another. */
  get #kept(): readonly (Of<"stored"> | Of<"handed">)[] {
    return this.isCrowd ? this.all("stored") : [...this.all("stored"), ...this.all("handed")];
  }

  /** Whether many drive one job, each from any handle that there ever was. */
  get isCrowd(): boolean {
    return this.plans.some(({ shelf }) => shelf !== undefined);
  }

  all<K extends Entry["kind"]>(kind: K, fits?: (entry: Of<K>) => boolean): readonly Of<K>[] {
    const entries = (this.#byKind.get(kind) ?? []) as Of<K>[];
    return fits === undefined ? entries : entries.filter(fits);
  }

  /** Notes what must not be. */
  broken(rule: string, what: string): void {
    this.violations.push(`${rule}: ${what}`);
  }

  /** All groups that there ever were of a job. */
  groupsOf({ index }: JobPlan): readonly TruthGroup[] {
    const names = new Set(this.all("created", ({ by }) => isOf(by, index)).map(({ group }) => group));
    return this.world.azure.past.filter((group) => names.has(group.name) && !group.isForeign);
  }

  planOf(by: string): JobPlan | undefined {
    return this.plans.find(({ index }) => isOf(by, index));
  }

  resultsOf({ index }: JobPlan): readonly (Of<"result"> & { readonly result: Told })[] {
    return this.all("result", (entry) => entry.job === index);
  }

  /** Whether a process was told by then that there is such a group. */
  hasMet(by: string, name: string, until: number): boolean {
    return this.all("answer", (answer) => answer.by === by && answer.group === name && answer.at <= until && ["get", "put"].includes(answer.verb) && (answer.status === 200 || answer.status === 201)).length > 0;
  }

  /** Whether a true look at a group, told to one of these processes, showed one of these states. */
  wasSeen(isTold: (answer: Of<"answer">) => boolean, group: TruthGroup, states: readonly string[], from: number, until: number): boolean {
    return this.all("answer", (answer) => answer.group === group.name && answer.isFresh && answer.at >= from && answer.at <= until && states.includes(answer.shows ?? "") && isTold(answer)).length > 0;
  }

  /** Whether who decides something has been told what one of his line was: himself, or another who then put on record what he knew. */
  isKnownTo({ by, line, at }: { readonly by: string; readonly line: string; readonly at: number }): (answer: Pick<Of<"answer">, "by" | "at">) => boolean {
    const forgot = this.all("forgot", (entry) => isOfLine(entry.by, line));
    const kept = this.#kept.filter((entry) => isOfLine(entry.by, line));
    return (answer) => {
      const lost = forgot.find((entry) => entry.by === answer.by && entry.since <= answer.at && answer.at <= entry.at);
      const until = Math.min(at, lost?.at ?? at);
      const isKept = kept.some((entry) => entry.by === answer.by && entry.at >= answer.at && entry.at <= until && (lost === undefined || entry.kind === "stored"));
      return (answer.by === by && lost === undefined) || isKept;
    };
  }

  /** Whether what a process knew by then was lost with the step that it could not save. A store may have it although that was not told. */
  isForgotten(by: string, knownAt: number): boolean {
    const [forgot] = this.all("forgot", (entry) => entry.by === by && entry.since <= knownAt && knownAt <= entry.at);
    return forgot !== undefined && this.all("stored", (entry) => entry.by === by && entry.at >= knownAt && entry.at <= forgot.at).length === 0;
  }

  /** Whether what a process knew at a time was put on record by it, in a store or a handle. */
  wasPutDown(by: string, from: number, until: number): boolean {
    return this.#kept.some((entry) => entry.by === by && entry.at >= from && entry.at <= until);
  }

  /** Whether anybody had a handle of a job by then. */
  wasHanded(job: number, until: number): boolean {
    return this.all("handed", (entry) => entry.job === job && entry.at <= until).length > 0;
  }

  /** When an outcome was decided that somebody was told, and by whom. */
  decision(told: Of<"result">, attempt: number, outcome: string): { readonly at: number; readonly by: string } {
    const ends = this.all("event", (event) => event.job === told.job && event.type === "jobEnded" && event.attempt === attempt && event.outcome === outcome && event.at <= told.at);
    const own = ends.findLast(({ by }) => by === told.by);
    // Who takes up what another has decided and kept says it once more, and has asked Azure for nothing since.
    const decided = this.all("stored", (entry) => entry.decided && entry.attempt === attempt && entry.by !== told.by && isOf(entry.by, told.job) && entry.at <= told.at);
    const kept = outcome === "notRun" ? undefined : decided.findLast(({ at }) => at <= (own?.at ?? -Infinity));
    const hasAsked = this.all("request", ({ by, sentAt }) => by === told.by && sentAt >= (kept?.at ?? Infinity) && sentAt <= (own?.at ?? 0)).length > 0;
    // Of an attempt before, the reason has words before it.
    const reason = attempt === told.result.attempt ? told.result.reason : told.result.earlier.find((one) => one.attempt === attempt)?.reason;
    const isToldBy = (teller: string): boolean => this.all("result", ({ by, result, at }) => by === teller && at <= told.at && result.attempt === attempt && result.outcome === outcome && (reason ?? "").endsWith(result.reason ?? "")).length > 0;
    // Who has asked, and found out less, says what was kept first all the same.
    const isTheirs = kept !== undefined && (isToldBy(kept.by) || (kept.outcome === outcome && (reason ?? "").endsWith(kept.reason ?? "")));
    // And who could not look says, of a loss, what another has kept since who could.
    const since = outcome === "lost" ? decided.findLast(({ at, by }) => at > (own?.at ?? Infinity) && isToldBy(by)) : undefined;
    if (since !== undefined) return ends.findLast(({ by, at }) => by === since.by && at <= since.at) ?? told;
    // Nor does he say again what he has from a handle.
    const hasStore = this.plans.some(({ index, hasStore: has }) => index === told.job && has);
    const line = own ?? (hasStore ? undefined : ends.findLast(({ by }) => isOfLine(by, lineOf(told.by))));
    // What he keeps who has it from another is that one's.
    const kepts = this.all("stored", ({ by, at }) => isOf(by, told.job) && at <= (kept?.at ?? (own === undefined ? told.at : -Infinity)));
    const isSameEnd = (entry: Of<"stored"> | undefined): boolean => entry?.outcome === outcome && (reason ?? "").endsWith(entry.reason ?? "");
    const first = ends.find((end) => isSameEnd(kepts.find((entry) => entry.by === end.by && entry.at >= end.at)));
    const last = ends.findLast(({ by, at }) => by === kept?.by && at <= kept.at);
    const theirs = this.isCrowd ? (first ?? last) : (last ?? first);
    return (hasAsked && !isTheirs ? undefined : theirs) ?? line ?? ends.at(-1) ?? told;
  }

  /** Whether another caller's create has changed a group: of two that create at once, the later one does. */
  isChanged(name: string): boolean {
    return this.all("updated", ({ group, by }) => group === name && by.endsWith(" otherwise")).length > 0;
  }

  faultsOn(fits: (request: Of<"request">) => boolean): number {
    return this.all("request", (request) => request.fault !== undefined && fits(request)).length;
  }
}

/** Whether a process is the one named, or one of those who carried on from each other, whose names begin with the line. */
export function isOfLine(by: string, line: string): boolean {
  return by === line || (line.endsWith("#") && by.startsWith(line));
}

/** What those are called who carry on from each other, one of whom this is. */
export function lineOf(by: string): string {
  return by.slice(0, by.lastIndexOf("#") + 1);
}

export function isOf(by: string, index: number): boolean {
  return ["job", "twin", "other"].some((line) => by.startsWith(`${line}${index}#`));
}
