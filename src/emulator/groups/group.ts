import { createHash } from "node:crypto";
import { refusals } from "../arm-error.js";
import type { GroupBody, RestartPolicy } from "../body/group-body.js";
import { Container } from "./containers/container.js";
import { fresh, stoppedByClient } from "./containers/container-state.js";
import type { ContainerRecord } from "./containers/progress.js";
import { Deployment } from "./deployment.js";
import type { DeploymentContext, DeploymentRecord } from "./deployment-record.js";
import type { EventView } from "./containers/event-list.js";
import { groupState, type GroupState } from "./group-state.js";
import { Operation } from "./operation.js";

/** Where a group is in Azure's tree, in the case in which it was first written. */
export interface GroupAddress {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** A group as it is written down; secrets included. */
export interface GroupRecord {
  readonly address: GroupAddress;
  readonly body: GroupBody;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly provisioningState: Group["provisioningState"];
  readonly isStopped: boolean;
  readonly deployments: number;
  readonly lastIp: string;
  /** Init containers first, as they are in the body. */
  readonly containers: readonly ContainerRecord[];
  readonly deployment?: DeploymentRecord | undefined;
  /** The id of its last operation. */
  readonly operation?: string | undefined;
}

/** A container group that exists: what was asked for, how provisioning goes, and its containers. */
export class Group {
  createdAt: number;
  changedAt: number;
  provisioningState: "Pending" | "Updating" | "Succeeded" | "Failed" = "Pending";
  isStopped = false;
  containers: readonly Container[] = [];
  #body: GroupBody;
  #deployment: Deployment | undefined;
  #operation: Operation | undefined;
  #deployments = 0;
  #lastIp = "127.0.0.1";
  #cleared: Promise<void>;

  /**
   * @param after - What has to be over first: the removal of an earlier group of this name.
   * @param place - Where it is in lists: behind all that were made before.
   */
  constructor(
    readonly address: GroupAddress,
    body: GroupBody,
    private readonly context: DeploymentContext,
    private readonly onLost: (group: Group) => void,
    after: Promise<void>,
    readonly place: number,
  ) {
    this.createdAt = this.changedAt = context.clock.now();
    this.#body = body;
    this.#cleared = after;
  }

  get id(): string {
    const { subscriptionId, resourceGroup, name } = this.address;
    return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups/${name}`;
  }

  get body(): GroupBody {
    return this.#body;
  }

  get policy(): RestartPolicy {
    return this.#body.properties.restartPolicy ?? "Always";
  }

  /** Everything of it that another process needs to carry on. */
  get record(): GroupRecord {
    const { address, body, createdAt, changedAt, provisioningState, isStopped } = this;
    const lastIp = this.#deployment?.engineGroup?.ip ?? this.#lastIp;
    const containers = this.containers.map((container) => container.record());
    return { address, body, createdAt, changedAt, provisioningState, isStopped, lastIp, containers, deployments: this.#deployments, deployment: this.#deployment?.record, operation: this.#operation?.id };
  }

  get state(): GroupState {
    const main = this.containers.filter((container) => !container.isInit);
    return groupState({ isStopped: this.isStopped, hasFailed: this.provisioningState === "Failed" }, main.map(({ state }) => state));
  }

  /** The address at which it answers; none before it runs. */
  get ip(): string | undefined {
    const hasStarted = this.containers.some(({ isInit, state: { current, previous } }) => !isInit && (previous !== undefined || (current !== undefined && current.state !== "Waiting")));
    return hasStarted || this.isStopped ? (this.#deployment?.engineGroup?.ip ?? this.#lastIp) : undefined;
  }

  get events(): readonly EventView[] {
    return this.#deployment?.events ?? [];
  }

  get isInTransition(): boolean {
    return this.provisioningState === "Pending" || this.provisioningState === "Updating";
  }

  get hasEnded(): boolean {
    return this.state === "Succeeded" || this.state === "Failed";
  }

  /** Puts the body into effect on a new group, an ended one, or a live one. */
  deploy(body: GroupBody): Operation {
    this.#body = body;
    const { containers, initContainers } = body.properties;
    // An ended group is deployed as new; a live one keeps what its containers went through.
    const before = new Map(this.hasEnded ? [] : this.containers.map((container) => [container.name, container.state.events]));
    const { keeper } = this.context;
    this.containers = [...initContainers.map((container) => new Container(container, true, keeper)), ...containers.map((container) => new Container(container, false, keeper))];
    for (const container of this.containers) container.state = fresh(before.get(container.name));
    return this.#begin("Pending");
  }

  /** Starts a group that stands still; does nothing to one that runs. */
  start(): Operation | undefined {
    if (this.isInTransition) throw refusals.transitioning(this.address.name);
    if (!this.isStopped && !this.hasEnded) return undefined;
    return this.#begin("Pending");
  }

  /** Ends all containers and starts them anew. */
  restart(): Operation {
    if (this.isStopped) throw refusals.stopped(this.address.resourceGroup, this.address.name);
    if (this.provisioningState === "Pending") throw refusals.transitioning(this.address.name);
    return this.#begin("Updating");
  }

  /** Ends all containers for good; does nothing to a group that stands still. */
  stop(): void {
    if (this.provisioningState === "Pending") throw refusals.transitioning(this.address.name);
    if (this.isStopped || this.hasEnded) return;
    const now = this.context.clock.now();
    if (this.provisioningState === "Updating") {
      this.provisioningState = "Failed";
      for (const container of this.containers) container.state = stoppedByClient(container.state, now);
    }
    this.isStopped = true;
    this.changedAt = now;
    this.#operation?.end("Canceled");
    void this.#clear(this.context.stopGraceInMs, this.context.assumptions.stoppedLogs === "kept");
  }

  /** Replaces the tags; nothing else changes. */
  setTags(tags: GroupBody["tags"]): void {
    this.#body = { ...this.#body, tags: tags ?? {} };
    this.changedAt = this.context.clock.now();
  }

  /** Removes it from the engine. Resolves when nothing is left there. */
  remove(graceInMs: number): Promise<void> {
    this.#operation?.end("Canceled");
    return this.#clear(graceInMs);
  }

  /** Lets go of its containers as they are, so that another process can take over. Resolves when those that were to end have. */
  detach(): Promise<void> {
    this.#deployment?.detach();
    return this.#cleared.catch(() => undefined);
  }

  /**
   * Goes on where another process left it. Resolves when what there still is of it in the engine has been found.
   *
   * @param operation - Its last operation, if that is known.
   */
  async takeOver(record: GroupRecord, operation: Operation | undefined): Promise<void> {
    const { keeper } = this.context;
    const { initContainers, containers } = this.#body.properties;
    this.createdAt = record.createdAt;
    this.changedAt = record.changedAt;
    this.provisioningState = record.provisioningState;
    this.isStopped = record.isStopped;
    this.#deployments = record.deployments;
    this.#lastIp = record.lastIp;
    this.containers = [...initContainers, ...containers].map((body, index) => new Container(body, index < initContainers.length, keeper, record.containers[index]));
    this.#operation = operation;
    if (record.deployment === undefined) return;
    // Its containers were still those of the deployment before.
    if (record.deployment.beganAt === undefined) for (const container of this.containers) container.renew();
    await this.#follow(record.deployment.id, Promise.resolve(), operation, record.deployment).takenOver;
  }

  #begin(kind: "Pending" | "Updating"): Operation {
    this.#operation?.end("Canceled");
    const operation = new Operation(this, kind, this.context.clock.now());
    this.#operation = operation;
    this.#lastIp = this.#deployment?.engineGroup?.ip ?? this.#lastIp;
    this.provisioningState = kind;
    this.isStopped = false;
    this.changedAt = operation.startedAt;
    const cleared = this.#clear(this.context.stopGraceInMs).then(() => {
      if (this.#operation === operation) for (const container of this.containers) container.renew();
    });
    if (kind === "Pending") for (const container of this.containers) container.renew();
    const incarnation = createHash("sha256").update(`${this.id.toLowerCase()} ${this.createdAt} ${this.#deployments++} ${operation.id}`).digest("hex").slice(0, 24);
    this.#follow(incarnation, cleared, operation);
    return operation;
  }

  #follow(incarnation: string, after: Promise<void>, operation: Operation | undefined, found?: DeploymentRecord): Deployment {
    const deployment = new Deployment(this.context, this.address.name, incarnation, this.id, this.#body, this.containers, () => this.onLost(this), after, found);
    this.#deployment = deployment;
    void deployment.provisioned.then(({ failure }) => {
      operation?.end(failure === undefined ? "Succeeded" : "Failed", failure);
      if (this.#deployment === deployment && !this.isStopped) this.provisioningState = failure === undefined ? "Succeeded" : "Failed";
      this.context.keeper?.changed();
    });
    return deployment;
  }

  // One clearing after the other, so that a name's deployments never overlap in the engine.
  #clear(graceInMs: number, areLogsKept = false): Promise<void> {
    const ended = this.#deployment?.end(graceInMs, areLogsKept);
    this.#cleared = Promise.all([this.#cleared, ended]).then(() => undefined);
    this.#cleared.catch(() => undefined);
    return this.#cleared;
  }
}
