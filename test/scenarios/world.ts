import { AciClient, memoryMailbox, runContainerJob, webhook, type ContainerJobSpec, type JobResult, type LifecycleEvent, type Mailbox, type RunContainerJobOptions, type Signal, type Snapshot, type WebhookOptions, type WebhookStrategy } from "aci-lifecycle";
import { scripted, startEmulator, VirtualClock, type Emulator, type ScriptedContainer, type StartEmulatorOptions } from "aci-lifecycle/emulator";
import { createSignalReceiver, type RequestHandler } from "aci-lifecycle/http";
import { partsOf, setParts } from "../../src/client/parts.js";
import type { Gateway } from "../../src/gateway.js";
import { jobHash, nameBaseOf } from "../../src/lifecycle/identity.js";
import { SECRET } from "../completion/calls.js";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export type Program = (container: ScriptedContainer) => number | Promise<number>;

/** A container that says so when it begins, works for so long, and ends. */
export const works = (ms: number, exitCode = 0): Program => async (container) => {
  container.print(`${container.name} has begun\n`);
  await container.sleep(ms);
  container.print(`${container.name} is done\n`);
  return exitCode;
};

export interface Ran {
  readonly result: JobResult;
  readonly events: readonly LifecycleEvent[];
}

/**
 * The emulator with containers that are functions, and a client of it. The requests between them are real ones; the time of both is
 * not, and passes only while no request is under way.
 */
export class World implements AsyncDisposable {
  readonly clock: VirtualClock;
  readonly client: AciClient;
  readonly emulator: Emulator;
  /** What the client has asked for, in its words, and when. */
  readonly asked: { readonly verb: string; readonly at: number }[] = [];
  /** What becomes of an answer to a look: for what the emulator never says by itself. */
  look: (snapshot: Snapshot) => Snapshot = (snapshot) => snapshot;
  /** Called before each request of the client; may throw, or wait. */
  before: (verb: string) => unknown = () => undefined;
  /** Called before the client has an answer; may wait. */
  after: (verb: string) => unknown = () => undefined;
  #underWay = 0;

  private constructor(emulator: Emulator, clock: VirtualClock) {
    this.emulator = emulator;
    this.clock = clock;
    this.client = this.newClient();
  }

  static async open(images: Readonly<Record<string, Program>>, options: Omit<StartEmulatorOptions, "engine"> = {}): Promise<World> {
    const clock = new VirtualClock();
    return new World(await startEmulator({ ...options, engine: scripted(images, { clock }) }), clock);
  }

  /** Another client of the same emulator, as another process would have. */
  newClient(): AciClient {
    const client = new AciClient({ ...this.emulator.clientOptions, clock: this.clock });
    const { gateway } = partsOf(client);
    setParts(client, { ...partsOf(client), gateway: this.#watched(gateway) });
    return client;
  }

  /** Runs a job to its end. */
  async run(spec: ContainerJobSpec, options: RunContainerJobOptions = {}): Promise<Ran> {
    const events: LifecycleEvent[] = [];
    const onEvent = (event: LifecycleEvent): void => {
      events.push(event);
      options.onEvent?.(event);
    };
    return { result: await this.until(runContainerJob(this.client, spec, { reject: false, ...options, onEvent })), events };
  }

  /** Lets time pass until something has settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const seen = { isSettled: false };
    const settled = (): void => void (seen.isSettled = true);
    promise.then(settled, settled);
    for (;;) {
      // Two turns, because what an answer leads to may take one by itself.
      for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
      if (seen.isSettled) return promise;
      const { nextWakeAt } = this.clock;
      if (this.#underWay > 0) await new Promise((resolve) => setTimeout(resolve, 0));
      else if (nextWakeAt === undefined) throw new Error("Nobody waits for anything, and it has not settled");
      else await this.clock.advance(Math.max(0, nextWakeAt - this.clock.now()));
    }
  }

  /** Does what takes no time of the world's, however long it takes. */
  async during<T>(work: () => T | Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work();
    } finally {
      this.#underWay--;
    }
  }

  /** How often the client has asked for something. */
  count(verb: string): number {
    return this.asked.filter((one) => one.verb === verb).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.emulator.close();
  }

  #watched(gateway: Gateway): Gateway {
    const ask = (verb: string, send: (...args: unknown[]) => Promise<unknown>) => (...args: unknown[]) =>
      this.during(async () => {
        this.asked.push({ verb, at: this.clock.now() });
        await this.before(verb);
        const answer = await send(...args);
        await this.after(verb);
        return verb === "get" ? this.look(answer as Snapshot) : answer;
      });
    return new Proxy(gateway, { get: (target, verb) => ask(String(verb), (target[verb as keyof Gateway] as (...args: unknown[]) => Promise<unknown>).bind(target)) });
  }
}

/** Containers that call a receiver, and what they say. */
export class Callers {
  readonly signals: Signal[] = [];
  readonly refused: number[] = [];
  readonly mailbox: Mailbox;
  readonly completion: WebhookStrategy;
  readonly receiver: RequestHandler;

  constructor(
    readonly world: World,
    options: Partial<WebhookOptions> = {},
  ) {
    const { clock } = world;
    this.mailbox = memoryMailbox({ clock });
    this.completion = webhook({ url: "https://jobs.example.com/callbacks", secret: SECRET, report: "container", clock, mailbox: this.mailbox, onRefused: ({ status }) => this.refused.push(status), ...options });
    this.receiver = createSignalReceiver(this.completion, { onSignal: (signal) => this.signals.push(signal) });
  }

  /** What a container sends by its environment, and the status that it is answered. */
  call(environment: Readonly<Record<string, string>>, body = ENDED, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    const { ACI_JOB_CALLBACK_URL: url = "", ACI_JOB_CALLBACK_TOKEN: token = "" } = environment;
    return this.send(url, body, { authorization: `Bearer ${token}`, ...headers });
  }

  async send(url: string, body: string | ReadableStream, headers: Readonly<Record<string, string>>): Promise<number> {
    return this.world.during(async () => (await this.receiver(new Request(url, { method: "POST", headers, body, ...(typeof body !== "string" && { duplex: "half" }) }))).status);
  }

  /** What a container of that job finds in its environment. */
  async environmentOf(key: string, attempt = 1): Promise<Readonly<Record<string, string>>> {
    const groupName = `${nameBaseOf(jobHash(key))}-${attempt}`;
    const { environment = {} } = (await this.completion.prepare?.({ key, attempt, groupName, kind: "k", osType: "Linux" })) ?? {};
    return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, typeof value === "object" && "secureValue" in value ? value.secureValue : ""]));
  }
}

export const ENDED = '{"type":"job.ended","exitCode":0}';
