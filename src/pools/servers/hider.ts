import type { ContainerEvent, ContainerSnapshot, Snapshot } from "../../container-group.js";
import type { SecretSource } from "../../container-spec.js";
import { redactor, secretsIn } from "../../internal/redact.js";
import { resolveSecrets } from "../../lifecycle/resolve-secrets.js";
import type { ServerSpec } from "../server-spec.js";
import { judgeServer } from "./judge-server.js";

/** Takes secrets out of what the service says in its own words: it may repeat what it was told, by whichever process that was. */
export class Hider {
  readonly #secrets: Set<string>;
  #hide: (text: string) => string;
  #isComplete = false;
  #resolving: Promise<boolean> | undefined;

  constructor(
    private readonly spec: ServerSpec,
    private readonly source: SecretSource | undefined,
  ) {
    this.#secrets = new Set(secretsIn(spec));
    this.#hide = redactor([...this.#secrets]);
  }

  // Knows the secrets of a group or spec, which are resolved, from now on.
  learn(resolved: object): void {
    this.#isComplete = true;
    const fresh = secretsIn(resolved).filter((secret) => !this.#secrets.has(secret));
    if (fresh.length === 0) return;
    for (const secret of fresh) this.#secrets.add(secret);
    this.#hide = redactor([...this.#secrets]);
  }

  // A text without secrets; undefined where those that the spec has by name cannot be resolved, and so not be found in it.
  async hide(text: string): Promise<string | undefined> {
    return (await this.#complete()) ? this.#hide(text) : undefined;
  }

  // A text without the secrets that are known by now, for what the service has not written.
  hideKnown(text: string): string {
    return this.#hide(text);
  }

  // A group as it may be told of. Only of one that has failed anything is told in the service's words, which are in its events:
  // of an event that may have an unknown secret in it its kind alone.
  async inSnapshot(snapshot: Snapshot, isReachable: boolean): Promise<Snapshot> {
    if (judgeServer(snapshot, isReachable).kind !== "failed") return snapshot;
    const inEvents = (events: readonly ContainerEvent[]): Promise<ContainerEvent[]> => Promise.all(events.map(async (event) => ({ ...event, text: (await this.hide(event.text)) ?? event.kind })));
    const inContainer = async (container: ContainerSnapshot): Promise<ContainerSnapshot> => ({ ...container, events: await inEvents(container.events) });
    return { ...snapshot, events: await inEvents(snapshot.events), containers: await Promise.all(snapshot.containers.map(inContainer)) };
  }

  // Resolves the secrets once. Where that fails, it is tried again for the next text.
  async #complete(): Promise<boolean> {
    if (this.#isComplete) return true;
    this.#resolving ??= this.#resolve().finally(() => (this.#resolving = undefined));
    return this.#resolving;
  }

  async #resolve(): Promise<boolean> {
    try {
      this.learn(await resolveSecrets(this.spec, this.source));
      return true;
    } catch {
      return false;
    }
  }
}
