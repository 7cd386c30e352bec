import { AciClient, type AciClientOptions } from "../../src/index.js";
import { withBudget } from "../../src/budget/with-budget.js";
import { partsOf, setParts } from "../../src/client/parts.js";
import type { ContainerGroupSpec, Snapshot } from "../../src/container-group.js";
import { AciError } from "../../src/errors.js";
import type { CreatedGroup, Gateway, RequestOptions, Usage } from "../../src/gateway.js";
import { VirtualClock } from "../../src/internal/clock.js";
import { classifyFault, errorCodeOf, type FaultFacts } from "../../src/lifecycle/faults/classify-fault.js";

interface Group {
  readonly spec: ContainerGroupSpec;
  readonly createdAt: number;
  tags: Record<string, string>;
}

/** An Azure in memory, in virtual time. A container starts after 2 s and runs for `runsInMs`. */
export class FakeAzure {
  readonly clock = new VirtualClock();
  readonly groups = new Map<string, Group>();
  readonly requests: string[] = [];
  readonly puts: ContainerGroupSpec[] = [];
  runsInMs = 10_000;
  exitCode = 0;
  log = "hello\n";
  /** Accepts a delete with 202 and carries it out only so much later. */
  deletesInMs: number | undefined;
  /** How far its clock is ahead of the clients'. */
  aheadInMs = 0;
  /** Whether its resource list tells when groups were created. */
  tellsAges = true;
  /** What the ids of its groups begin with. */
  idPrefix = "/groups/";
  /** Groups on a page of its resource list. */
  pageSize = 1;
  /** What its locations say is used, and how much there is. */
  usages: (location: string, options: RequestOptions) => readonly Usage[] = () => [];
  operation = { status: "Succeeded", events: [] as never[] };
  /** What becomes of a group before it is shown. */
  look: (snapshot: Snapshot) => Snapshot = (snapshot) => snapshot;
  /** Called before each request; may throw, or change what is there. */
  before: (verb: string, subject?: unknown) => void = () => undefined;
  /** Called after its effect; may throw, as if the answer were lost. */
  after: (verb: string) => void = () => undefined;

  client(options: Partial<AciClientOptions> = {}): AciClient {
    const client = new AciClient({ subscriptionId: "s", resourceGroup: "r", location: "westeurope", clock: this.clock, credential: { getToken: () => Promise.reject(new Error("not used")) }, ...options });
    const { budget, ...parts } = partsOf(client);
    const gateway = this.#gateway();
    setParts(client, { ...parts, azureClock: { now: () => this.#now, behindInMs: -this.aheadInMs }, budget, gateway: budget === undefined ? gateway : withBudget(gateway, budget, this.clock) });
    return client;
  }

  // Lets time pass until a promise has settled.
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => void (isSettled = true);
    promise.then(settled, settled);
    const isPending = (): boolean => !isSettled;
    for (let turns = 0; isPending(); turns++) {
      if (turns > 20_000) throw new Error("It never settles");
      const next = this.clock.nextWakeAt;
      await this.clock.advance(next === undefined ? 0 : Math.max(0, next - this.clock.now()));
    }
    return promise;
  }

  fault(facts: FaultFacts): AciError {
    const { kind, isRetryable, mayHaveStarted } = classifyFault(facts);
    return new AciError("It failed", { code: errorCodeOf(kind), isRetryable, mayHaveStarted, ...facts });
  }

  #gateway(): Gateway {
    const effects = {
      put: (group: ContainerGroupSpec) => {
        this.puts.push(group);
        this.groups.set(group.name, { spec: group, createdAt: this.#now, tags: { ...group.tags } });
        return { snapshot: this.#snapshot(group.name), operationUrl: "https://op" };
      },
      get: (name: string) => this.#snapshot(name),
      // One group on each page.
      list: (page?: string) => {
        const names = [...this.groups.keys()];
        const at = Number(page ?? 0);
        return { items: names.slice(at, at + 1).map((name) => this.#snapshot(name)), ...(at + 1 < names.length && { next: String(at + 1) }) };
      },
      listCreated: (page: string | undefined, { groupName }: { groupName?: string }) => {
        const names = [...this.groups.keys()].filter((name) => groupName === undefined || name === groupName);
        const until = Number(page ?? 0) + this.pageSize;
        const items = names.slice(until - this.pageSize, until).map((name) => this.#created(name));
        return { items, ...(until < names.length && { next: String(until) }) };
      },
      patchTags: (name: string, tags: Readonly<Record<string, string>>) => {
        this.#get(name).tags = { ...tags };
        return this.#snapshot(name);
      },
      readLogs: (name: string) => {
        this.#get(name);
        return this.log;
      },
      delete: (name: string) => this.#delete(name),
      stop: () => undefined,
      start: () => ({ operationUrl: "https://op" }),
      restart: () => ({}),
      readOperation: () => this.operation,
      usages: (location: string, options: RequestOptions) => this.usages(location, options),
      awaitOperation: () => this.operation,
    };
    const answer = (verb: string, effect: (...args: never[]) => unknown) => async (...args: never[]) => {
      this.requests.push(verb);
      this.before(verb, args[0]);
      const answered = effect(...args);
      this.after(verb);
      return answered;
    };
    return Object.fromEntries(Object.entries(effects).map(([verb, effect]) => [verb, answer(verb, effect as never)])) as unknown as Gateway;
  }

  #delete(name: string): string {
    const { deletesInMs } = this;
    if (deletesInMs === undefined) return this.groups.delete(name) ? "deleted" : "gone";
    void this.clock.sleep(deletesInMs).then(() => this.groups.delete(name));
    return "accepted";
  }

  #get(name: string): Group {
    const group = this.groups.get(name);
    if (group === undefined) throw this.fault({ statusCode: 404, serviceCode: "ResourceNotFound" });
    return group;
  }

  get #now(): number {
    return this.clock.now() + this.aheadInMs;
  }

  #created(name: string): CreatedGroup {
    const { spec, createdAt, tags } = this.#get(name);
    return { id: `${this.idPrefix}${name}`, groupName: name, location: spec.location ?? "", tags: { ...tags }, ...(this.tellsAges && { createdAt: new Date(createdAt).toISOString() }) };
  }

  #snapshot(name: string): Snapshot {
    const { spec, createdAt, tags } = this.#get(name);
    const age = this.#now - createdAt;
    const startedAt = new Date(createdAt + 2000).toISOString();
    const ended = { state: "Terminated", startedAt, finishedAt: new Date(createdAt + 2000 + this.runsInMs).toISOString(), exitCode: this.exitCode, detail: "Completed" };
    const currentState = age < 2000 ? { state: "Waiting" } : age < 2000 + this.runsInMs ? { state: "Running", startedAt } : ended;
    const containers = spec.containers.map(({ name: containerName, image }) => ({ containerName, image, cpu: 1, memoryInGB: 1, restartCount: 0, currentState, events: [] }));
    return this.look({ id: `${this.idPrefix}${name}`, groupName: name, location: spec.location ?? "", tags: { ...tags }, provisioningState: "Succeeded", state: "Running", containers, initContainers: [], ports: [], events: [] });
  }
}
