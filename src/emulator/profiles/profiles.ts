import type { GroupProperties } from "../body/group-body.js";

/** One revision of a container group profile: what it was last put as. */
export interface Profile {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly revision: number;
  readonly body: ProfileBody;
}

export interface ProfileBody {
  readonly location?: string;
  readonly zones?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: Partial<GroupProperties>;
}

type ProfileAddress = Pick<Profile, "subscriptionId" | "resourceGroup" | "name">;

/** The container group profiles that exist, with all their revisions. */
export class Profiles {
  readonly #revisions = new Map<string, Profile[]>();

  /** A revision of a profile, or the newest. */
  find(address: ProfileAddress, revision?: number): Profile | undefined {
    const revisions = this.revisions(address);
    return revision === undefined ? revisions.at(-1) : revisions.find((one) => one.revision === revision);
  }

  revisions(address: ProfileAddress): readonly Profile[] {
    return this.#revisions.get(key(address)) ?? [];
  }

  /** The newest revisions of a subscription, or of one resource group. */
  list(subscriptionId: string, resourceGroup?: string): Profile[] {
    const newest = [...this.#revisions.values()].flatMap((revisions) => revisions.slice(-1));
    return newest.filter((one) => same(one.subscriptionId, subscriptionId) && (resourceGroup === undefined || same(one.resourceGroup, resourceGroup)));
  }

  put(address: ProfileAddress, body: ProfileBody): Profile {
    const revisions = this.revisions(address);
    const profile = { ...(revisions[0] ?? address), revision: (revisions.at(-1)?.revision ?? 0) + 1, body };
    this.#revisions.set(key(address), [...revisions, profile]);
    return profile;
  }

  /** Replaces the newest revision, as a change of tags does: it makes no revision of its own. */
  retag(profile: Profile, tags: ProfileBody["tags"]): Profile {
    const changed = { ...profile, body: { ...profile.body, tags: tags ?? {} } };
    this.#revisions.set(key(profile), [...this.revisions(profile).slice(0, -1), changed]);
    return changed;
  }

  remove(address: ProfileAddress): boolean {
    return this.#revisions.delete(key(address));
  }

  /** The revisions of each, as they are written down. */
  get records(): (readonly Profile[])[] {
    return [...this.#revisions.values()];
  }

  /** Takes over what another process wrote down. */
  takeOver(records: readonly (readonly Profile[])[]): void {
    for (const revisions of records) if (revisions[0] !== undefined) this.#revisions.set(key(revisions[0]), [...revisions]);
  }

  clear(): void {
    this.#revisions.clear();
  }
}

function key({ subscriptionId, resourceGroup, name }: ProfileAddress): string {
  return `${subscriptionId}/${resourceGroup}/${name}`.toLowerCase();
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
