import type { GroupBody } from "../body/group-body.js";
import type { DeploymentContext } from "./deployment-record.js";
import { Group, type GroupAddress, type GroupRecord } from "./group.js";
import { Operation, type OperatedGroup, type OperationRecord } from "./operation.js";

// So many of the last operations are written down; who follows one asks soon.
const WRITTEN_OPERATIONS = 1_000;
// Older ones are forgotten, as an emulator may run for weeks.
const KEPT_OPERATIONS = 10_000;

/** What there is, as it is written down. */
export interface RegistryRecords {
  readonly groups: readonly GroupRecord[];
  readonly operations: readonly OperationRecord[];
}

/** All groups that exist, the operations on them, and what is still being removed. */
export class GroupRegistry {
  readonly #groups = new Map<string, Group>();
  readonly #operations = new Map<string, Operation>();
  readonly #operationsOn = new WeakMap<OperatedGroup, Set<Operation>>();
  readonly #removals = new Map<string, Promise<void>>();
  #made = 0;

  constructor(private readonly context: DeploymentContext) {}

  find(address: GroupAddress): Group | undefined {
    return this.#groups.get(key(address));
  }

  /** The groups of a subscription, or of one resource group, in the order in which they were made. */
  list(subscriptionId: string, resourceGroup?: string): Group[] {
    return this.all().filter(
      ({ address }) => same(address.subscriptionId, subscriptionId) && (resourceGroup === undefined || same(address.resourceGroup, resourceGroup)),
    );
  }

  /** Whether containers of a group that was deleted still end. */
  get isRemoving(): boolean {
    return this.#removals.size > 0;
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }

  /** Whether the containers of a deleted group of this name still end. */
  isEnding(address: GroupAddress): boolean {
    return this.#removals.has(key(address));
  }

  /** Adds a group of a name that is free. */
  create(address: GroupAddress, body: GroupBody): Group {
    const group = new Group(address, body, this.context, (lost) => void this.remove(lost, 0), this.#removals.get(key(address)) ?? Promise.resolve(), this.#made++);
    this.#groups.set(key(address), group);
    return group;
  }

  /** All groups and operations as they are written down. */
  get records(): RegistryRecords {
    const live = new Set<unknown>(this.#groups.values());
    const written = [...this.#operations.values()].slice(-WRITTEN_OPERATIONS);
    const isKnown = (operation: Operation): boolean => live.has(operation.group);
    return { groups: this.all().map((group) => group.record), operations: written.map((operation) => operation.record(!isKnown(operation))) };
  }

  /** Takes over what another process wrote down. Resolves when the engine has been asked what there still is. */
  async takeOver({ groups, operations }: RegistryRecords): Promise<void> {
    const created = new Map(groups.map((record) => [this.create(record.address, record.body), record]));
    const byId = new Map([...created.keys()].map((group) => [group.id, group]));
    for (const record of operations) this.keep(Operation.restore(record, record.gone === undefined ? byId.get(record.groupId) : undefined));
    await Promise.all([...created].map(([group, record]) => group.takeOver(record, this.operation(record.operation ?? ""))));
  }

  /** Lets go of all groups as they are, so that another process can take over. Resolves when what was to end has ended. */
  async detach(): Promise<void> {
    await Promise.all([...this.all().map((group) => group.detach()), ...this.#removals.values()]);
  }

  /** Takes a group off the list at once; its containers end in the background. */
  remove(group: Group, graceInMs: number = this.context.stopGraceInMs): Promise<void> {
    const name = key(group.address);
    this.#groups.delete(name);
    const removal = group.remove(graceInMs).catch(() => undefined);
    this.context.keeper?.changed();
    this.#removals.set(name, removal);
    return removal.then(() => {
      for (const operation of this.#operationsOn.get(group) ?? []) operation.letGo();
      if (this.#removals.get(name) === removal) this.#removals.delete(name);
    });
  }

  /** Removes all groups at once, and forgets all operations. */
  async clear(): Promise<void> {
    await Promise.all(this.all().map((group) => this.remove(group, 0)));
    await Promise.all(this.#removals.values());
    this.#operations.clear();
  }

  keep(operation: Operation): Operation {
    this.#operations.set(operation.id, operation);
    const others = this.#operationsOn.get(operation.group);
    if (others === undefined) this.#operationsOn.set(operation.group, new Set([operation]));
    else others.add(operation);
    const [oldest] = this.#operations.values();
    if (this.#operations.size > KEPT_OPERATIONS && oldest !== undefined) this.#forget(oldest);
    return operation;
  }

  #forget(operation: Operation): void {
    this.#operations.delete(operation.id);
    this.#operationsOn.get(operation.group)?.delete(operation);
  }

  operation(id: string): Operation | undefined {
    return this.#operations.get(id.toLowerCase());
  }
}

function key({ subscriptionId, resourceGroup, name }: GroupAddress): string {
  return `${subscriptionId}/${resourceGroup}/${name}`.toLowerCase();
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
