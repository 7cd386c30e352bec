import type { Clock } from "../../internal/clock.js";
import { engineGroupSpec, type FindShare } from "../body/engine-specs.js";
import type { GroupBody } from "../body/group-body.js";
import { MountError, type Engine, type EngineGroup, type MetadataRequest } from "../engine.js";
import type { ResolvedAssumptions } from "../options/assumptions.js";
import type { GroupFault } from "../faults/fault-rule.js";
import { noCapacity } from "../faults/named-refusals.js";
import type { GroupIdentity } from "../identity/group-identity.js";
import type { Identities } from "../identity/identities.js";
import type { ResolvedPace } from "../options/pace.js";
import type { Container, ContainerSurroundings } from "./containers/container.js";
import { waiting } from "./containers/container-state.js";
import { noteEvent, type EventView } from "./containers/event-list.js";
import { backOffInMs, initPolicy } from "./containers/restart-policy.js";

// A reason that costs nothing: nobody reads it.
const DONE = "done";
const ENDED = new Error("The deployment of the container group was ended");
const SLOW_PULL_IN_MS = 60_000;

/** What every deployment of an emulator shares. */
export interface DeploymentContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly pace: ResolvedPace;
  readonly findShare: FindShare;
  /** How long a container may take to end after TERM. */
  readonly stopGraceInMs: number;
  readonly assumptions: ResolvedAssumptions;
  readonly identities: Identities;
  readonly faults: { strikeDeployment(name: string): readonly GroupFault[] };
}

/** How provisioning ended: `undefined` for success, else the words of the failure. */
export type ProvisioningEnd = { readonly failure: { readonly name: string; readonly message: string } | undefined };

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
  /** Events of the group as a whole. */
  events: readonly EventView[] = [];
  engineGroup: EngineGroup | undefined;
  /** Settles once: when every container has started, or will not. */
  readonly provisioned: Promise<ProvisioningEnd>;
  readonly #abort = new AbortController();
  // Ends the watch over the provisioning time.
  readonly #settled = new AbortController();
  readonly #work: Promise<void>;
  readonly #faults: readonly GroupFault[];
  readonly #identity: GroupIdentity | undefined;
  #settle: (end: ProvisioningEnd) => void = () => undefined;

  /** @param after - What has to be over before the first move: the end of the deployment before. */
  constructor(
    private readonly context: DeploymentContext,
    private readonly name: string,
    private readonly id: string,
    resourceId: string,
    private readonly body: GroupBody,
    private readonly containers: readonly Container[],
    private readonly onLost: () => void,
    after: Promise<void>,
  ) {
    this.#faults = context.faults.strikeDeployment(name);
    this.#identity = context.identities.open(resourceId, body.identity);
    this.provisioned = new Promise((resolve) => (this.#settle = resolve));
    this.#work = this.#run(after);
  }

  /** Ends all containers and removes them. Resolves when nothing is left in the engine. */
  async end(graceInMs: number, areLogsKept = false): Promise<void> {
    this.#abort.abort(ENDED);
    this.#settled.abort(DONE);
    await Promise.all(this.containers.map((container) => container.stop(graceInMs, areLogsKept)));
    await this.#work;
    await this.engineGroup?.close();
    if (this.#identity !== undefined) this.context.identities.close(this.#identity);
  }

  async #run(after: Promise<void>): Promise<void> {
    const abortSignal = this.#abort.signal;
    try {
      await after;
      abortSignal.throwIfAborted();
      void this.#watchDeadline();
      await this.context.clock.sleep(this.context.pace.allocationInMs, abortSignal);
      for (const container of this.containers) container.state = waiting(container.state, "ContainerCreating");
      for (const fault of this.#faults) void this.#suffer(fault);
      if (this.#isStruckBy("capacity")) throw new ProvisioningFailure("InsufficientCapacity.", noCapacity(this.body.location));
      if (this.#isStruckBy("stuckWaiting")) await this.context.clock.sleep(Infinity, abortSignal);
      this.engineGroup = await this.#open();
      await this.#runContainers(this.#surroundings(this.engineGroup));
    } catch (error) {
      this.#failUnlessAborted(error);
    } finally {
      this.#settled.abort(DONE);
    }
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
        if (started.size < main.length) return;
        this.#settled.abort(DONE);
        this.#settle({ failure: undefined });
      });
    };
    await Promise.all(main.map((container) => live(container).catch((error: unknown) => this.#failUnlessAborted(error))));
  }

  #surroundings(engineGroup: EngineGroup): ContainerSurroundings {
    const { clock, pace, assumptions, stopGraceInMs } = this.context;
    const delays = this.#faults.filter(({ happens }) => happens === "slowPull").map(({ forInMs = SLOW_PULL_IN_MS }) => forInMs);
    const slowed = { ...pace, pullInMs: delays.reduce((sum, delay) => sum + delay, pace.pullInMs) };
    return { clock, pace: slowed, assumptions, body: this.body, engineGroup, abortSignal: this.#abort.signal, canPull: !this.#isStruckBy("imagePull"), stopGraceInMs, environment: this.#environmentIn(engineGroup) };
  }

  // Where containers could have tokens but do not reach what hands them out, an event says why.
  #environmentIn(engineGroup: EngineGroup): Readonly<Record<string, string>> {
    if (this.#identity === undefined) return {};
    const { metadata } = engineGroup;
    if (typeof metadata === "object") this.events = noteEvent(this.events, this.context.clock.now(), "IdentityNotServed", metadata.problem, "Warning");
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
      await Promise.all(this.containers.map((container) => container.interrupt(happens === "platformRestart" ? "restart" : "end")));
    }
  }

  // A share or a repository that is not there yet may come; the service tries on, too.
  async #open(): Promise<EngineGroup> {
    const { engine, clock, pace, findShare } = this.context;
    const identity = this.#identity;
    const metadata = identity === undefined ? undefined : (request: MetadataRequest) => identity.answerMetadata(request);
    for (let tries = 1; ; tries++) {
      try {
        const group = await engine.openGroup({ ...engineGroupSpec(this.id, this.name, this.body, findShare), metadata }, this.#abort.signal);
        if (!this.#abort.signal.aborted) return group;
        await group.close();
        this.#abort.signal.throwIfAborted();
      } catch (error) {
        if (!(error instanceof MountError)) throw error;
        if (!error.canRetry) throw new ProvisioningFailure("FailedMount", error.message);
        this.events = noteEvent(this.events, clock.now(), "FailedMount", error.message, "Normal");
        await clock.sleep(backOffInMs(pace.backOff, tries), this.#abort.signal);
      }
    }
  }

  async #watchDeadline(): Promise<void> {
    const limitInSeconds = this.body.properties.provisioningTimeoutInSeconds ?? 1800;
    try {
      await this.context.clock.sleep(limitInSeconds * 1000, this.#settled.signal);
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
    this.events = noteEvent(this.events, this.context.clock.now(), name, message, "Warning");
    this.#settle({ failure: { name, message } });
  }
}
