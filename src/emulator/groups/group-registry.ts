import type { GroupBody } from "../body/group-body.js";
import type { DeploymentContext } from "./deployment.js";
import { Group, type GroupAddress } from "./group.js";
import type { Operation } from "./operation.js";

// Older ones are forgotten, as an emulator may run for weeks.
const KEPT_OPERATIONS = 10_000;

/** All groups that exist, the operations on them, and what is still being removed. */
export class GroupRegistry {
  readonly #groups = new Map<string, Group>();
  readonly #operations = new Map<string, Operation>();
  readonly #removals = new Map<string, Promise<void>>();

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
    const group = new Group(address, body, this.context, (lost) => void this.remove(lost, 0), this.#removals.get(key(address)) ?? Promise.resolve());
    this.#groups.set(key(address), group);
    return group;
  }

  /** Takes a group off the list at once; its containers end in the background. */
  remove(group: Group, graceInMs: number = this.context.stopGraceInMs): Promise<void> {
    const name = key(group.address);
    this.#groups.delete(name);
    const removal = group.remove(graceInMs).catch(() => undefined);
    this.#removals.set(name, removal);
    return removal.then(() => {
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
    const [oldest] = this.#operations.keys();
    if (this.#operations.size > KEPT_OPERATIONS && oldest !== undefined) this.#operations.delete(oldest);
    return operation;
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
