import { inspect } from "node:util";
import { AciClient, isAciError, memoryStore, runContainerJob, sweep, type ContainerJobSpec, type JobStore, type LogSink, type RunContainerJobOptions, type SweepOptions } from "aci-lifecycle";
import { scripted, startEmulator, VirtualClock, type Emulator, type FaultRule, type ScriptedContainer, type StartEmulatorOptions } from "aci-lifecycle/emulator";
import { MemoryFiles } from "../jobs/files/memory-files.js";
import { Adversary, type Tampering, type Heard } from "./adversary.js";
import { CANARIES, type Seen } from "./canaries.js";

export const KEY = "canaries";
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

const images: Readonly<Record<string, (container: ScriptedContainer) => Promise<number>>> = {
  work: (container) => worked(container, 20 * SECOND, 0),
  fail: (container) => worked(container, 20 * SECOND, 3),
  killed: (container) => worked(container, 20 * SECOND, 137),
  long: (container) => worked(container, 60 * MINUTE, 0),
  sidecar: (container) => worked(container, 24 * 60 * MINUTE, 0),
  chatter: async (container) => {
    for (let n = 0; n < 3000; n++) container.print(`line ${n} of what it has to say\n`);
    return worked(container, 20 * SECOND, 0);
  },
  leaky: (container) => {
    container.print(`${Object.values(container.environment).join("\n")}\n`);
    return worked(container, 20 * SECOND, 0);
  },
  init: (container) => worked(container, SECOND, 0),
  "init-fails": (container) => worked(container, SECOND, 9),
};

async function worked(container: ScriptedContainer, ms: number, exitCode: number): Promise<number> {
  container.print(`${container.name} is at work\n`);
  await container.sleep(ms);
  container.print(`${container.name} has done it\n`);
  return exitCode;
}

/** A job that has a secret in every place that takes one. The twelfth, the token, is the client's. */
export const SPEC: ContainerJobSpec & { readonly key: string } = {
  key: KEY,
  image: "work",
  command: ["work"],
  environment: { PLAIN: "plain", SECURE: { secureValue: CANARIES["secure variable"] }, RESOLVED: { secret: "variable" } },
  sidecars: [{ name: "sidecar", image: "sidecar", environment: { CLIENT_SECRET: { secureValue: CANARIES["client secret of a sidecar"] } } }],
  initContainers: [{ name: "init", image: "init", environment: { CONNECTION: { secureValue: CANARIES["connection string of an init container"] } } }],
  volumes: [
    { name: "share", azureFile: { account: "acct", share: "share", accountKey: { secureValue: CANARIES["storage account key"] } } },
    { name: "files", secret: { "sas.txt": { secureValue: CANARIES["shared access signature"] }, "key.pem": { secureValue: CANARIES["certificate in a secret volume"] } } },
  ],
  registries: [
    { server: "one.example", username: "user", password: { secureValue: CANARIES["registry password"] } },
    { server: "two.example", username: "user", password: { secret: "registry" } },
  ],
  logAnalytics: { workspaceId: "workspace", workspaceKey: { secureValue: CANARIES["workspace key"] } },
  files: { inputs: { "in.txt": { text: "input" } } },
};

const secrets = (name: string): string => (name === "registry" ? CANARIES["resolved registry password"] : CANARIES["resolved secret"]);

/** The emulator, an adversary in front of it, a client in virtual time, and everything that comes out of them. */
export class Stage {
  readonly seen: Seen[] = [];
  readonly clock = new VirtualClock();
  readonly handles: unknown[] = [];
  /** Secrets of this run alone, by the place each has. */
  readonly besides: Record<string, string> = {};
  readonly files = new MemoryFiles();
  client!: AciClient;
  emulator!: Emulator;
  adversary!: Adversary;
  /** How far the client's own clock is ahead of the service's. */
  aheadInMs = 0;
  #asleep = 0;

  static async open(options: StartEmulatorOptions = {}): Promise<Stage> {
    const stage = new Stage();
    stage.emulator = await startEmulator({ engine: scripted(images, { clock: stage.clock }), token: CANARIES["bearer token"], ...options });
    await stage.emulator.share("acct", "share");
    stage.adversary = new Adversary(stage.emulator.endpoint);
    await stage.adversary.listen();
    stage.adversary.onCreated = () => stage.#lookAround();
    stage.files.mount = () => ({ account: "acct", share: "share", accountKey: { secureValue: CANARIES["file store key"] } });
    stage.client = stage.newClient();
    return stage;
  }

  newClient(getToken: () => Promise<string> = () => Promise.resolve(CANARIES["bearer token"])): AciClient {
    const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
      this.#asleep++;
      await this.clock.sleep(ms, signal).finally(() => this.#asleep--);
    };
    const credential = { getToken: async () => ({ token: await getToken(), expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const clock = { now: () => this.clock.now() + this.aheadInMs, sleep };
    return new AciClient({ ...this.emulator.clientOptions, endpoint: this.adversary.endpoint, credential, clock, onEvent: (event) => this.see("event of the client", event) });
  }

  /** Sets a fault of the emulator. */
  inject(...rules: readonly FaultRule[]): void {
    for (const rule of rules) this.emulator.inject(rule);
  }

  tamper(tamper: (heard: Heard) => Tampering): void {
    this.adversary.tamper = tamper;
  }

  readonly sink: LogSink = { write: (lines) => this.see("log sink", lines) };

  /** A store that shows us what it is given. */
  watched(store: JobStore): JobStore {
    return {
      read: (key) => store.read(key),
      write: (key, value, ifVersion) => {
        this.see("store", { key, value });
        this.handles.push(value);
        return store.write(key, value, ifVersion);
      },
      delete: (key) => store.delete(key),
    };
  }

  options(more: RunContainerJobOptions = {}): RunContainerJobOptions {
    return { secrets, fileStore: this.files, store: this.watched(memoryStore()), onEvent: (event) => this.see("event of the job", event), ...more };
  }

  /** Runs the job to whatever end it comes to, and answers that in a word. */
  async run(spec: Partial<ContainerJobSpec> = {}, options: RunContainerJobOptions = {}, client = this.client): Promise<string> {
    // What earlier jobs told is not told of this one.
    this.adversary.creates.length = 0;
    return this.ending(this.until(runContainerJob(client, { ...SPEC, ...spec }, this.options(options))));
  }

  /** Waits for something to settle, shows what it is, and answers its outcome or code. */
  async ending(promise: Promise<unknown>): Promise<string> {
    try {
      const result = (await promise) as { outcome: string };
      this.see("result", result);
      return result.outcome;
    } catch (error) {
      this.seeError(error);
      return isAciError(error) ? ((error as { outcome?: string }).outcome ?? error.code) : (error as Error).name;
    }
  }

  /** What a sweep says, after everything that any job may take. Only what it sends itself can be told of it. */
  async sweep(options: SweepOptions = {}, hours = 48): Promise<void> {
    this.adversary.isTalkative = false;
    await this.clock.advance(hours * 60 * MINUTE);
    await this.until(sweep(this.client, options)).then(
      (report) => this.see("sweep report", report),
      (error: unknown) => this.seeError(error),
    );
  }

  /** Lets time pass while everybody sleeps, until all promises have settled. */
  async until<T>(...promises: readonly Promise<T>[]): Promise<T> {
    let open = promises.length;
    for (const promise of promises) promise.catch(() => undefined).finally(() => open--);
    // Who does not sleep waits for an answer, which may take as long as it likes: no time passes.
    while (open > 0) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      const next = this.clock.nextWakeAt;
      if (open > 0 && this.#asleep >= open && next !== undefined) await this.clock.advance(Math.max(0, next - this.clock.now()));
    }
    return Promise.all(promises).then(([first]) => first as T);
  }

  see(where: string, what: unknown): void {
    this.seen.push({ where, text: typeof what === "string" ? what : JSON.stringify(what) });
  }

  // An error as anybody may print it, and all that led to it.
  seeError(error: unknown): void {
    for (let one = error, depth = 0; one !== undefined && depth < 10; one = (one as { cause?: unknown }).cause, depth++) {
      const where = `error${depth === 0 ? "" : `, cause ${depth}`}`;
      this.see(`${where} inspected`, inspect(one, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null }));
      this.see(`${where} as JSON`, [one]);
      this.see(`${where} stack`, (one as Error).stack ?? "");
      this.see(`${where} message`, (one as Error).message);
      const own = Object.getOwnPropertyNames(one).map((name) => [name, (one as Record<string, unknown>)[name]]);
      this.see(`${where} properties`, inspect(own, { depth: null, showHidden: true, maxStringLength: null }));
    }
  }

  // Everything that the emulator tells a client that may read.
  async #lookAround(): Promise<void> {
    const { subscriptionId, resourceGroup } = this.emulator.clientOptions;
    const groups = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerInstance/containerGroups`;
    const paths = [...this.emulator.groups().map(({ name }) => `${groups}/${name}?api-version=2023-05-01`), `${groups}?api-version=2023-05-01`, `/subscriptions/${subscriptionId}/resources?api-version=2021-04-01`, "/emulator/state"];
    const headers = { authorization: `Bearer ${CANARIES["bearer token"]}` };
    for (const url of paths) this.see("answer of the emulator", (await this.adversary.forward({ method: "GET", url, headers, body: "" })).text);
    this.see("groups of the emulator, with their tags", this.emulator.groups());
  }

  async close(): Promise<void> {
    this.see("requests of the emulator", this.emulator.requests);
    await this.adversary.close();
    await this.emulator.close();
  }
}
