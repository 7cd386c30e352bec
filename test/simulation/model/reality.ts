import type { ContainerJobSpec } from "../../../src/index.js";
import { tripUnder, type Trip } from "../azure/network.js";
import type { Call } from "../azure/azure.js";
import type { Program } from "../azure/program.js";
import type { GroupBody, TruthGroup } from "../azure/truth.js";
import type { Kept } from "../jobs/calls.js";
import type { JobPlan } from "../jobs/job-plan.js";
import { call, cancelFromElsewhere, type Signals } from "../jobs/life.js";
import { sweepOnce } from "../simulate.js";
import type { Process } from "../world/process.js";
import { OWNER, World } from "../world/world.js";
import type { FaultDraw, JobDraw } from "./draws.js";
import type { ModelCaller, ModelJob, Work } from "./model.js";

/** How the other spec of a key ends, by which it is told from the first. */
export const OTHER_EXIT_CODE = 42;

interface Alive {
  readonly process: Process;
  readonly signals: Signals;
}

/** The library in a world where only commands disturb anything. */
export class Reality {
  readonly world: World;
  /** What nobody has foreseen. */
  readonly failures: string[] = [];
  readonly #alive = new Map<string, Alive>();
  readonly #kept = new Map<number, Kept>();
  readonly #work = new Map<string, Work>();
  #faults: FaultDraw[] = [];
  #busy = 0;

  constructor(readonly seed: number) {
    this.world = new World(seed, true);
    this.world.tripOf = (one) => this.#trip(one);
    this.world.azure.programOf = (body) => this.#programOf(body);
  }

  /** A new job's plan. */
  plan(index: number, draw: JobDraw): JobPlan {
    const { hasKey, hasStore, hasSink, mode, heir, isSecretGiven, limits, work } = draw;
    const secret = `secret-${index}-${this.world.dice.between(100_000, 999_999)}`;
    const spec: ContainerJobSpec = {
      ...(hasKey && { key: `job-${this.seed}-${index}` }),
      image: "sim:1",
      command: ["work", String(index)],
      environment: { KEY: isSecretGiven ? { secureValue: secret } : { secret: "key" } },
    };
    this.#work.set(String(index), work);
    const never = undefined;
    return { index, spec, limits, hasStore, hasSink, mode, heir, abortAfter: never, detachAfter: never, cancelAfter: never, twinAfter: never, otherAfter: never, isNameTaken: false, secret, forgetsLimits: false,
      completion: "own",
      wrongs: [],
      forgetsStrategy: false };
  }

  /** Somebody asks for a job in a new process, and is left to it. */
  ask(job: ModelJob, line: "job" | "twin", { isOther = false, isTakenUp = false } = {}): ModelCaller {
    const { world } = this;
    const { plan } = job;
    const process = world.spawn(line === "job" ? `job${plan.index}` : `${isOther ? "other" : "twin"}${plan.index}#${job.callers.length}`, Infinity);
    const signals = { aborting: new AbortController(), detaching: new AbortController() };
    this.#alive.set(process.name, { process, signals });
    const caller: ModelCaller = { by: process.name, line, isOther, isTakenUp, calledAt: world.time.now, isFirst: job.callers.length === 0, isOpen: true, isCrashed: false, isDetached: false };
    const kept = line === "job" ? (this.#kept.get(plan.index) ?? {}) : {};
    if (line === "job") this.#kept.set(plan.index, kept);
    const spec = isOther ? { ...plan.spec, command: ["other", String(plan.index)] } : plan.spec;
    const own: JobPlan = line === "job" ? plan : { ...plan, mode: "run", heir: "sameCall", spec };
    const ended = Promise.race([call(world, process, own, kept, !isTakenUp, signals), process.died.then(() => "died" as const)]);
    ended.then(
      (how) => {
        caller.isOpen = false;
        if (how === "failed") process.die();
      },
      (error: unknown) => this.failures.push(String((error as Error).stack)),
    );
    return caller;
  }

  stop({ by }: ModelCaller, job: ModelJob, what: "abort" | "detach"): void {
    const { signals } = this.#alive.get(by) as Alive;
    this.world.history.add({ kind: "asked", job: job.plan.index, what, by });
    signals[what === "abort" ? "aborting" : "detaching"].abort(new Error(what));
  }

  kill({ by }: ModelCaller): void {
    this.#alive.get(by)?.process.die();
  }

  cancel({ plan }: ModelJob): void {
    this.#leave(cancelFromElsewhere(this.world, plan));
  }

  sweep(hasStore: boolean): void {
    this.#leave(sweepOnce(this.world, hasStore));
  }

  /** The next requests of a kind meet a fault. */
  disturb(fault: FaultDraw): void {
    this.#faults.push(fault);
  }

  /**
   * Somebody deleted a group of the job, and another caller made it anew by the same name. Whoever watched the first goes on
   * with the second, and cannot know.
   */
  isReplaced({ plan, isDeleted }: ModelJob): boolean {
    return isDeleted && this.world.azure.past.some(({ incarnation, body }) => incarnation > 0 && commandOf(body)[1] === String(plan.index));
  }

  /** The groups of a job that are there now. */
  groupsOf({ plan }: ModelJob): readonly TruthGroup[] {
    return [...this.world.azure.groups.values()].filter(({ body }) => commandOf(body)[1] === String(plan.index));
  }

  get isAnythingLeft(): boolean {
    return [...this.world.azure.groups.values()].some(({ tags }) => tags["aci-lifecycle-owner"] === OWNER);
  }

  get isBusy(): boolean {
    return this.#busy > 0;
  }

  /** Lets time pass. Says why, if it could not. */
  async tick(ms: number): Promise<void> {
    let isOver = false;
    this.world.time.in(ms, () => (isOver = true));
    const end = await this.world.time.pass(() => isOver);
    if (end !== "over") this.failures.push(`L1 ${end}: time does not pass`);
  }

  #leave(work: Promise<void>): void {
    this.#busy++;
    work.then(
      () => this.#busy--,
      (error: unknown) => this.failures.push(String((error as Error).stack)),
    );
  }

  #trip(one: Call): Trip {
    const next = this.#faults.find(({ verb, count }) => verb === one.verb && count > 0);
    if (next === undefined) return {};
    const trip = tripUnder(this.world, one, next.fault);
    // Where it does not apply it waits for another request.
    if (trip.fault !== undefined) this.#faults = this.#faults.map((fault) => (fault === next ? { ...fault, count: fault.count - 1 } : fault));
    return trip;
  }

  #programOf(body: GroupBody): Partial<Program> {
    const [what, index] = commandOf(body);
    const work = this.#work.get(index ?? "");
    if (work === undefined) return {};
    const attempt = Number(body.tags?.["aci-lifecycle-attempt"]);
    const { startsAfter, runsFor, exitCodes, lines } = work;
    const exitCode = what === "other" ? OTHER_EXIT_CODE : (exitCodes[Math.min(attempt, exitCodes.length) - 1] as number);
    return { startsAfter, runsFor, exitCode, lines, detail: exitCode === 137 ? "OOMKilled" : "Completed" };
  }
}

/** What a group runs: `work` or `other`, and the job's number. */
export function commandOf({ properties }: GroupBody): readonly string[] {
  const [main] = properties.containers as readonly { readonly properties?: { readonly command?: readonly string[] } }[];
  return main?.properties?.command ?? [];
}
