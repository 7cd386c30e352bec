import type { WireContainer, WireEvent, WireGroup, WireState } from "../../../src/azure/wire.js";
import type { Program, Tasks } from "./program.js";

/** One run of the main container. */
export interface Run {
  readonly startAt: number;
  endAt: number;
  readonly exitCode: number | undefined;
}

/** What a create asks for, as far as this Azure looks at it. */
export interface GroupBody {
  readonly location?: string;
  readonly tags?: Record<string, string>;
  readonly properties: { readonly restartPolicy?: string; readonly containers: readonly { readonly name: string; readonly properties?: { readonly command?: readonly string[] } }[]; readonly initContainers?: readonly { readonly name: string }[] };
}

/** For nearly so long a container that is begun anew is told to have ended. */
const LONGEST_GAP_IN_MS = 9001;

/** A container group as it really is. What it tells of itself is another thing. */
export class TruthGroup {
  readonly runs: Run[] = [];
  tags: Record<string, string>;
  goneAt = Infinity;
  /** A delete was accepted and will be carried out. */
  isDeleting = false;
  /** When its tags were last written. */
  taggedAt: number;
  /** What is known of it besides, where it is no job's. */
  dress: (wire: WireGroup, at: number) => WireGroup = (wire) => wire;

  constructor(
    readonly name: string,
    /** Which group of this name it is. */
    readonly incarnation: number,
    public body: GroupBody,
    public bytes: string,
    readonly createdAt: number,
    readonly program: Program & Tasks,
    /** How far Azure's clock, by which it tells of times, is ahead. */
    private readonly aheadInMs: number,
  ) {
    this.tags = { ...body.tags };
    this.taggedAt = createdAt;
    const { startsAfter, runsFor, exitCode, restartedAfter, initFails } = program;
    if (startsAfter === undefined || initFails) return;
    const startAt = createdAt + startsAfter;
    this.#run(startAt, startAt + runsFor, exitCode);
    if (restartedAfter !== undefined) this.restart(startAt + restartedAfter);
  }

  get isForeign(): boolean {
    return this.body.tags?.["aci-lifecycle-owner"] !== "team";
  }

  /** Which container decides how the job ends: the first, or the one that is asked to. */
  get decider(): number {
    return Math.max(0, this.#asked("decide"));
  }

  /** When all have ended, if that is what ends the job, and how the others have. */
  get others(): { readonly endAt: number; readonly exitCode: number } | undefined {
    const { startsAfter = Infinity, beside } = this.program;
    return this.#asked("end") < 0 ? undefined : { endAt: this.createdAt + startsAfter + beside.runsFor, exitCode: beside.exitCode };
  }

  #asked(task: string): number {
    return this.body.properties.containers.findIndex(({ properties }) => properties?.command?.includes(task));
  }

  /** A PUT on a group that is there changes it. */
  update(body: GroupBody): void {
    this.body = body;
    this.bytes = JSON.stringify(body);
    this.tags = { ...body.tags };
  }

  /** Begins the container anew. The run that is under way ends without a word, or by a signal; what has ended stays as it is. */
  restart(at: number): void {
    const last = this.runs.at(-1);
    if (last === undefined || last.startAt > at || last.endAt <= at || this.runs.length > 2) return;
    this.runs.splice(-1, 1, { ...last, endAt: at, exitCode: Math.floor(at) % 2 === 0 ? undefined : 137 });
    const startAt = at + 1000 + (Math.floor(at) % LONGEST_GAP_IN_MS);
    this.#run(startAt, startAt + this.program.runsFor, this.program.exitCode);
  }

  runAt(at: number): number {
    return this.runs.findLastIndex(({ startAt }) => startAt <= at);
  }

  view(at: number): WireGroup {
    const { provisioning, lacksRoom, startsAfter } = this.program;
    const isSettled = at - this.createdAt > 1500;
    const hasFailed = lacksRoom && at - this.createdAt > 8000;
    const isPending = startsAfter === undefined || at < this.createdAt + startsAfter;
    const provisioningState = hasFailed ? "Failed" : !isSettled ? "Pending" : isPending && provisioning !== "Failed" ? "Creating" : provisioning;
    const main = this.#main(at);
    const events = hasFailed ? [event("InsufficientCapacity", "The requested resource is not available in the location 'westeurope' at this moment.", "Warning", 1, at + this.aheadInMs)] : [];
    const containers = this.body.properties.containers.map(({ name }, index) => (index === this.decider ? main : container(name, this.#beside(at), 0)));
    const initContainers = (this.body.properties.initContainers ?? []).map(({ name }) => container(name, this.#init(at), 0));
    const wire = {
      id: `/groups/${this.name}`,
      name: this.name,
      location: this.body.location ?? "",
      tags: { ...this.tags },
      properties: { provisioningState, restartPolicy: this.body.properties.restartPolicy ?? "Always", osType: "Linux", containers, initContainers, instanceView: { state: stateOf(main), events } },
    };
    return this.dress(wire, at);
  }

  #main(at: number): WireContainer {
    const name = this.body.properties.containers[this.decider]?.name ?? "main";
    const run = this.runAt(at);
    if (run < 0) return container(name, { state: "Waiting", detailStatus: "" }, 0, undefined, this.#pullEvents(at));
    const before = run === 0 ? undefined : this.#state(this.runs[run - 1] as Run, at);
    return container(name, this.#state(this.runs[run] as Run, at), run, before, this.#pullEvents(at));
  }

  #state({ startAt, endAt, exitCode }: Run, at: number): WireState {
    const startTime = this.#iso(startAt);
    if (at < endAt) return { state: "Running", startTime };
    const { tells, detail } = this.program;
    const finishTime = this.#iso(tells === "endBeforeStart" ? startAt - 60_000 : endAt);
    const code = tells === "noExitCode" || exitCode === undefined ? {} : { exitCode };
    return { state: "Terminated", startTime, finishTime, detailStatus: detail, ...code };
  }

  #init(at: number): WireState {
    const after = this.program.startsAfter ?? Infinity;
    if (at < this.createdAt + after / 2) return { state: "Waiting" };
    return { state: "Terminated", startTime: this.#iso(this.createdAt), finishTime: this.#iso(this.createdAt + after / 2), exitCode: this.program.initFails ? 1 : 0 };
  }

  #pullEvents(at: number): readonly WireEvent[] {
    if (!this.program.pullFails) return this.#pulls(at);
    const count = Math.floor((at - this.createdAt) / 15_000);
    return count === 0 ? [] : [event("Failed", 'Failed to pull image "sim:1"', "Warning", count, at + this.aheadInMs), event("BackOff", 'Back-off pulling image "sim:1"', "Normal", count, at + this.aheadInMs)];
  }

  #pulls(at: number): readonly WireEvent[] {
    const { startsAfter, pulls } = this.program;
    const [from, until] = startsAfter === undefined ? [this.createdAt + 10_000 * pulls.from, pulls.isStuck ? Infinity : this.createdAt + 10_000] : [pulls.from, pulls.until].map((part) => this.createdAt + startsAfter * part);
    const told = (name: string, when = Infinity): readonly WireEvent[] => (at < when ? [] : [event(name, `${name} image "sim:1"`, "Normal", 1, when + this.aheadInMs)]);
    return [...told("Pulling", from), ...told("Pulled", until)];
  }

  // One that is beside the one that decides, from its first start on.
  #beside(at: number): WireState {
    const { startsAfter = Infinity, beside } = this.program;
    const startAt = this.createdAt + startsAfter;
    if (at < startAt) return { state: "Waiting" };
    if (at < startAt + beside.runsFor) return { state: "Running", startTime: this.#iso(startAt) };
    return { state: "Terminated", startTime: this.#iso(startAt), finishTime: this.#iso(startAt + beside.runsFor), exitCode: beside.exitCode, detailStatus: beside.exitCode === 0 ? "Completed" : "Error" };
  }

  #iso(at: number): string {
    return iso(at + this.aheadInMs);
  }

  #run(startAt: number, endAt: number, exitCode: number): void {
    this.runs.push({ startAt, endAt, exitCode });
  }
}

function stateOf({ properties }: WireContainer): string {
  const { state, exitCode } = properties?.instanceView?.currentState ?? {};
  if (state === "Waiting") return "Pending";
  return state === "Terminated" ? (exitCode === 0 ? "Succeeded" : "Failed") : "Running";
}

function container(name: string, currentState: WireState, restartCount: number, previousState?: WireState, events: readonly WireEvent[] = []): WireContainer {
  return { name, properties: { image: "sim:1", resources: { requests: { cpu: 1, memoryInGB: 1 } }, instanceView: { restartCount, currentState, ...(previousState && { previousState }), events } } };
}

function event(name: string, message: string, type: string, count: number, at: number): WireEvent {
  return { name, message, type, count, firstTimestamp: iso(at - 1000), lastTimestamp: iso(at) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
