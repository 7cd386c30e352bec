import { ArmError } from "../arm-error.js";
import type { Clock } from "../../internal/clock.js";
import type { GroupAddress } from "../groups/group.js";
import { checkRule } from "./check-rule.js";
import { dice } from "./dice.js";
import type { FaultAnswer, FaultRule, GroupFault, RequestFault, RequestKind } from "./fault-rule.js";
import { namedRefusals } from "./named-refusals.js";

/** What a fault does to one request. */
export interface Fault {
  readonly delayInMs: number;
  readonly isAfterEffect: boolean;
  /** The answer; `reset` breaks the connection, `pass` changes nothing. */
  readonly outcome: "reset" | "pass" | "undone" | "stale" | "emptyLogs" | ArmError;
}

/** A fault that is set, and how often it has struck. */
export interface SetFault {
  readonly rule: FaultRule;
  readonly struck: number;
}

interface Entry {
  readonly rule: FaultRule;
  readonly setAt: number;
  readonly draw: () => number;
  seen: number;
  struck: number;
}

/** The faults that are set, and how often each has struck. */
export class FaultTable {
  #entries: Entry[] = [];
  #set = 0;

  /** @param seed - What chances are drawn by: the same seed and the same requests meet the same faults. */
  constructor(
    private readonly location: string,
    private readonly clock: Clock,
    private readonly seed: number,
  ) {}

  add(rule: unknown): void {
    // Each rule draws for itself, so that one more rule changes nothing for the others.
    this.#entries.push({ rule: checkRule(rule), setAt: this.clock.now(), draw: dice(this.seed + 7919 * this.#set++), seen: 0, struck: 0 });
  }

  clear(): void {
    this.#entries = [];
    this.#set = 0;
  }

  list(): SetFault[] {
    return this.#entries.map(({ rule, struck }) => ({ rule, struck }));
  }

  /** Whether a rule needs to know what was answered before. */
  get wantsMemory(): boolean {
    return this.#entries.some(({ rule }) => "on" in rule && rule.answer === "stale");
  }

  /** The fault that strikes this request: that of the first rule that matches and is not used up. It names the request's location, if that has one. */
  strike(kind: RequestKind, address: GroupAddress, location = this.location): Fault | undefined {
    const isMeant = (rule: FaultRule): rule is RequestFault => "on" in rule && (rule.on === "any" || (typeof rule.on === "string" ? rule.on === kind : rule.on.includes(kind)));
    const entry = this.#entries.find((one) => isMeant(one.rule) && this.#strikes(one, address.name));
    if (entry === undefined) return undefined;
    const rule = entry.rule as RequestFault;
    return { delayInMs: rule.delayInMs ?? 0, ...outcome(rule.answer, address, location) };
  }

  /** The faults that happen to this deployment of a group. */
  strikeDeployment(name: string): GroupFault[] {
    return this.#entries.filter((one) => "happens" in one.rule && this.#strikes(one, name)).map(({ rule }) => rule as GroupFault);
  }

  #strikes(entry: Entry, name: string): boolean {
    const { rule, setAt, draw } = entry;
    const { times = 1, after = 0, probability = 1 } = rule;
    if (!isAbout(rule, name) || !isInTime(rule, this.clock.now() - setAt) || entry.struck >= times) return false;
    if (entry.seen++ < after || (probability < 1 && draw() >= probability)) return false;
    entry.struck++;
    return true;
  }
}

function isAbout(rule: FaultRule, name: string): boolean {
  return rule.name === undefined || rule.name.toLowerCase() === name.toLowerCase();
}

function isInTime({ fromInMs = 0, untilInMs = Infinity }: FaultRule, age: number): boolean {
  return age >= fromInMs && age < untilInMs;
}

function outcome(answer: FaultAnswer, address: GroupAddress, location: string): Omit<Fault, "delayInMs"> {
  if (typeof answer === "object") return { outcome: new ArmError(answer.status, answer.code, answer.message, answer.headers), isAfterEffect: answer.isAfterEffect === true };
  if (answer === "reset" || answer === "resetAfter") return { outcome: "reset", isAfterEffect: answer === "resetAfter" };
  if (answer === "pass" || answer === "undone" || answer === "stale" || answer === "emptyLogs") return { outcome: answer, isAfterEffect: false };
  return { outcome: namedRefusals[answer](address, location), isAfterEffect: false };
}
