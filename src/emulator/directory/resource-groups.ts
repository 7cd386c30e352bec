/** A resource group: a name under which other resources are. */
export interface ResourceGroup {
  readonly subscriptionId: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>> | undefined;
}

/** The resource groups that exist: the emulator's own, and those that clients made. */
export class ResourceGroups {
  readonly #groups = new Map<string, ResourceGroup>();

  constructor(
    private readonly subscriptionId: string,
    private readonly name: string,
    private readonly location: string,
  ) {
    this.clear();
  }

  find(subscriptionId: string, name: string): ResourceGroup | undefined {
    return this.#groups.get(key(subscriptionId, name));
  }

  list(subscriptionId: string): ResourceGroup[] {
    return [...this.#groups.values()].filter((group) => group.subscriptionId.toLowerCase() === subscriptionId.toLowerCase());
  }

  put(group: ResourceGroup): void {
    this.#groups.set(key(group.subscriptionId, group.name), group);
  }

  remove(subscriptionId: string, name: string): void {
    this.#groups.delete(key(subscriptionId, name));
  }

  /** All of them, as they are written down. */
  get records(): ResourceGroup[] {
    return [...this.#groups.values()];
  }

  /** Names the emulator's own. */
  get home(): string {
    return key(this.subscriptionId, this.name);
  }

  /** Takes over what another process wrote down. Its own may have been deleted; one that it did not have is made. */
  takeOver(records: readonly ResourceGroup[], home: string): void {
    if (home === this.home) this.#groups.clear();
    for (const group of records) this.put(group);
  }

  /** Forgets all but the emulator's own. */
  clear(): void {
    this.#groups.clear();
    this.put({ subscriptionId: this.subscriptionId, name: this.name, location: this.location, tags: undefined });
  }
}

function key(subscriptionId: string, name: string): string {
  return `${subscriptionId}/${name}`.toLowerCase();
}
