import type { ContainerEvent, ContainerSnapshot, ContainerState, Snapshot } from "../../container-group.js";
import type { SecretSource } from "../../container-spec.js";
import { redactor, secretsIn } from "../../internal/redact.js";
import { resolveSecrets } from "../../lifecycle/resolve-secrets.js";
import type { ServerSpec } from "../server-spec.js";
import { judgeServer } from "./judge-server.js";
import { isTrouble } from "./why-not-ready.js";

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

  // A group as it may be told of. Only of one that does not come up anything is told in the service's words, which are in its
  // events and in the states of its containers: of an event that tells of no trouble, or may have an unknown secret in it, its
  // kind alone.
  async inSnapshot(snapshot: Snapshot, isReachable: boolean): Promise<Snapshot> {
    if (!["failed", "starting"].includes(judgeServer(snapshot, isReachable).kind)) return snapshot;
    const [events, initContainers, containers] = await Promise.all([this.#inEvents(snapshot.events), this.#inContainers(snapshot.initContainers), this.#inContainers(snapshot.containers)]);
    return { ...snapshot, events, initContainers, containers };
  }

  async #inContainers(containers: readonly ContainerSnapshot[]): Promise<ContainerSnapshot[]> {
    return Promise.all(
      containers.map(async (container) => {
        const { currentState, previousState, events } = container;
        return { ...container, currentState: await this.#inState(currentState), previousState: await this.#inState(previousState), events: await this.#inEvents(events) };
      }),
    );
  }

  async #inState(state: ContainerState | undefined): Promise<ContainerState | undefined> {
    const { detail = "" } = state ?? {};
    return state === undefined || detail === "" ? state : { ...state, detail: await this.hide(detail) };
  }

  async #inEvents(events: readonly ContainerEvent[]): Promise<ContainerEvent[]> {
    return Promise.all(events.map(async (event) => ({ ...event, text: (isTrouble(event) ? await this.hide(event.text) : undefined) ?? event.kind })));
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
