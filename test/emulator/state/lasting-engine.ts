import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scripted, startEmulator, VirtualClock, type Emulator, type Engine, type EngineContainerSpec, type EngineGroup, type EngineRun, type FoundRun, type ScriptedContainer, type StartEmulatorOptions } from "aci-lifecycle/emulator";

/** Functions as containers, in virtual time, which run on when the emulator ends, as those of Docker do. */
export class LastingEngine {
  readonly clock = new VirtualClock();
  /** Every start of a container that there ever was. */
  readonly starts: EngineContainerSpec[] = [];
  /** By the id of the group. */
  readonly left = new Map<string, { group: EngineGroup; runs: Map<string, FoundRun> }>();
  /** Called before a run is removed. */
  onRemove: () => void = () => undefined;
  /** What a start waits for, once the container is there. */
  hold: Promise<void> = Promise.resolve();
  /** Whether it fails to look for groups. */
  isDown = false;
  readonly #inner: Engine;

  constructor(images: Readonly<Record<string, (container: ScriptedContainer) => number | Promise<number>>>) {
    this.#inner = scripted(images, { clock: this.clock });
  }

  /** The engine as one emulator has it. After a cut nothing that this one asks for is done or answered. */
  connect(): { readonly engine: Engine; readonly cut: () => void } {
    let isCut = false;
    const whileAlive = async <T>(work: () => Promise<T>): Promise<T> => (isCut ? new Promise<T>(() => undefined) : work());
    const groupOver = ({ group, runs }: { group: EngineGroup; runs: Map<string, FoundRun> }, id: string): EngineGroup => ({
      ip: group.ip,
      pull: (image, login) => whileAlive(() => group.pull(image, login)),
      start: (container) => whileAlive(() => this.#start(group, runs, container)).then((run) => runOver(run)),
      close: () => whileAlive(() => this.#remove(id)),
    });
    const runOver = (run: EngineRun): EngineRun => ({ ...methodsOf(run), stop: (graceInMs) => whileAlive(() => run.stop(graceInMs)), remove: () => whileAlive(() => run.remove()) });
    const engine: Engine = {
      ...this.#inner,
      name: "lasting",
      open: async (session) => {
        for (const id of this.left.keys()) if (session.state?.groups.includes(id) !== true) await this.#remove(id);
        return this.#inner.open(session);
      },
      openGroup: (spec) =>
        whileAlive(async () => {
          if (this.left.has(spec.id)) throw new Error(`The group ${spec.name} is there already`);
          const left = { group: await this.#inner.openGroup(spec), runs: new Map<string, FoundRun>() };
          this.left.set(spec.id, left);
          return groupOver(left, spec.id);
        }),
      findGroup: async ({ id }) => {
        if (this.isDown) throw new Error("The engine does not answer");
        const left = this.left.get(id);
        return left === undefined ? undefined : { group: groupOver(left, id), runs: [...left.runs.values()].map((found) => ({ ...found, run: runOver(found.run) })) };
      },
      close: async () => undefined,
    };
    return { engine, cut: () => (isCut = true) };
  }

  /** The one run that there is of a container, whatever its group. */
  runOf(container: string): FoundRun | undefined {
    return [...this.left.values()].flatMap(({ runs }) => [...runs.values()]).find((run) => run.container === container);
  }

  async #start(group: EngineGroup, runs: Map<string, FoundRun>, container: EngineContainerSpec): Promise<EngineRun> {
    this.starts.push(container);
    const started = await group.start(container);
    const remove = async (): Promise<void> => {
      this.onRemove();
      await started.remove();
      runs.delete(container.name);
    };
    const run = { ...methodsOf(started), remove };
    runs.set(container.name, { container: container.name, number: container.run, run });
    await this.hold;
    return run;
  }

  async #remove(id: string): Promise<void> {
    await this.left.get(id)?.group.close();
    this.left.delete(id);
  }
}

/** Emulators one after the other on the same state, each killed before the next. */
export class Lives {
  emulator!: Emulator;
  folder = "";
  #cut: () => void = () => undefined;
  readonly #folders: string[] = [];

  /** @param connect - Called for the engine of each. */
  constructor(
    private readonly connect: () => { readonly engine: Engine; readonly cut: () => void },
    private readonly options: StartEmulatorOptions = {},
  ) {}

  async begin(folder?: string): Promise<void> {
    this.folder = folder ?? (await this.#newFolder());
    const { engine, cut } = this.connect();
    this.#cut = cut;
    this.emulator = await startEmulator({ ...this.options, engine, stateFolder: this.folder });
  }

  /** The state as a kill at this moment would leave it. */
  async atThisMoment(): Promise<string> {
    const folder = await this.#newFolder();
    await cp(join(this.folder, "state.json"), join(folder, "state.json"));
    return folder;
  }

  /** Ends the emulator without a last word, and lets `meanwhile` happen before the next one starts. */
  async kill(meanwhile: () => Promise<void> = async () => undefined, folder?: string): Promise<void> {
    const left = folder ?? (await this.atThisMoment());
    this.#cut();
    // All that is left of it is a server; it may wait for ever for an engine that does not answer.
    void this.emulator.close();
    await meanwhile();
    await this.begin(left);
  }

  async end(): Promise<void> {
    await this.emulator.close();
    for (const folder of this.#folders) await rm(folder, { recursive: true });
  }

  async #newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "state-"));
    this.#folders.push(folder);
    return folder;
  }
}

// An object with what a class has on its prototype, so that parts of it can be replaced.
function methodsOf(run: EngineRun): EngineRun {
  return {
    id: run.id,
    startedAt: run.startedAt,
    ended: run.ended,
    logs: (options) => run.logs(options),
    check: (check, limits) => run.check(check, limits),
    stop: (graceInMs) => run.stop(graceInMs),
    exec: (options) => run.exec(options),
    attach: () => run.attach(),
    remove: () => run.remove(),
  };
}
