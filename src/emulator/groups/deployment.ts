import { engineGroupSpec, withoutLostShares } from "../body/engine-specs.js";
import type { GroupBody } from "../body/group-body.js";
import { MountError, type EngineGroup, type EngineGroupSpec } from "../engine.js";
import type { GroupFault } from "../faults/fault-rule.js";
import { noCapacity } from "../faults/named-refusals.js";
import type { GroupIdentity } from "../identity/group-identity.js";
import type { Container } from "./containers/container.js";
import type { ContainerSurroundings } from "./containers/container-surroundings.js";
import { waiting } from "./containers/container-state.js";
import { noteEvent, type EventView } from "./containers/event-list.js";
import { backOffInMs, initPolicy } from "./containers/restart-policy.js";
import type { DeploymentContext, DeploymentRecord, ProvisioningEnd } from "./deployment-record.js";
import { DETACHED, isEnding } from "./keeper.js";

// A reason that costs nothing: nobody reads it.
const DONE = "done";
const ENDED = new Error("The deployment of the container group was ended");
const SLOW_PULL_IN_MS = 60_000;

// A failure that has a name of its own in the events.
class ProvisioningFailure extends Error {
  constructor(
    readonly eventName: string,
    message: string,
  ) {
    super(message);
  }
}

/** One life of a group's containers, from the first pull until all is removed from the engine. */
export class Deployment {
  engineGroup: EngineGroup | undefined;
  /** Settles once: when every container has started, or will not. */
  readonly provisioned: Promise<ProvisioningEnd>;
  /** Resolves when whatever another process left of it has been looked for. */
  readonly takenOver: Promise<void>;
  readonly #abort = new AbortController();
  // Ends the watch over the provisioning time.
  readonly #settled = new AbortController();
  readonly #work: Promise<void>;
  readonly #faults: readonly GroupFault[];
  readonly #identity: GroupIdentity | undefined;
  #record: DeploymentRecord;
  #settle: (end: ProvisioningEnd) => void = () => undefined;
  #noteTakenOver: () => void = () => undefined;

  /**
   * @param after - What has to be over before the first move: the end of the deployment before.
   * @param found - What another process wrote down of it; it goes on from there.
   */
  constructor(
    private readonly context: DeploymentContext,
    private readonly name: string,
    id: string,
    resourceId: string,
    private readonly body: GroupBody,
    private readonly containers: readonly Container[],
    private readonly onLost: () => void,
    after: Promise<void>,
    private readonly found?: DeploymentRecord,
  ) {
    this.#record = found ?? { id, events: [] };
    this.#faults = found === undefined ? context.faults.strikeDeployment(name) : [];
    this.#identity = context.identities.open(resourceId, body.identity, this.#record.id);
    this.provisioned = new Promise((resolve) => (this.#settle = resolve));
    if (found?.end !== undefined) this.#end({ failure: found.end.failure });
    this.takenOver = found === undefined ? after : new Promise((resolve) => (this.#noteTakenOver = resolve));
    if (!canBeLeft(found)) this.#noteTakenOver();
    this.#work = found?.isEnded === true ? Promise.resolve() : this.#run(after);
  }

  /** Events of the group as a whole. */
  get events(): readonly EventView[] {
    return this.#record.events;
  }

  /** Everything of it that another process needs to carry on. */
  get record(): DeploymentRecord {
    return this.#record;
  }

  /** Ends all containers and removes them. Resolves when nothing is left in the engine. */
  async end(graceInMs: number, areLogsKept = false): Promise<void> {
    this.#note({ isEnded: true });
    this.#abort.abort(ENDED);
    this.#settled.abort(DONE);
    const stops = await Promise.allSettled(this.containers.map((container) => container.stop(graceInMs, areLogsKept)));
    const failed = stops.find((stop) => stop.status === "rejected");
    try {
      // What could not be stopped ends with its group; until then the work would wait for it.
      if (failed !== undefined) await this.engineGroup?.close();
      await this.#work;
      await (this.engineGroup ?? (await this.#findForRemoval()))?.close();
    } finally {
      if (this.#identity !== undefined) this.context.identities.close(this.#identity);
      this.context.keeper?.changed();
    }
    if (failed !== undefined) throw failed.reason;
  }

  /** Lets go of the containers as they are. */
  detach(): void {
    this.#abort.abort(DETACHED);
    this.#settled.abort(DONE);
  }

  async #run(after: Promise<void>): Promise<void> {
    const abortSignal = this.#abort.signal;
    try {
      await after;
      abortSignal.throwIfAborted();
      const beganAt = this.#record.beganAt ?? this.context.clock.now();
      void this.#watchDeadline(beganAt);
      if (this.#record.isAllocated !== true) await this.#allocate(beganAt);
      for (const fault of this.#faults) void this.#suffer(fault);
      if (this.#isStruckBy("capacity")) throw new ProvisioningFailure("InsufficientCapacity.", noCapacity(this.body.location));
      if (this.#isStruckBy("stuckWaiting")) await this.context.clock.sleep(Infinity, abortSignal);
      this.engineGroup = await this.#open();
      if (this.engineGroup !== undefined && this.#record.isOver !== true) await this.#runContainers(this.#surroundings(this.engineGroup));
    } catch (error) {
      if (!abortSignal.aborted) this.#note({ isOver: true });
      this.#failUnlessAborted(error);
    } finally {
      this.#settled.abort(DONE);
      this.#noteTakenOver();
    }
  }

  async #allocate(beganAt: number): Promise<void> {
    const { clock, pace } = this.context;
    this.#note({ beganAt });
    await clock.sleep(Math.max(0, beganAt + pace.allocationInMs - clock.now()), this.#abort.signal);
    this.#note({ isAllocated: true });
    for (const container of this.containers) container.state = waiting(container.state, "ContainerCreating");
  }

  async #runContainers(around: ContainerSurroundings): Promise<void> {
    const policy = this.body.properties.restartPolicy ?? "Always";
    for (const init of this.containers.filter((container) => container.isInit)) {
      await init.pull(around);
      const end = await init.supervise(around, initPolicy(policy), () => undefined);
      around.abortSignal.throwIfAborted();
      if (end.exitCode !== 0) throw new Error(`Init container ${init.name} ended with exit code ${end.exitCode}.`);
    }
    const main = this.containers.filter((container) => !container.isInit);
    const started = new Set<Container>();
    const live = async (container: Container): Promise<void> => {
      await container.pull(around);
      await container.supervise(around, policy, () => {
        started.add(container);
        if (started.size === main.length) this.#end({ failure: undefined });
      });
    };
    const giveUp = (container: Container, error: unknown): void => {
      if (!around.abortSignal.aborted) container.giveUp();
      this.#failUnlessAborted(error);
    };
    const trying = main.filter((container) => !container.hasGivenUp);
    await Promise.all(trying.map((container) => live(container).catch((error: unknown) => giveUp(container, error))));
  }

  #surroundings(engineGroup: EngineGroup): ContainerSurroundings {
    const { clock, pace, assumptions, stopGraceInMs, engine, keeper } = this.context;
    const beforeRemoval = keeper === undefined || engine.findGroup === undefined ? undefined : () => keeper.saved();
    const delays = this.#faults.filter(({ happens }) => happens === "slowPull").map(({ forInMs = SLOW_PULL_IN_MS }) => forInMs);
    const slowed = { ...pace, pullInMs: delays.reduce((sum, delay) => sum + delay, pace.pullInMs) };
    return { clock, pace: slowed, assumptions, body: this.body, engineGroup, abortSignal: this.#abort.signal, canPull: !this.#isStruckBy("imagePull"), beforeRemoval, stopGraceInMs, environment: this.#environmentIn(engineGroup) };
  }

  // Where containers could have tokens but do not reach what hands them out, an event says why.
  #environmentIn(engineGroup: EngineGroup): Readonly<Record<string, string>> {
    if (this.#identity === undefined) return {};
    const { metadata } = engineGroup;
    if (typeof metadata === "object") this.#note({ events: noteEvent(this.events, this.context.clock.now(), "IdentityNotServed", metadata.problem, "Warning") });
    return this.context.identities.environment(this.#identity, engineGroup);
  }

  #isStruckBy(happening: GroupFault["happens"]): boolean {
    return this.#faults.some(({ happens }) => happens === happening);
  }

  // What happens at one moment, once it has come.
  async #suffer({ happens, afterInMs = 0 }: GroupFault): Promise<void> {
    try {
      await this.context.clock.sleep(afterInMs, this.#abort.signal);
    } catch {
      return;
    }
    if (happens === "lost") this.onLost();
    if (happens === "platformRestart" || happens === "maintenance") {
      await Promise.all(this.containers.map((container) => container.interrupt(happens === "platformRestart" ? "restart" : "end", { clock: this.context.clock, abortSignal: this.#abort.signal })));
    }
  }

  // A share or a repository that is not there yet may come; the service tries on, too.
  async #open(): Promise<EngineGroup | undefined> {
    const { clock, pace, engine } = this.context;
    const { signal } = this.#abort;
    for (let tries = 1; ; tries++) {
      try {
        const left = this.found === undefined ? undefined : await this.#findAgain();
        const group = left ?? (this.#record.isOver === true ? undefined : await engine.openGroup(this.#specOf(this.body), signal));
        if (isEnding(signal)) await group?.close();
        signal.throwIfAborted();
        return group;
      } catch (error) {
        this.#noteFailedMount(error);
        await clock.sleep(backOffInMs(pace.backOff, tries), signal);
      }
    }
  }

  // Throws what waiting does not help against.
  #noteFailedMount(error: unknown): void {
    if (!(error instanceof MountError)) throw error;
    this.#noteTakenOver();
    if (!error.canRetry) throw new ProvisioningFailure("FailedMount", error.message);
    this.#note({ events: noteEvent(this.events, this.context.clock.now(), "FailedMount", error.message, "Normal") });
  }

  #specOf(body: GroupBody): EngineGroupSpec {
    return { ...engineGroupSpec(this.#record.id, this.name, body, this.context.findShare), metadata: this.#identity?.metadata };
  }

  // What another process left of the group in the engine, even if a share of it is gone meanwhile: containers that run do
  // without. Where none was started yet, all is made anew once the share is there.
  async #findAgain(): Promise<EngineGroup | undefined> {
    const { engine, clock, findShare } = this.context;
    const body = withoutLostShares(this.body, findShare);
    const left = await engine.findGroup?.(this.#specOf(body), this.#abort.signal);
    for (const container of this.containers) container.takeOver(left?.runs.find((run) => run.container === container.name), clock.now());
    this.#noteTakenOver();
    if (body === this.body || left?.runs.length !== 0) return left?.group;
    await left.group.close();
    return undefined;
  }

  // What is left of a group that could not be taken over, found by its id alone.
  async #findForRemoval(): Promise<EngineGroup | undefined> {
    if (!canBeLeft(this.found)) return undefined;
    const left = await this.context.engine.findGroup?.({ id: this.#record.id, name: this.name, ports: [], volumes: [], hostNames: [], isSingleRun: true });
    return left?.group;
  }

  async #watchDeadline(beganAt: number): Promise<void> {
    const { clock } = this.context;
    const limitInSeconds = this.body.properties.provisioningTimeoutInSeconds ?? 1800;
    try {
      await clock.sleep(Math.max(0, beganAt + limitInSeconds * 1000 - clock.now()), this.#settled.signal);
    } catch {
      return;
    }
    const limit = new Date(limitInSeconds * 1000).toISOString().slice(11, 19);
    const last = [...this.events, ...this.containers.flatMap((container) => container.state.events)].at(-1);
    this.#fail("ProvisioningTimeout", `${last?.message ?? ""};Subscription deployment didn't reach a successful provisioning state after '${limit}'.`);
  }

  #failUnlessAborted(error: unknown): void {
    if (!this.#abort.signal.aborted) this.#fail(error instanceof ProvisioningFailure ? error.eventName : "Failed", error instanceof Error ? error.message : String(error));
  }

  #fail(name: string, message: string): void {
    this.#note({ events: noteEvent(this.events, this.context.clock.now(), name, message, "Warning") });
    this.#end({ failure: { name, message } });
  }

  // The first end counts.
  #end({ failure }: ProvisioningEnd): void {
    this.#settled.abort(DONE);
    this.#settle({ failure });
    if (this.#record.end === undefined) this.#note({ end: failure === undefined ? {} : { failure } });
  }

  #note(news: Partial<DeploymentRecord>): void {
    this.#record = { ...this.#record, ...news };
    this.context.keeper?.changed();
  }
}

// Nothing is left in the engine of a deployment that has not begun, or has ended.
function canBeLeft(found: DeploymentRecord | undefined): boolean {
  return found?.isAllocated === true && found.isEnded !== true;
}
