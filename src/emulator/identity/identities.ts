import type { GroupBody } from "../body/group-body.js";
import type { EngineGroup } from "../engine.js";
import { isSame } from "../server/guard.js";
import type { Tokens } from "../tokens/tokens.js";
import { assignedIdentities } from "./assigned.js";
import { GroupIdentity } from "./group-identity.js";

/** The identities of all groups that are deployed now. */
export class Identities {
  readonly #open = new Set<GroupIdentity>();

  /** @param endpoint - Where tokens are had by those whose containers have no network of their own. */
  constructor(
    private readonly tokens: Tokens,
    private readonly endpoint: string,
  ) {}

  /** What a deployment of a group has its tokens from; undefined for one without identity. */
  open(groupId: string, identity: GroupBody["identity"], deployment: string): GroupIdentity | undefined {
    const assigned = identity === undefined ? [] : assignedIdentities(groupId, identity);
    return assigned.length === 0 ? undefined : new GroupIdentity(assigned, this.tokens, deployment);
  }

  /**
   * What containers are told of it in their environment. As on Azure where the group has the metadata service's address;
   * elsewhere as App Service does it, with a secret that is good until the deployment ends.
   */
  environment(identity: GroupIdentity, { metadata }: EngineGroup): Readonly<Record<string, string>> {
    if (metadata !== undefined) return { IDENTITY_API_VERSION: "2020-05-01", IDENTITY_HEADER: identity.secret, IDENTITY_SERVER_THUMBPRINT: identity.thumbprint };
    this.#open.add(identity);
    return { IDENTITY_ENDPOINT: `${this.endpoint}/emulator/identity/token`, IDENTITY_HEADER: identity.secret };
  }

  /** The one whose secret this is. */
  find(secret: string): GroupIdentity | undefined {
    return [...this.#open].find((identity) => isSame(secret, identity.secret));
  }

  /** Makes its secret worthless. */
  close(identity: GroupIdentity): void {
    this.#open.delete(identity);
  }
}
